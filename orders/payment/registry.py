"""The payment provider that the settings choose."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from orders.payment.provider import PaymentProvider


def provider() -> PaymentProvider:
    """Made anew at each call, so that a changed setting counts at once."""
    return import_string(settings.PAYMENT_PROVIDER).from_settings()
