"""Global Privacy Control: a browser's standing "no" to third parties, as its specification defines the header."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest


def asks_for_privacy(request: HttpRequest) -> bool:
    """Whether the browser sends Global Privacy Control. Only the exact value counts."""
    return request.META.get("HTTP_SEC_GPC") == "1"
