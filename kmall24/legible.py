"""What no browser of a person sends, and no code behind could read, stops here and is told so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

_SESSION_KEY = re.compile(r"[a-z0-9]{8,40}")
# Names of one and the same encoding, and of the part of it that everybody has.
_READABLE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


class LegibleRequestMiddleware:
    """The first of the middleware. A body in another encoding than UTF-8 is refused, and so is one without a length.

    Python knows encodings whose texts no database and no page can hold, and whoever sends a request may name them. A
    session cookie that this store cannot have set is passed over, as if it had not come.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.strip("\"' ").lower() not in _READABLE:
            # Read as UTF-8 from here on, so that the page that says so can be made.
            request.encoding = "utf-8"
            raise BadRequest("Only UTF-8 is read here.")
        if not (request.META.get("CONTENT_LENGTH") or "0").isdecimal():
            raise BadRequest("The length of the body is no number.")
        name = settings.SESSION_COOKIE_NAME
        if name in request.COOKIES and not _SESSION_KEY.fullmatch(request.COOKIES[name]):
            del request.COOKIES[name]
        return self.get_response(request)


class LegibleJSONParser(JSONParser):
    """JSON that is nested deeper than Python can follow is a mistake in the request, like any other."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
