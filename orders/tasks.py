"""Thin wrappers: Celery says when, the domain does it."""

import datetime as dt

from celery import shared_task
from django.utils import timezone

from orders.domain import basket, giving_up, offers, once, parcels, payment, reconciling

# Longer than any payment stays open, and than a provider may be away over a weekend.
COMPARED_DAYS = 4


@shared_task(name="orders.cancel_unpaid")
def cancel_unpaid() -> int:
    """Catch up with the orders that nobody paid in time."""
    return giving_up.cancel_overdue()


@shared_task(name="orders.ask_about_payments")
def ask_about_payments() -> int:
    """Ask the provider about payments of which nothing was heard."""
    return payment.catch_up()


@shared_task(name="orders.reconcile_payments")
def reconcile_payments() -> int:
    """Compare the last days' books with the provider's; the answer is how many odd things were found."""
    return reconciling.reconcile(timezone.now() - dt.timedelta(days=COMPARED_DAYS)).odd


@shared_task(name="orders.forget_old_answers")
def forget_old_answers() -> int:
    """Remove what came of requests that were sent more than a day ago."""
    return once.forget_old()


@shared_task(name="orders.forget_who_used_coupons")
def forget_who_used_coupons() -> int:
    """Remove who used which offer, some time after its end."""
    return offers.forget_ended()


@shared_task(name="orders.forget_old_baskets")
def forget_old_baskets() -> int:
    """Remove the baskets that guests left behind."""
    return basket.forget_old()


@shared_task(name="orders.ask_about_parcels")
def ask_about_parcels() -> int:
    """Ask the courier about parcels of which nothing was heard."""
    return parcels.ask_about_quiet_parcels()
