"""The roads by which people opt out while a campaign runs, each as a person or their mail program would take it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any


def _client() -> Any:
    from django.test import Client

    return Client(HTTP_HOST="127.0.0.1")


def _well(answer: Any, *codes: int) -> None:
    if answer.status_code not in codes:
        raise RuntimeError(f"An opt-out was answered with {answer.status_code}.")


def _one_click(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> None:
    _well(_client().post(f"/marketing/leave/{token}/", {"List-Unsubscribe": "One-Click"}), 200)


def _page(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> None:
    _well(_client().post(f"/marketing/leave/{token}/"), 200)


def _choices(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> None:
    from tests.support.pages import answer

    _well(answer(_client(), f"/marketing/choices/{token}/", {}), 302)


def _api(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> None:
    _well(_client().post("/api/v1/marketing/opt-out", {"token": str(token)}, "application/json"), 204)


def _mail(address: str, _token: uuid.UUID, _subject: uuid.UUID) -> None:
    from privacy.internal.desk.receiving import receive_letter

    letter = f"From: {address}\nTo: privacy@kmall24.com\nSubject: unsubscribe\nMessage-ID: <{uuid.uuid4()}@x>\n\nunsubscribe\n"
    receive_letter(letter.encode())


def _staff(_address: str, _token: uuid.UUID, subject: uuid.UUID) -> None:
    from privacy.models import Subject
    from privacy.permission import withdraw

    withdraw(Subject.objects.get(pk=subject), method="admin", surface="staff.admin")


ROADS: dict[str, Callable[[str, uuid.UUID, uuid.UUID], None]] = {
    "one_click": _one_click,
    "page": _page,
    "choices": _choices,
    "api": _api,
    "mail": _mail,
    "staff": _staff,
}


def by_the_centre(user: Any) -> None:
    from django.urls import reverse

    from tests.support.pages import hidden_inputs

    client = _client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    _well(client.post(reverse("privacy:choose"), hidden_inputs(client.get(reverse("privacy:centre")))), 302)
