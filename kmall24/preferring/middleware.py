"""Before a page: the currency and language that the visitor chose. After it: what was looked at, where that is permitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import translate_url
from django.utils.cache import patch_vary_headers

from cookies import preferences

SESSION_KEY = "currency"


class PreferencesMiddleware:
    """Stands behind sessions, languages and users, and before the view. Without SQL for who chose nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        remembered = preferences.of(request)
        # Who declined has a choice of currency for this visit: it was asked for, and ends with the session.
        request.currency = remembered.currency or _of_this_visit(request)  # type: ignore[attr-defined]
        if elsewhere := _front_page_in(request, remembered.language):
            return elsewhere
        response = self.get_response(request)
        if _is_a_page(request, response) and preferences.permitted(request):
            now = preferences.of(request)
            seen = replace(now, language=getattr(request, "LANGUAGE_CODE", now.language))
            match = request.resolver_match
            if match and match.view_name == "catalogue:product":
                seen = seen.having_viewed(match.kwargs["slug"])
            preferences.remember(request, response, seen)
            patch_vary_headers(response, ["Cookie"])
        return response


def _of_this_visit(request: HttpRequest) -> str:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    chosen = request.session.get(SESSION_KEY, "")
    return chosen if chosen in settings.CURRENCIES else ""


def _front_page_in(request: HttpRequest, language: str) -> HttpResponse | None:
    """The front page in the language of the last visit, for who comes from elsewhere and named none."""
    if request.method != "GET" or request.path != "/" or language in ("", settings.LANGUAGE_CODE):
        return None
    came_from = urlsplit(request.headers.get("Referer", "")).netloc
    if came_from == request.get_host():
        return None
    response = HttpResponseRedirect(translate_url(request.get_full_path(), language))
    patch_vary_headers(response, ["Cookie"])
    return response


def _is_a_page(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.get("Content-Type", "").startswith("text/html")
        and not request.path.startswith("/admin/")
        and settings.COOKIE_CONSENT_NAME not in response.cookies
        and preferences.COOKIE not in response.cookies
    )
