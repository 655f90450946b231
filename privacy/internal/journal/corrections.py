"""A correction in the journal: where it was made and what stood there by keyed hashes, what is right sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models

from privacy.declaration import Origin, column_key, personal_fields
from privacy.gate import collecting
from privacy.internal import whereabouts
from privacy.internal.journal import keys, writing
from privacy.journal import replays
from privacy.models import Subject
from privacy.records import PersonalRecord


def note_correction(sender: Any, record: models.Model, fields: Iterable[str], **_signal: Any) -> None:
    """Hears of every correction that went through the gate, inside its transaction."""
    if not (writing.is_kept() and isinstance(record, PersonalRecord)):
        return
    line = uuid4()
    names = [keys.person(record.subject_id)]
    places = []
    for field in personal_fields(type(record), origin=Origin.PERSON):
        if field.name in fields or field.attname in fields:
            places.append(
                {
                    "table": keys.named("table", record._meta.db_table),
                    "row": keys.named("row", record._meta.db_table, record.pk),
                    "field": keys.named("field", column_key(field)),
                    "old": _digest(field, record.as_it_was.get(field.attname)),
                }
            )
    right = {f.name: f.value_to_string(record) for f in _named(record, fields)}
    sealed = keys.seal(names, str(line), json.dumps(right, ensure_ascii=False))
    writing.note("corrected", line_id=line, people=names, places=places, sealed=sealed)


def _named(record: models.Model, fields: Iterable[str]) -> list[models.Field]:
    wanted = set(fields)
    return [f for f in personal_fields(type(record), origin=Origin.PERSON) if {f.name, f.attname} & wanted]


def _digest(field: models.Field, value: Any) -> str:
    return keys.named("value", column_key(field), "" if value is None else str(value))


@replays("corrected")
def correct_again(line: Mapping[str, Any], people: Sequence[Subject]) -> None:
    """Put the right values back where the wrong ones stand again; a value that is neither is left, since it came later."""
    opened = keys.unseal(line["id"], line["sealed"])
    if opened is None:
        # The person was erased since, or the line is older than any backup that is kept.
        return
    right: Mapping[str, str] = json.loads(opened)
    rows = {place["row"] for place in line["places"]}
    wrong = {(place["row"], place["field"]): place["old"] for place in line["places"]}
    for person in people:
        records = {
            id(p.record): p.record for p in whereabouts.places_of(person) if isinstance(p.record, PersonalRecord)
        }
        for record in records.values():
            row = keys.named("row", record._meta.db_table, record.pk)
            if row in rows:
                _correct(record, row, wrong, right)


def _correct(record: PersonalRecord, row: str, wrong: Mapping[tuple[str, str], str], right: Mapping[str, str]) -> None:
    fields = [
        field
        for field in personal_fields(type(record), origin=Origin.PERSON)
        if field.name in right
        and wrong.get((row, keys.named("field", column_key(field)))) == _digest(field, getattr(record, field.attname))
    ]
    if not fields:
        return
    with collecting(surface="staff.console", subject=record.subject, fields=fields, source="journal, after a restore"):
        for field in fields:
            try:
                setattr(record, field.attname, field.to_python(right[field.name]))
            except ValidationError:
                continue
        record.save()
