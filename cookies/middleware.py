"""On each page: count it where that is permitted, and take away cookies that are not permitted any more."""

from __future__ import annotations

from collections.abc import Callable

from cookie_consent.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from cookies import consent, inventory
from cookies.traffic.capture import observe


class TrafficMiddleware:
    """The last of the middleware, so that the language and the view are known. Without SQL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # An answer to the question has done its own clean-up, and its new cookies are not for the old answer to judge.
        if settings.COOKIE_CONSENT_NAME in response.cookies:
            return response
        observe(request, response)
        if inventory.optional_cookies_among(request.COOKIES):
            consent.forget_unpermitted(request, response, self._permitted(request))
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Sec-GPC"])
        return response

    @staticmethod
    def _permitted(request: HttpRequest) -> frozenset[str]:
        answer = consent.answer_of(request)
        return answer.permitted if answer else frozenset()
