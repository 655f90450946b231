"""Erasing a person: what no law keeps is gone at once, the rest stands apart, and the answer says which, why and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from privacy import journal
from privacy.errors import NotErased
from privacy.internal import archive, expiring, forgetting, reading_back, retention, whereabouts
from privacy.internal.copying import handing
from privacy.models import Erasure, ErasureCertificate, Preference, Subject
from privacy.models.consent import ConsentMethod, ConsentState
from privacy.permission import DIRECT_MARKETING, withdraw
from privacy.signals import erased


@dataclass(frozen=True, slots=True)
class Kept:
    """One record that stays for now: which values, why, and until when. `apart` where only a law keeps it.

    `until` is None while that is an event which has not come, such as the answer to an open request.
    """

    table: str
    columns: tuple[str, ...]
    why: str
    until: dt.datetime | None
    apart: bool


@dataclass(slots=True)
class Erased:
    """What an erasure came to. `tally` counts the rows by table and law; `finished` says that nothing waits any more."""

    tally: expiring.Tally = field(default_factory=expiring.Tally)
    kept: list[Kept] = field(default_factory=list)
    finished: bool = True


def erase(subject: Subject, *, acted_by: Subject | None, why: str, now: dt.datetime | None = None) -> Erased:
    """Erase a person, with the guests that were found to be the same.

    Removed at once is what no law keeps; what one does keep moves into the law's archive; what something under way still
    needs, such as the address of a parcel, stays in its place and the nightly job comes back for it. Marketing stops, and
    that it is to stop survives. `erased` is sent while the values still stand, so that an app can keep what must outlive
    them in another form (a keyed hash on a suppression list). Everything happens in one transaction, and is read back.

    `why` is a reason in the law's words or the number of the case. Raises `NotErased` with nothing changed.
    """
    now = now or timezone.now()
    if not why.strip():
        raise NotErased("An erasure needs its reason: the law's words, or the number of the case that asked.")
    with transaction.atomic():
        waiting, _made = Erasure.objects.get_or_create(
            subject=subject,
            done_at=None,
            defaults={
                "acted_by": acted_by,
                "why": why[:200],
                "asked_at": now,
                "sought": reading_back.digests_of(subject),
            },
        )
        people = whereabouts.family(subject)
        journal.note_erasure(people, why[:200])
        # The line tells of the whole erasure, and of what it withdraws.
        with journal.told_already():
            _stop_marketing(subject, acted_by)
            return go_on(waiting, now)


def waiting() -> Iterator[Erasure]:
    """The erasures that are not finished, the oldest first."""
    yield from Erasure.objects.filter(done_at=None).select_related("subject", "acted_by").order_by("asked_at", "pk")


def go_on(erasure: Erasure, now: dt.datetime) -> Erased:
    """Erase what can go by now, and close the erasure when nothing is left in its place."""
    subject = erasure.subject
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two at once on one person would each find half of it.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"erase {subject.pk}"])
        people = whereabouts.family(subject)
        erased.send(sender=Subject, subject=subject, people=people, now=now)
        handing.forget_copies_of(people)
        forgetting.forget_what_was_to_happen(people)
        forgetting.tell_recipients(erasure, people)
        outcome = Erased()
        for rule in retention.rules():
            if rule.person:
                _take_from(rule, people, now, outcome)
        _read_back(subject, outcome)
        outcome.kept += [_kept_apart(apart) for apart in archive.index(people)]
        outcome.finished = not any(not kept.apart for kept in outcome.kept)
        if outcome.finished:
            Erasure.objects.filter(pk=erasure.pk).update(done_at=now)
            reading_back.ask(erasure)
        expiring.certify(
            outcome.tally,
            now,
            cause=ErasureCertificate.Cause.ERASURE,
            subject=subject,
            acted_by=erasure.acted_by,
            why=erasure.why,
        )
    return outcome


def _take_from(rule: retention.Rule, people: list[Any], now: dt.datetime, outcome: Erased) -> None:
    theirs = rule.records().filter(**{f"{rule.person}__in": people})
    keys = list(theirs.select_for_update(of=("self",)).values_list("pk", flat=True))
    needed = set(theirs.filter(rule.still_needed(now)).values_list("pk", flat=True))
    outcome.tally.add(expiring.remove(rule, [key for key in keys if key not in needed], now))
    days = retention.days_of(rule, needed) if needed else {}
    outcome.kept += [
        Kept(rule.table, tuple(rule.columns), rule.reason.because, days[key].leaves_at, apart=False)
        for key in sorted(needed)
    ]


def _kept_apart(apart: archive.KeptApart) -> Kept:
    return Kept(apart.table, apart.columns, retention.law_named(apart.law), apart.until, apart=True)


def _stop_marketing(subject: Subject, acted_by: Subject | None) -> None:
    """A yes ends here; that nobody is to be asked again stays behind under the random key."""
    stopped = [ConsentState.REFUSED, ConsentState.WITHDRAWN]
    said = Preference.objects.filter(subject__in=whereabouts.family(subject), state__in=stopped)
    settled = set(said.filter(subject=subject).values_list("purpose", "channel"))
    ways = [way for way in DIRECT_MARKETING if (way[0], way[1]) not in settled]
    if ways:
        withdraw(subject, ways, method=ConsentMethod.ADMIN, surface="staff.admin", acted_by=acted_by)


def _read_back(subject: Subject, outcome: Erased) -> None:
    """Ask the tables again, every one that holds personal values: only what was said to stay may stand there."""
    expected: dict[str, int] = {}
    for kept in outcome.kept:
        expected[kept.table] = expected.get(kept.table, 0) + 1
    found: dict[str, set[Any]] = {}
    for place in whereabouts.places_of(subject):
        found.setdefault(place.record._meta.db_table, set()).add(place.record.pk)
    for table, keys in found.items():
        if len(keys) > expected.get(table, 0):
            raise NotErased(f"{table} still holds values of the person after the erasure; nothing was changed.")
