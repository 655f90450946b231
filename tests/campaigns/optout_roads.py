"""The roads by which people opt out while a campaign runs, each as a person or their mail program would take it.

A road leads up to the button and hands it over; whoever presses it takes the time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

# The moment of the opt-out itself: whatever page it needs is open before.
Press = Callable[[], object]


@cache
def _open_store() -> Any:
    """What answers: the middleware is loaded once, as in a web server, and not for every browser."""
    from django.test.client import ClientHandler

    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


def _client() -> Any:
    """A browser that nobody has used before."""
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1")
    client.handler = _open_store()
    return client


def _post(path: str, *said: Any, answered: int, client: Any = None) -> Press:
    client = client or _client()

    def press() -> None:
        code = client.post(path, *said).status_code
        if code != answered:
            raise RuntimeError(f"An opt-out was answered with {code}.")

    return press


def _one_click(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> Press:
    return _post(f"/marketing/leave/{token}/", {"List-Unsubscribe": "One-Click"}, answered=200)


def _page(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> Press:
    return _post(f"/marketing/leave/{token}/", answered=200)


def _choices(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> Press:
    return _form(_client(), f"/marketing/choices/{token}/")


def _api(_address: str, token: uuid.UUID, _subject: uuid.UUID) -> Press:
    return _post("/api/v1/marketing/opt-out", {"token": str(token)}, "application/json", answered=204)


def _mail(address: str, _token: uuid.UUID, _subject: uuid.UUID) -> Press:
    from privacy.internal.desk.receiving import receive_letter

    letter = f"From: {address}\nTo: privacy@kmall24.com\nSubject: unsubscribe\nMessage-ID: <{uuid.uuid4()}@x>\n\nunsubscribe\n"
    return lambda: receive_letter(letter.encode())


def _staff(_address: str, _token: uuid.UUID, subject: uuid.UUID) -> Press:
    from privacy.models import Subject
    from privacy.permission import withdraw

    person = Subject.objects.get(pk=subject)
    return lambda: withdraw(person, method="admin", surface="staff.admin")


ROADS: dict[str, Callable[[str, uuid.UUID, uuid.UUID], Press]] = {
    "one_click": _one_click,
    "page": _page,
    "choices": _choices,
    "api": _api,
    "mail": _mail,
    "staff": _staff,
}


def by_the_centre(user: Any) -> Press:
    """The privacy centre, signed in, with no box ticked."""
    from django.urls import reverse

    client = _client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return _form(client, reverse("privacy:centre"), reverse("privacy:choose"))


def _form(client: Any, page: str, sent_to: str = "") -> Press:
    """A page that is open before anybody, with its form."""
    from tests.support.pages import hidden_inputs

    return _post(sent_to or page, hidden_inputs(client.get(page)), answered=302, client=client)
