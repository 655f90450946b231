"""Right after a choice, on a page or over the API, the answer leads to its receipt."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from privacy import receipts
from privacy.internal.receipts import is_link, token_for
from privacy.models import ConsentEvent
from privacy.models.consent import ConsentMethod

RELATION = "https://w3id.org/dpv#ConsentReceipt"
PARAMETER = "receipt"


class ReceiptMiddleware:
    """Offers the receipt of what was chosen: as a header always, and in words on the next page to somebody who sees pages.

    The next page learns of it by a message. Where the store does not know who chose, a message would be a cookie that only
    this browser has, for somebody who may have declined all of them; there the link travels in the address instead.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            token = request.GET.get(PARAMETER, "")
            if token and is_link(token):
                messages.info(request, _words(_address(token)))
            return self.get_response(request)
        with receipts.noting() as chosen:
            response = self.get_response(request)
        if chosen and response.status_code < 400:
            _offer(request, response, chosen)
        return response


def _offer(request: HttpRequest, response: HttpResponseBase, chosen: list[ConsentEvent]) -> None:
    token = token_for(chosen)
    address = _address(token)
    if not address:
        return
    response["Link"] = f'<{request.build_absolute_uri(address)}>; rel="{RELATION}"'
    if any(event.method == ConsentMethod.API for event in chosen) or response.status_code == 204:
        return
    if any(event.subject_id for event in chosen):
        messages.info(request, _words(address))
        return
    target = response.get("Location", "")
    if target.startswith("/") and not target.startswith("//"):
        path, sign, fragment = target.partition("#")
        joint = "&" if "?" in path else "?"
        response["Location"] = f"{path}{joint}{urlencode({PARAMETER: token})}{sign}{fragment}"


def _address(token: str) -> str:
    try:
        return reverse("privacy:receipt_by_link", args=[token])
    except NoReverseMatch:
        return ""  # a site that does not publish the privacy pages


def _words(address: str) -> str:
    said = (_("Your choice is written down."), address, _("Keep the receipt"))
    return format_html('{} <a href="{}">{}</a>', *said)
