"""Thin wrappers: Celery says when, the domain does it."""

from celery import shared_task

from cookies.domain.aggregate import aggregate
from cookies.domain.close_day import close_days
from cookies.domain.prove_removal import AnotherAudit, prove_removal
from cookies.domain.publish import publish_closed_days


@shared_task(name="cookies.aggregate_traffic")
def aggregate_traffic() -> int:
    """Count the page views that wait, and remove them."""
    return aggregate()


@shared_task(name="cookies.close_day")
def close_day() -> int:
    """Turn the visitors of past days into numbers, and decide what of them may be shown."""
    aggregate()
    closed = close_days()
    publish_closed_days()
    return closed


@shared_task(name="cookies.prove_removal")
def prove_that_nothing_stays() -> int:
    """Send a planted visitor through, and search for what it left; in how many places that was found."""
    try:
        return prove_removal().proof.found
    except AnotherAudit:
        return 0
