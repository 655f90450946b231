"""The courier that the settings choose."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from orders.courier.provider import CourierProvider


def courier() -> CourierProvider:
    """Made anew at each call, so that a changed setting counts at once."""
    return import_string(settings.COURIER).from_settings()
