"""The adapter for files: rows about people enter through the same door, one collection a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction

from privacy.cards import without_card_numbers, without_card_numbers_over
from privacy.declaration import NUMBERS_OF_THEIR_OWN, Origin, declaration_of, personal_fields
from privacy.gate import collecting
from privacy.models import Subject
from privacy.records import PersonalRecord


def import_records(
    model: type[PersonalRecord],
    rows: Iterable[Mapping[str, Any]],
    *,
    surface: str,
    source: str,
    kind: str = Subject.Kind.CUSTOMER,
) -> list[PersonalRecord]:
    """Store one record per row, each about a new subject, under a collection that names the file as its source.

    All or nothing. A card number in any text is masked, since nobody is there to be asked again. An import brings no
    permission with it: nobody who comes in this way may be contacted for marketing.
    """
    gated = personal_fields(model, origin=Origin.PERSON)
    stored: list[PersonalRecord] = []
    with transaction.atomic():
        for row in rows:
            values = _masked(row, gated)
            written = [f for f in gated if f.name in values]
            with collecting(surface=surface, subject=Subject(kind=kind), fields=written, source=source):
                record = model(**values)
                record.full_clean(exclude=["subject", "collection"])
                record.save(force_insert=True)
            stored.append(record)
    return stored


def _masked(row: Mapping[str, Any], gated: Iterable[models.Field]) -> dict[str, Any]:
    own = {field.name for field in gated if declaration_of(field).category in NUMBERS_OF_THEIR_OWN}
    texts = {name: value for name, value in row.items() if isinstance(value, str)}
    clean = {name: without_card_numbers(texts[name]) for name in own & texts.keys()}
    rest = [name for name in texts if name not in own]
    clean |= zip(rest, without_card_numbers_over([texts[name] for name in rest]), strict=True)
    return {name: clean.get(name, value) for name, value in row.items()}
