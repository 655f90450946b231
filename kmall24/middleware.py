"""The API and the staff pages speak the language that is asked for; their addresses carry none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

_WITHOUT_A_LANGUAGE = ("/api/", "/admin/")


class ApiLanguageMiddleware:
    """Pages have their language in the address; the API and the staff's in `Accept-Language` (RFC 9110, 12.5.4)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_WITHOUT_A_LANGUAGE):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ["Accept-Language"])
        return response
