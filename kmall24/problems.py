"""Errors of the API as problem details (RFC 9457): what happened, which field, what to do."""

from typing import Any

from rest_framework import status
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler

_TITLES = {
    status.HTTP_400_BAD_REQUEST: "The request has a mistake",
    status.HTTP_401_UNAUTHORIZED: "Please sign in",
    status.HTTP_403_FORBIDDEN: "This is not allowed",
    status.HTTP_404_NOT_FOUND: "There is nothing at this address",
    status.HTTP_405_METHOD_NOT_ALLOWED: "This address does not take that method",
    status.HTTP_406_NOT_ACCEPTABLE: "Only JSON is spoken here",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "Only JSON is understood here",
    status.HTTP_429_TOO_MANY_REQUESTS: "Too many requests",
}


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler, answering in `application/problem+json`."""
    response = exception_handler(error, context)
    if response is None:
        return None
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(response.status_code, "Something is wrong with the request"),
        "status": response.status_code,
    }
    if isinstance(response.data, dict) and set(response.data) == {"detail"}:
        problem["detail"] = str(response.data["detail"])
    else:
        problem["errors"] = list(_flat(response.data))
        problem["detail"] = " ".join(e["detail"] for e in problem["errors"])[:1000]
    response.data = problem
    response.content_type = "application/problem+json"
    return response


def _flat(data: Any, path: str = "") -> Any:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _flat(value, f"{path}/{key}")
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from _flat(value, path if isinstance(value, str | ErrorDetail) else f"{path}/{index}")
    else:
        yield {
            "field": path.removesuffix("/non_field_errors") or "/",
            "code": getattr(data, "code", "invalid"),
            "detail": str(data),
        }
