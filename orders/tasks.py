"""Thin wrappers: Celery says when, the domain does it."""

from celery import shared_task

from orders.domain import basket, payment


@shared_task(name="orders.cancel_unpaid")
def cancel_unpaid() -> int:
    """Catch up with the orders that nobody paid in time."""
    return payment.cancel_overdue()


@shared_task(name="orders.forget_old_baskets")
def forget_old_baskets() -> int:
    """Remove the baskets that guests left behind."""
    return basket.forget_old()
