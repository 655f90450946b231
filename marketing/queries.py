"""Reads about subscriptions."""

from django.db.models import F

from marketing.models import Subscription


def subscription_of(email: str) -> Subscription | None:
    """The subscription of an address, however it is capitalised; the confirmed one first."""
    return (
        Subscription.objects.select_related("subject")
        .filter(email__iexact=email)
        .order_by(F("confirmed_at").desc(nulls_last=True), "pk")
        .first()
    )
