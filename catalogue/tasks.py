"""Thin wrappers: Celery says when, the domain does it."""

from celery import shared_task

from catalogue.domain import stock


@shared_task(name="catalogue.reclaim_expired")
def reclaim_expired() -> int:
    """Bring goods back to the shelf whose holds ran out. Selling needs no task for that; reading numbers does."""
    return stock.reclaim_expired()
