"""Thin wrappers: Celery says when, the domain does it."""

from celery import shared_task

from cookies.domain.aggregate import aggregate
from cookies.domain.close_day import close_days


@shared_task(name="cookies.aggregate_traffic")
def aggregate_traffic() -> int:
    """Count the page views that wait, and remove them."""
    return aggregate()


@shared_task(name="cookies.close_day")
def close_day() -> int:
    """Turn the visitors of past days into numbers."""
    return close_days()
