"""The addresses that the web agrees on: RFC 9116, change-password, Global Privacy Control, robots."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

# The day on which the store's answer to Global Privacy Control last changed.
GPC_SINCE = "2026-11-01"


@login_not_required
@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """RFC 9116: whom to tell of a weakness. `Expires` is always half a year off, so that it never lies."""
    expires = (timezone.now() + dt.timedelta(days=182)).astimezone(dt.UTC).replace(microsecond=0)
    lines = [
        f"Contact: mailto:{settings.PRIVACY_MAILBOX}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: en, ko",
        f"Canonical: {settings.BASE_URL}/.well-known/security.txt",
        f"Policy: {settings.BASE_URL}{reverse('privacy:policy')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def change_password(_request: HttpRequest) -> HttpResponse:
    """Where password managers send people."""
    return HttpResponseRedirect(reverse("account_change_password"))


@login_not_required
@require_safe
def gpc(_request: HttpRequest) -> HttpResponse:
    """The store heeds `Sec-GPC: 1`."""
    return JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE})


@login_not_required
@require_safe
def favicon(_request: HttpRequest) -> HttpResponse:
    """Where browsers look on pages that name no picture, such as the staff's."""
    return HttpResponseRedirect(static("kmall24/icons/favicon.svg"))


@login_not_required
@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """What crawlers may leave alone: what is one person's, and what only repeats."""
    private = ["/admin/", "/accounts/", "/basket/", "/checkout/", "/orders/", "/payments/", "/search/", "/api/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in private)]
    lines += [f"Disallow: /ko{path}" for path in private if path not in ("/admin/", "/payments/", "/api/")]
    lines += ["", f"Sitemap: {settings.BASE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
