"""Right after a choice, on a page or over the API, the answer leads to its receipt."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from privacy import receipts
from privacy.internal.receipts import token_for
from privacy.models import ConsentEvent
from privacy.models.consent import ConsentMethod

RELATION = "https://w3id.org/dpv#ConsentReceipt"


class ReceiptMiddleware:
    """Offers the receipt of what was chosen: as a header always, and in words on the next page to somebody who sees pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        with receipts.noting() as chosen:
            response = self.get_response(request)
        if chosen and response.status_code < 400:
            self._offer(request, response, chosen)
        return response

    def _offer(self, request: HttpRequest, response: HttpResponseBase, chosen: list[ConsentEvent]) -> None:
        address = reverse("privacy:receipt_by_link", args=[token_for(chosen)])
        response["Link"] = f'<{request.build_absolute_uri(address)}>; rel="{RELATION}"'
        sees_pages = all(event.method == ConsentMethod.FORM for event in chosen)
        if sees_pages and response.status_code != 204:
            said = (_("Your choice is written down."), address, _("Keep the receipt"))
            messages.info(request, format_html('{} <a href="{}">{}</a>', *said))
