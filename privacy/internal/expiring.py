"""What is due goes, every night: what a law still keeps is moved apart, the rest is removed, read back and certified."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from privacy.declaration import personal_fields
from privacy.errors import NotErased
from privacy.internal import archive, reading_back, remaining, retention
from privacy.internal.copying import handing
from privacy.internal.journal import keys
from privacy.models import Collection, ConsentEvent, ErasureCertificate, RightsRequest, Subject

logger = logging.getLogger(__name__)

BATCH = 1000  # rows of one table in one transaction


@dataclass(slots=True)
class Tally:
    """What happened to the rows of each table, by the law concerned ("" where none was).

    `moved` are those that a law keeps: moved apart, or kept there longer by a legal hold.
    """

    removed: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        # Adding leaves out what came to nothing.
        self.removed += other.removed
        self.moved += other.moved

    def __bool__(self) -> bool:
        return bool(self.removed or self.moved)

    def lines(self) -> list[dict[str, str | int]]:
        """One line per table and law, as a certificate holds them."""
        return [
            {"table": table, "law": law, "removed": self.removed[table, law], "moved": self.moved[table, law]}
            for table, law in sorted({*self.removed, *self.moved})
        ]


@dataclass(slots=True)
class Night:
    """What one run of the job came to. `unfinished` says that it stopped at its limit with work left."""

    tally: Tally = field(default_factory=Tally)
    certificates: int = 0
    erasures: int = 0
    subjects: int = 0
    unfinished: bool = False
    failed: dict[str, str] = field(default_factory=dict)


def expire(now: dt.datetime | None = None, *, batch: int = BATCH, until: Callable[[], bool] | None = None) -> Night:
    """Bring everything whose day has come to its end, in batches of one table, each with its certificate.

    `until` is asked before every batch and ends the run when it says so; what is left then waits for the next. A table
    that fails keeps no other waiting: its name is in `failed`, and it is tried again the next night.
    """
    now = now or timezone.now()
    night = Night()
    steps: list[tuple[str, Callable[[], Tally]]] = [
        *((rule.table, _one_batch(rule, now, batch)) for rule in retention.rules()),
        ("law_archive", lambda: _archive_batch(now, batch)),
    ]
    for name, step in steps:
        try:
            while not (until and until()):
                tally = step()
                if not tally:
                    break
                night.tally.add(tally)
                night.certificates += 1
            else:
                night.unfinished = True
        except Exception as error:  # one table must not keep the others beyond their day
            logger.exception("Retention of %s failed", name)
            night.failed[name] = type(error).__name__
    night.erasures = _finish_erasures(now, night)
    reading_back.ask_again()
    _forget_words_of_closed_cases(now)
    handing.forget_old_links(now)
    # No backup is old enough to need these any more.
    keys.forget_values_before((now - dt.timedelta(days=settings.PRIVACY_BACKUPS_LAST_DAYS)).timestamp())
    try:
        night.subjects = forget_empty_subjects(now)
    except IntegrityError:
        logger.info("Somebody came back while their empty key was being removed; the next night looks again.")
    return night


def _one_batch(rule: retention.Rule, now: dt.datetime, batch: int) -> Callable[[], Tally]:
    def step() -> Tally:
        with transaction.atomic():
            keys = retention.due_keys(rule, now, batch)
            tally = remove(rule, keys, now)
            certify(tally, now, cause=ErasureCertificate.Cause.DAY)
        return tally

    return step


def _archive_batch(now: dt.datetime, batch: int) -> Tally:
    tally = Tally()
    with transaction.atomic():
        for table, law, removed, prolonged in archive.expire(now, batch):
            tally.add(Tally(Counter({(table, law): removed}), Counter({(table, law): prolonged})))
        certify(tally, now, cause=ErasureCertificate.Cause.DAY)
    return tally


def remove(rule: retention.Rule, keys: list[Any], now: dt.datetime) -> Tally:
    """Take these rows out of their table, those that a law keeps into the archive first, and read back that they are gone.

    To be called inside a transaction, with the rows locked.
    """
    tally = Tally()
    if not keys:
        return tally
    kept = archive.take(rule, keys, now)
    rows = rule.model._base_manager.filter(pk__in=keys)
    _remove_files(rule, rows)
    if rule.forgets:
        rows.update(**dict.fromkeys(rule.forgets))
    else:
        rows.delete()
    if rule.records().filter(pk__in=keys).exists():
        raise NotErased(f"{rule.table}: rows that were removed are still there.")
    for apart in kept.values():
        tally.moved[rule.table, apart.law] += 1
    if len(keys) > len(kept):
        tally.removed[rule.table, ""] += len(keys) - len(kept)
    return tally


def _remove_files(rule: retention.Rule, rows: models.QuerySet) -> None:
    """Take the files of these rows off the disk, once it is certain that the rows are gone."""
    for column in personal_fields(rule.model):
        if isinstance(column, models.FileField):
            for name in rows.exclude(**{column.name: ""}).values_list(column.name, flat=True):
                transaction.on_commit(partial(column.storage.delete, name), robust=True)


def certify(
    tally: Tally,
    now: dt.datetime,
    *,
    cause: str,
    subject: Subject | None = None,
    acted_by: Subject | None = None,
    why: str = "",
) -> ErasureCertificate | None:
    """Write down what went, in the transaction in which it went. Nothing gone, nothing certified."""
    if not tally:
        return None
    return ErasureCertificate.objects.create(
        cause=cause, subject=subject, acted_by=acted_by, why=why, reckoned_for=now, counts=tally.lines()
    )


def _finish_erasures(now: dt.datetime, night: Night) -> int:
    """Come back to people whose erasure had to wait, for instance for a parcel under way."""
    from privacy.internal import erasing

    finished = 0
    for waiting in erasing.waiting():
        try:
            outcome = erasing.go_on(waiting, now)
        except Exception as error:
            logger.exception("Erasure %s failed", waiting.pk)
            night.failed[f"erasure {waiting.pk}"] = type(error).__name__
            continue
        night.tally.add(outcome.tally)
        finished += outcome.finished
    return finished


def _forget_words_of_closed_cases(now: dt.datetime) -> None:
    """The words by which a letter was sorted are a piece of the letter: they go when its last message has."""
    RightsRequest.objects.filter(closed_at__lte=now, messages__isnull=True).exclude(why="").update(why="")


def forget_empty_subjects(now: dt.datetime, most: int = BATCH) -> int:
    """Remove the keys of guests to whom nothing belongs any more, not even evidence. Those with evidence stay random keys."""
    links = list(_links_to_subjects())
    empty = Subject.objects.filter(created_at__lte=now - retention.A_NIGHT)
    for link in links:
        # Nearly everybody has one of these; the other tables are asked about the few that are left.
        if link.model in (Collection, ConsentEvent) and link.name == "subject":
            empty = empty.exclude(models.Exists(link.model._base_manager.filter(subject=models.OuterRef("pk"))))
    keys = set(empty.values_list("pk", flat=True)[:most])
    for link in links:
        if keys:
            keys -= set(
                link.model._base_manager.filter(**{f"{link.name}__in": keys}).values_list(link.attname, flat=True)
            )
    if keys:
        keys -= {apart.person for apart in archive.index(keys) if apart.person}
    if not keys:
        return 0
    # Nothing points to them, so one statement does; what came in between is refused by its foreign key.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM privacy_subject WHERE id = ANY (%s::uuid[])", [[str(key) for key in keys]])
        return cursor.rowcount


def _links_to_subjects() -> Iterable[models.ForeignKey]:
    for model in apps.get_models():
        for link in model._meta.local_concrete_fields:
            if isinstance(link, models.ForeignKey) and link.related_model is Subject:
                yield link


# --- looking ahead -----------------------------------------------------------------------------------------------------


def would_expire(now: dt.datetime | None = None) -> Mapping[str, Mapping[str, int]]:
    """What a run would do, by table: rows to be removed, rows to be moved apart. Nothing is changed."""
    now = now or timezone.now()
    plan: dict[str, dict[str, int]] = {}
    for rule in retention.rules():
        removed, moved = remaining.due_counts(rule, now)
        if removed or moved:
            plan[rule.table] = {"removed": removed, "moved": moved}
    for count in archive.counts(now):
        if count.due:
            line = plan.setdefault(f"law_archive: {count.table}", {"removed": 0, "moved": 0})
            line["removed"] += count.due
    return plan
