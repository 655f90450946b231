"""What only a law keeps of a person is never rewritten: a correction of it stands beside it, and staff see both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models

from privacy.declaration import Category, Origin, declaration_of, personal_fields
from privacy.internal import archive, retention, whereabouts
from privacy.internal.desk import identifying
from privacy.models import Correction, RightsRequest, Subject
from privacy.models.request import RequestKind


@dataclass(frozen=True, slots=True)
class Apart:
    """One value in the law's archive, by its names alone: nobody reads it here."""

    person: Subject
    field: models.Field
    row_id: str
    law: str

    @property
    def label(self) -> str:
        """The record as it was named while it stood in use: "orders.DeliveryAddress:12"."""
        return f"{self.field.model._meta.label}:{self.row_id}"

    @property
    def column(self) -> str:
        return f"{self.field.model._meta.db_table}.{self.field.column}"

    @property
    def key(self) -> str:
        """A name for this value in a form, which no value in use has."""
        return f"apart:{self.label}:{self.field.name}"


def values_of(case: RightsRequest) -> list[Apart]:
    """Every text that a law keeps of the people of a case and that they had given themselves; none before they are certain."""
    return [
        apart
        for person in identifying.people_of(case, RequestKind.RECTIFICATION)
        for apart in _of(person)
        if isinstance(apart.field, models.CharField | models.TextField)
    ]


def _of(person: Subject) -> Iterator[Apart]:
    for kept in archive.index(whereabouts.family(person)):
        model = retention.rule_of(kept.table).model
        if getattr(model, "not_corrected", ""):
            continue
        for field in personal_fields(model, origin=Origin.PERSON):
            if field.column in kept.columns and declaration_of(field).category is not Category.SELF_IMAGE:
                yield Apart(person, field, kept.row_id, retention.law_named(kept.law))


def beside(table: str, row_id: str) -> dict[str, str]:
    """The right values of one record of the archive, by column, as far as they were told; the last one counts."""
    label = f"{retention.rule_of(table).model._meta.label}:{row_id}"
    items = Correction.objects.filter(record=label, outcome=Correction.Outcome.BESIDE).order_by("pk")
    return {item.field_name: item.value for item in items}
