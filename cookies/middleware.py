"""On each page: count it where that is permitted, and take away cookies that are not permitted any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from cookie_consent.conf import settings
from django.http import HttpRequest, HttpResponseBase

from cookies import consent, inventory
from cookies.traffic.capture import observe


class TrafficMiddleware:
    """The last of the middleware, so that the language and the view are known. Without SQL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # An answer to the question has done its own clean-up, and its new cookies are not for the old answer to judge.
        if response.cookies and settings.COOKIE_CONSENT_NAME in response.cookies:
            return response
        observe(request, response)
        brought = {_optional_group(name) for name in request.COOKIES}
        brought.discard(None)
        if brought:
            answer = consent.answer_of(request)
            permitted = answer.permitted if answer else frozenset()
            if not brought <= permitted:
                consent.forget_unpermitted(request, response, permitted)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            varies = response.headers.get("Vary")
            response.headers["Vary"] = f"{varies}, Sec-GPC" if varies else "Sec-GPC"
        return response


@lru_cache(maxsize=1024)
def _optional_group(cookie_name: str) -> str | None:
    group = inventory.group_of(cookie_name)
    return group if group in inventory.OPTIONAL_KEYS else None
