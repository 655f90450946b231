"""Receipts to read, to download and to check: for who is signed in, and for guests by a link that expires."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from privacy.gate import subject_of
from privacy.internal import receipt_terms, receipts, sealing
from privacy.internal.ledger import keys
from privacy.internal.receipts import Choice
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ConsentState

GONE = 410
# How many choices the privacy centre lists.
LISTED = 20
_FORMS: Mapping[str, tuple[Callable[[Choice], dict[str, Any]], str]] = {
    "json": (receipts.document, "application/json"),
    "jsonld": (receipt_terms.document, "application/ld+json"),
}


@login_required
@require_safe
@never_cache
def mine(request: HttpRequest, event: uuid.UUID) -> HttpResponse:
    """The receipt of a choice of one's own, as a page."""
    return _page(request, _own(request, event), {"event": event})


@login_required
@require_safe
@never_cache
def mine_as(request: HttpRequest, event: uuid.UUID, form: str) -> HttpResponse:
    """The receipt of a choice of one's own, as a file."""
    return _file(_own(request, event), form)


@login_not_required
@require_safe
@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt that a link leads to, as a page."""
    try:
        choice = _linked(token)
    except receipts.LinkExpired:
        return render(request, "privacy/receipt_gone.html", {"days": receipts.LINK_DAYS}, status=GONE)
    return _page(request, choice, {"token": token})


@login_not_required
@require_safe
@never_cache
def by_link_as(_request: HttpRequest, token: str, form: str) -> HttpResponse:
    """The receipt that a link leads to, as a file."""
    try:
        return _file(_linked(token), form)
    except receipts.LinkExpired:
        return HttpResponse(
            _("This link has expired. In the privacy centre you find every receipt of your account."),
            status=GONE,
            content_type="text/plain; charset=utf-8",
        )


@login_not_required
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The page that checks a receipt in the reader's browser. It brings the store's keys along and needs no network after."""
    trusted = [{"id": key.id, "public_key": key.raw.hex()} for key in keys.trusted().values()]
    context = {"keys": json.dumps(trusted), "states": ConsentState.choices}
    return render(request, "privacy/receipt_verify.html", context)


def choices_made(subject: Subject) -> list[Mapping[str, Any]]:
    """The last choices of a person for the privacy centre, each answer once, with the event that leads to its receipt."""
    return [
        {
            "made_at": choice.first.received_at,
            "event": choice.first.pk,
            "said": [{"state": e.get_state_display(), "purpose": _words_of(e)} for e in choice.events],
        }
        for choice in receipts.last_choices(subject, LISTED)
    ]


def _words_of(event: ConsentEvent) -> str:
    words = receipts.policy.load(event.policy_version).words()
    return str(words.data.get("question", {}).get(event.purpose) or words.of("purpose", event.purpose))


def _own(request: HttpRequest, event: uuid.UUID) -> Choice:
    choice = receipts.choice_of(subject_of(request), event)
    if choice is None:
        raise Http404("This account has made no such choice.")
    return choice


def _linked(token: str) -> Choice:
    choice = receipts.choice_of_token(token)
    if choice is None:
        raise Http404("This is no link to a receipt.")
    return choice


def _page(request: HttpRequest, choice: Choice, way: Mapping[str, Any]) -> HttpResponse:
    receipt = receipts.document(choice)
    kind = "receipt_by_link_as" if "token" in way else "receipt_as"
    files = {form: reverse(f"privacy:{kind}", args=[*way.values(), form]) for form in ("json", "jsonld")}
    names = {party["party_id"]: party["party_name"] for party in receipt["party_identification"]}
    rows = [
        {
            "event": event,
            "purpose": purpose,
            "choice": made,
            "parties": [names[key] for key in purpose["recipient_third_parties"]],
        }
        for event, purpose, made in zip(
            receipt["event"], receipt["pii_processing"]["purposes"], choice.events, strict=True
        )
    ]
    return render(request, "privacy/receipt.html", {"receipt": receipt, "rows": rows, "files": files})


def _file(choice: Choice, form: str) -> HttpResponse:
    if form not in _FORMS:
        raise Http404("A receipt comes as receipt.json or receipt.jsonld.")
    made, kind = _FORMS[form]
    response = HttpResponse(sealing.readable(sealing.sealed(made(choice))), content_type=f"{kind}; charset=utf-8")
    name = f"receipt-{choice.first.received_at:%Y-%m-%d}-{str(choice.first.pk)[:8]}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
