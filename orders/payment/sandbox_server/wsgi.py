"""Requests in, answers out: size limits, routing, and the headers that every answer of the sandbox carries."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from orders.payment.sandbox_server.payments import PaymentRefused

logger = logging.getLogger(__name__)

LARGEST_BODY = 16 * 1024
MOST_FIELDS = 30

COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        try:
            wish = json.loads(self.body)
        except (ValueError, RecursionError):
            wish = None
        if not isinstance(wish, dict):
            raise PaymentRefused("The body must be a JSON object.", "not_json", 400)
        return wish

    def form(self) -> dict[str, str]:
        return _pairs(self.body.decode("utf-8", "replace"))


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    name: str
    pattern: re.Pattern[str]
    handler: Handler


def route(method: str, template: str, handler: Handler) -> Route:
    """`<id>` in the template stands for an intent's id and is handed to the handler."""
    pattern = re.escape(template).replace("<id>", r"(?P<intent_id>[A-Za-z0-9_\-]{1,64})")
    return Route(method, template, re.compile(pattern), handler)


def json_answer(status: int, body: dict[str, Any]) -> Answer:
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


def problem(error: PaymentRefused) -> Answer:
    """An error as RFC 9457 has it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": str(error),
        "code": error.code,
    }
    answer = json_answer(error.status, body)
    answer.headers["Content-Type"] = "application/problem+json"
    return answer


class Application:
    """The WSGI callable."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        started = time.monotonic()
        method = environ["REQUEST_METHOD"]
        name, answer = self._answer(environ, "GET" if method == "HEAD" else method)
        # Only the route's own name is logged: what somebody typed into the address bar is not ours to keep.
        elapsed_ms = (time.monotonic() - started) * 1000
        logger.info("%s %s %s %.0f ms", method if name else "-", name or "unknown", answer.status, elapsed_ms)
        headers = COMMON_HEADERS | answer.headers | {"Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return [] if method == "HEAD" else [answer.body]

    def _answer(self, environ: dict[str, Any], method: str) -> tuple[str, Answer]:
        path = environ.get("PATH_INFO", "")
        matches = [(entry, match) for entry in self._routes if (match := entry.pattern.fullmatch(path))]
        if not matches:
            return "", problem(PaymentRefused("There is nothing at this address.", "not_found", 404))
        name = matches[0][0].name
        try:
            for entry, match in matches:
                if entry.method == method:
                    return name, entry.handler(_read(environ, method), **match.groupdict())
            answer = problem(PaymentRefused("This address does not take that method.", "method_not_allowed", 405))
            answer.headers["Allow"] = ", ".join(sorted({entry.method for entry, _ in matches}))
            return name, answer
        except PaymentRefused as error:
            return name, problem(error)
        except Exception:  # The last line of defence: the process serves on, and the trace holds no request data.
            logger.exception("%s %s failed", method, name)
            return name, problem(PaymentRefused("Something went wrong here; try again.", "internal", 500))


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"))
    except ValueError:
        raise PaymentRefused("The form has too many fields.", "not_a_form", 400) from None


def _read(environ: dict[str, Any], method: str) -> Request:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    body = b""
    if method == "POST":
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LARGEST_BODY or "transfer-encoding" in headers:
            raise PaymentRefused("The request is too long for anything that is asked here.", "too_long", 413)
        body = environ["wsgi.input"].read(length)
    return Request(method, environ.get("PATH_INFO", ""), headers, body, _pairs(environ.get("QUERY_STRING", "")))
