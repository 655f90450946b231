"""Thin wrappers: Celery says when, the domain does it."""

from celery import shared_task

from privacy import outbox


@shared_task(name="privacy.relay")
def relay() -> int:
    """Carry out what stands in the outbox."""
    return outbox.deliver_due()
