"""Thin wrappers: Celery says when, the domain does it."""

import time

from celery import shared_task

from privacy import outbox, permission
from privacy.internal import expiring, reminding, telling
from privacy.internal.desk import reminding as desk_reminding
from privacy.internal.ledger import building
from privacy.internal.mailbox import fetching

# Under the soft limit of nine minutes, with room for one batch.
EXPIRE_FOR_SECONDS = 6 * 60


@shared_task(name="privacy.relay")
def relay() -> int:
    """Carry out what stands in the outbox."""
    return outbox.deliver_due()


@shared_task(name="privacy.keep_permissions")
def keep_permissions() -> int:
    """Write off permissions whose time is over, and remind of those of long standing."""
    return permission.expire_due() + reminding.remind_due()


@shared_task(name="privacy.expire_values")
def expire_values() -> int:
    """Remove what has reached its day. Ends well before a task's time is over; the next run goes on where it stopped."""
    ends = time.monotonic() + EXPIRE_FOR_SECONDS
    night = expiring.expire(until=lambda: time.monotonic() > ends)
    if night.unfinished:
        expire_values.apply_async(countdown=60)
    return night.certificates


@shared_task(name="privacy.extend_ledger")
def extend_ledger() -> int:
    """Take new evidence into the ledger and sign its head; the size of the ledger."""
    head = building.extend()
    return head.tree_size if head else 0


@shared_task(name="privacy.announce_policies")
def announce_policies() -> int:
    """Tell those who opened an account since a coming version of the policy was published."""
    return telling.announce_again()


@shared_task(name="privacy.remind_desk")
def remind_desk() -> int:
    """Remind whoever works at the privacy desk of what is due; how many cases."""
    return desk_reminding.remind_desk()


@shared_task(name="privacy.fetch_mail")
def fetch_mail() -> int:
    """Take in the letters that wait in the privacy mailbox, where there is one to be fetched from."""
    return fetching.fetch_all()
