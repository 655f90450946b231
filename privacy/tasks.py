"""Thin wrappers: Celery says when, the domain does it."""

from celery import shared_task

from privacy import outbox, permission
from privacy.internal import reminding


@shared_task(name="privacy.relay")
def relay() -> int:
    """Carry out what stands in the outbox."""
    return outbox.deliver_due()


@shared_task(name="privacy.keep_permissions")
def keep_permissions() -> int:
    """Write off permissions whose time is over, and remind of those of long standing."""
    return permission.expire_due() + reminding.remind_due()
