"""What an erasure came to, field by field: removed, or kept by which law and until when. Read off the certificates; no values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import models

from privacy.declaration import personal_fields
from privacy.internal import archive, retention, whereabouts
from privacy.models import ErasureCertificate, RightsRequest, Subject
from privacy.outbox import enqueue


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of one kind of record. `until` is None where it was removed, or where the day is not known yet."""

    record: str
    field: str
    removed: int
    kept: int
    law: str = ""
    until: dt.datetime | None = None


def lines_of(subject: Subject) -> list[FieldLine]:
    """Every field of which something was removed or is kept, in the language that is active."""
    people = whereabouts.family(subject)
    removed: dict[str, int] = {}
    for counts in ErasureCertificate.objects.filter(
        subject__in=people, cause=ErasureCertificate.Cause.ERASURE
    ).values_list("counts", flat=True):
        for line in counts:
            removed[line["table"]] = removed.get(line["table"], 0) + int(line["removed"])
    kept = _kept(subject)
    lines = []
    for rule in retention.rules():
        for field in personal_fields(rule.model):
            stands = kept.get((rule.table, str(field.column)), {})
            for law, (count, until) in stands.items():
                lines.append(_line(rule.model, field, kept=count, law=law, until=until))
            if removed.get(rule.table):
                lines.append(_line(rule.model, field, removed=removed[rule.table]))
    return lines


def _kept(subject: Subject) -> dict[tuple[str, str], dict[str, tuple[int, dt.datetime | None]]]:
    found: dict[tuple[str, str], dict[str, tuple[int, dt.datetime | None]]] = {}

    def add(table: str, column: str, why: str, until: dt.datetime | None) -> None:
        count, last = found.setdefault((table, column), {}).get(why, (0, until))
        found[table, column][why] = (count + 1, max(filter(None, (last, until)), default=None))

    for apart in archive.index(whereabouts.family(subject)):
        for column in apart.columns:
            add(apart.table, column, retention.law_named(apart.law), apart.until)
    for place in whereabouts.places_of(subject):
        rule = retention.rule_of(place.record._meta.db_table)
        add(rule.table, str(place.field.column), rule.reason.because, None)
    return found


def _line(
    model: type[models.Model],
    field: models.Field,
    *,
    removed: int = 0,
    kept: int = 0,
    law: str = "",
    until: dt.datetime | None = None,
) -> FieldLine:
    return FieldLine(str(model._meta.verbose_name), str(field.verbose_name), removed, kept, law, until)


def tell(case: RightsRequest) -> None:
    """Answer the person who asked to be erased, through the outbox. To be called before the case, and its letter, is closed."""
    enqueue("privacy.tell_of_erasure", key=f"tell-of-erasure:{case.pk}", request_id=str(case.pk))
