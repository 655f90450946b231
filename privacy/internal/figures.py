"""What the store has done for its promises, counted: the numbers behind the report and the page of promises."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from privacy.internal import kept, policy, remaining
from privacy.internal.ledger import heads
from privacy.internal.mailbox import understanding
from privacy.models import (
    Collection,
    ConsentEvent,
    Disclosure,
    ErasureCertificate,
    LegalOrder,
    Look,
    Preference,
    RightsRequest,
)
from privacy.models.consent import ConsentState

# What a page may cost: one count of everything a minute, in each process, however many look at it.
FRESH_FOR = 60.0  # seconds
# How far back "lately" reaches.
MONTH, YEAR = dt.timedelta(days=30), dt.timedelta(days=365)

Measured = Mapping[str, Any]


def _requests(now: dt.datetime) -> Measured:
    # A mail that a machine wrote is kept for staff and asks for nothing.
    asked = RightsRequest.objects.exclude(why=understanding.WRITTEN_BY_A_MACHINE)
    answered = Q(closed_at__isnull=False)
    found = asked.aggregate(
        received=Count("pk"),
        open=Count("pk", filter=~answered),
        overdue=Count("pk", filter=~answered & Q(expected_by__lt=now)),
        oldest=models.Min("received_at", filter=~answered),
        answered=Count("pk", filter=answered & Q(closed_at__gte=now - YEAR)),
        late=Count("pk", filter=Q(closed_at__gte=now - YEAR, closed_at__gt=models.F("expected_by"))),
    )
    return {
        "requests received": found["received"],
        "requests open": found["open"],
        "requests overdue": found["overdue"],
        "oldest request": _days(now - found["oldest"]) if found["oldest"] else None,
        "requests answered": found["answered"],
        "requests answered late": found["late"],
        "median days to answer": _median_days(now),
    }


def _days(length: dt.timedelta) -> int:
    return max(length, dt.timedelta()).days


def _median_days(now: dt.datetime) -> float | None:
    """Half of the requests were answered within these days."""
    return _number(
        "SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_at - received_at)) / 86400 "
        "FROM privacy_rightsrequest WHERE closed_at >= %s AND why <> %s",
        [now - YEAR, understanding.WRITTEN_BY_A_MACHINE],
    )


def _number(sql: str, parameters: list[Any]) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        (value,) = cursor.fetchone()
    return None if value is None else float(value)


# From the arrival of each letter that says no until the first "no" of its writer stood.
_TOOK = """
    SELECT min(e.received_at) - c.received_at AS took
    FROM privacy_rightsrequest c
    JOIN privacy_consentevent e ON e.subject_id = c.subject_id AND e.received_at >= c.received_at
    WHERE c.kind IN ('withdraw_consent', 'object') AND c.received_at >= %s
      AND e.state IN ('withdrawn', 'refused') AND e.method IN ('mail', 'form', 'post')
    GROUP BY c.id, c.received_at
