"""What must happen outside is written where it was decided, and happens afterwards, at least once, by an idempotent handler."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from privacy.cards import find_card_number
from privacy.crashpoints import crashpoint
from privacy.errors import Restricted, StillNeeded
from privacy.internal.journal import standing
from privacy.models import Effect
from privacy.redaction import redact

logger = logging.getLogger(__name__)

PARKED_AFTER = 5  # attempts; then staff look at it
# Seconds: a cut connection costs moments, a neighbour that is restarted less than a minute, one that is gone half an hour.
_RETRY_AFTER = (5, 15, 45, 1800)
# Whoever takes an effect has it for so long. When they die it is taken by another; when they are only slow it happens
# twice, which every handler bears.
_TURN = dt.timedelta(seconds=30)
# One round ends after so long, well below the time limit of its task.
_ROUND_SECONDS = 60
# What waits for a case of the privacy desk is looked at again so often, and at once when the case ends; the same for what
# waits for a recipient that still needs a value.
_WAITS_AGAIN = dt.timedelta(hours=1)
_WAITS = "Restricted: "
_NEEDED = "Still needed: "
_AN_ID = re.compile(r"[\w:.\-]{1,64}")
_handlers: dict[str, Callable[..., None]] = {}


def effect(kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register the handler of one kind of effect, "app.verb". It is called with the ids, and may be called twice."""

    def register(handler: Callable[..., None]) -> Callable[..., None]:
        _handlers[kind] = handler
        return handler

    return register


def enqueue(kind: str, *, key: str, delay: dt.timedelta = dt.timedelta(), **ids: int | str) -> None:
    """Write one effect into the outbox, in the transaction that decides it. The same key again is the same effect.

    `ids` are keys of rows. A personal value has no place here: it is read when the effect happens.
    """
    if kind not in _handlers:
        raise LookupError(f"No handler is registered for {kind!r}: write one in the app's effects.py.")
    for name, value in ids.items():
        if not isinstance(value, int) and (not _AN_ID.fullmatch(str(value)) or find_card_number(value) == value):
            raise ValueError(f"{name} of {kind} is not an id. The outbox carries ids, never values.")
    if "@" in key or find_card_number(key):
        raise ValueError(f"The key of {kind} is made of ids: what it names is read by whoever runs the store.")
    Effect.objects.bulk_create(
        [
            Effect(
                kind=kind,
                key=key,
                ids={n: v if isinstance(v, int) else str(v) for n, v in ids.items()},
                due_at=timezone.now() + delay,
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(_hint, robust=True)


def _hint() -> None:
    """Tell a worker that there is something to do. Losing the hint costs the seconds until the sweeper looks."""
    from privacy.tasks import relay

    try:
        relay.apply_async(retry=False)
    except Exception as error:  # the broker is a hint: an order does not fail because of it
        logger.warning("The broker took no hint: %s", type(error).__name__)


def deliver_due(limit: int = 100) -> int:
    """Carry out the effects that are due, and say how many were. Several at once share the work and never a row.

    None while the database is older than the journal: what stands in the outbox may be of people who are erased.
    """
    if standing.quarantined():
        return 0
    delivered, until = 0, time.monotonic() + _ROUND_SECONDS
    while delivered < limit and time.monotonic() < until and _deliver_one():
        delivered += 1
    return delivered


def _deliver_one() -> bool:
    with transaction.atomic():
        row = (
            Effect.objects.select_for_update(skip_locked=True)
            .filter(done_at__isnull=True, parked_at__isnull=True, due_at__lte=timezone.now())
            .order_by("due_at")
            .first()
        )
        if row is None:
            return False
        # The attempt is counted before it is made: a handler that kills its process is counted too.
        row.attempts += 1
        row.due_at = timezone.now() + _TURN
        if row.attempts >= PARKED_AFTER:
            row.parked_at = timezone.now()
        row.save(update_fields=["attempts", "due_at", "parked_at"])
    crashpoint("after_claim_before_effect")
    error = _carry_out(row)
    crashpoint("after_effect_before_done")
    mine = Effect.objects.filter(pk=row.pk)
    if error is not None and error.startswith((_WAITS, _NEEDED)):
        # No fault of anybody's: it is not counted, and it is not given up.
        again = timezone.now() + _WAITS_AGAIN
        mine.update(last_error=error, due_at=again, parked_at=None, attempts=row.attempts - 1)
    elif error is None:
        mine.update(done_at=timezone.now(), parked_at=None, last_error="")
    else:
        pause = dt.timedelta(seconds=_RETRY_AFTER[min(row.attempts, len(_RETRY_AFTER)) - 1])
        mine.update(last_error=error, due_at=timezone.now() + pause)
    return True


def go_on_waiting() -> None:
    """Values may be used again: look now at what waited for that, in whatever case; what still must wait goes on to."""
    waiting = Effect.objects.filter(done_at__isnull=True, parked_at__isnull=True, last_error__startswith=_WAITS)
    if waiting.update(due_at=timezone.now()):
        transaction.on_commit(_hint, robust=True)


def _carry_out(row: Effect) -> str | None:
    handler = _handlers.get(row.kind)
    if handler is None:
        return f"no handler for {row.kind}"
    ids: dict[str, Any] = row.ids
    try:
        handler(**ids)
    except Restricted as waits:
        return f"{_WAITS}{waits}"[:300]
    except StillNeeded as needed:
        return f"{_NEEDED}{needed}"[:300]
    except Exception as error:
        logger.exception("The effect %s failed at attempt %s", row.key, row.attempts)
        return redact(f"{type(error).__name__}: {error}")[:300]
    return None