"""
_MIDDLE = f"SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY took)) FROM ({_TOOK}) t"  # noqa: S608
_SLOWEST = f"SELECT extract(epoch FROM max(took)) FROM ({_TOOK}) t"  # noqa: S608 - all of it stands above
_HOW_MANY = f"SELECT count(*) FROM ({_TOOK}) t"  # noqa: S608 - all of it stands above


def _opt_outs(now: dt.datetime) -> Measured:
    no = Q(state__in=(ConsentState.WITHDRAWN, ConsentState.REFUSED))
    since = ConsentEvent.objects.filter(received_at__gte=now - YEAR)
    return {
        "opt-outs by letter": _number(_HOW_MANY, [now - YEAR]),
        "seconds to effect": _number(_MIDDLE, [now - YEAR]),
        "slowest seconds to effect": _number(_SLOWEST, [now - YEAR]),
        "opt-outs": since.filter(no).count(),
        "withdrawals": ConsentEvent.objects.filter(state=ConsentState.WITHDRAWN).count(),
        "boxes ticked": ConsentEvent.objects.filter(state=ConsentState.REFUSED).count(),
    }


def _traffic(_now: dt.datetime) -> Measured:
    # The certificates stand in an app above; they are found by name, so that the foundation imports nothing.
    purges = apps.get_model("cookies.PurgeCertificate").objects.aggregate(
        batches=Count("pk"), hits=Sum("hits"), withdrawn=Sum("withdrawn"), last=Max("aggregated_at")
    )
    proofs = apps.get_model("cookies.RemovalProof").objects.aggregate(
        searches=Count("pk"), files=Sum("files"), found=Sum("found"), last=Max("searched_at")
    )
    return {
        "certificates": purges["batches"],
        "page views counted and removed": purges["hits"] or 0,
        "page views removed uncounted": purges["withdrawn"] or 0,
        "last removal": purges["last"],
        "searches for a planted visitor": proofs["searches"],
        "files searched": proofs["files"] or 0,
        "planted visitors found": proofs["found"] or 0,
        "last search": proofs["last"],
    }


def _retention(now: dt.datetime) -> Measured:
    removals = ErasureCertificate.objects.exclude(cause=ErasureCertificate.Cause.LOOKED)
    certificates = removals.aggregate(made=Count("pk"), last=Max("made_at"))
    return {
        "values past their day": remaining.records_overdue(now),
        "certificates of removal": certificates["made"],
        "last certificate of removal": certificates["last"],
    }


def _ledger(_now: dt.datetime) -> Measured:
    head = heads.newest()
    return {
        "ledger entries": head.tree_size if head else None,
        "ledger root": head.root_hash.hex() if head else None,
        "ledger signed": head.moment if head else None,
    }


def _hand_overs(now: dt.datetime) -> Measured:
    lately = Disclosure.objects.filter(disclosed_at__gte=now - MONTH, legal_order=None)
    by_recipient = dict(lately.values_list("handed_to").annotate(n=Count("pk")).order_by("handed_to"))
    return {
        "hand-overs written down": Disclosure.objects.count(),
        "hand-overs of a month": by_recipient,
        "recipients stated": len(policy.current().recipients),
        "legal orders": LegalOrder.objects.count(),
    }


def _looks(now: dt.datetime) -> Measured:
    lately = Look.objects.filter(looked_at__gte=now - MONTH)
    return {"looks": Look.objects.count(), "looks of a month": lately.count()}


def _records(_now: dt.datetime) -> Measured:
    in_force = policy.current()
    return {
        "collections": Collection.objects.count(),
        "collection points": len(in_force.surfaces),
        "permissions standing": Preference.objects.filter(state=ConsentState.GIVEN).count(),
        "versions of the policy": len(policy.versions()),
        "stated and not built": len(kept.listed()),
    }


_GROUPS: tuple[Callable[[dt.datetime], Measured], ...] = (
    _requests,
    _opt_outs,
    _traffic,
    _retention,
    _ledger,
    _hand_overs,
    _looks,
    _records,
)
_lock = threading.Lock()
_known: Measured = {}
_measured_at = 0.0


def measure() -> Measured:
    """Count everything now. What could not be counted is missing, and the page says so."""
    found: dict[str, Any] = {"measured at": timezone.now()}
    for group in _GROUPS:
        try:
            with transaction.atomic():
                found.update(group(found["measured at"]))
        except (DatabaseError, LookupError):  # a table that is not there yet, a database that is busy
            continue
    return found


def of_this_minute() -> Measured:
    """The same, counted at most once a minute in this process. While one request counts, others get what was known."""
    global _known, _measured_at
    if _known and time.monotonic() - _measured_at < FRESH_FOR:
        return _known
    if _lock.acquire(blocking=not _known):
        try:
            if not _known or time.monotonic() - _measured_at >= FRESH_FOR:
                _known, _measured_at = measure(), time.monotonic()
        finally:
            _lock.release()
    return _known


def forget() -> None:
    """Count again at the next question."""
    global _known
    _known = {}
