"""Where the values of a person stand: derived from the declarations, so a new record is found the day it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from privacy.declaration import Category, Origin, PersonalDatum, declaration_of, personal_fields
from privacy.internal import positions
from privacy.models import Subject
from privacy.records import PersonalRecord


@dataclass(frozen=True, slots=True)
class Place:
    """One value of one person, where it stands."""

    record: models.Model
    field: models.Field
    declared: PersonalDatum

    @property
    def value(self) -> Any:
        return getattr(self.record, self.field.attname)

    @property
    def key(self) -> str:
        """A name for this place in a form: "orders.DeliveryAddress:12:city"."""
        return f"{self.record._meta.label}:{self.record.pk}:{self.field.name}"

    @property
    def correctable(self) -> bool:
        """Whether the gate can write it: a record of our own, with a value that came from the person."""
        return isinstance(self.record, PersonalRecord) and self.declared.origin is Origin.PERSON


def holders() -> Iterator[tuple[type[models.Model], str]]:
    """Every model that holds personal values, with the look-up that leads from it to the subject."""
    for model in apps.get_models():
        if not personal_fields(model):
            continue
        if any(f.name == "subject" for f in model._meta.fields):
            yield model, "subject"
            continue
        position = positions.third_party().get(model._meta.label)
        if isinstance(position, positions.Holds) and position.through:
            yield model, f"{position.through}__subject"


def family(subject: Subject) -> list[UUID]:
    """The keys of one person: the subject and the guests that were found to be the same."""
    return list(
        Subject.objects.filter(models.Q(pk=subject.pk) | models.Q(merged_into=subject)).values_list("pk", flat=True)
    )


def places_of(subject: Subject) -> Iterator[Place]:
    """Every value that the store holds about a person, record by record."""
    keys = family(subject)
    for model, path in holders():
        for record in model._default_manager.filter(**{f"{path}__in": keys}).order_by("pk"):
            for field in personal_fields(model):
                place = Place(record, field, declaration_of(field))
                if place.value not in (None, ""):
                    yield place


def subjects_with_email(address: str) -> list[Subject]:
    """Everybody in whose records this e-mail address stands, whatever its case."""
    found: set[UUID] = set()
    for model, path in holders():
        for field in personal_fields(model, origin=Origin.PERSON):
            if declaration_of(field).category is Category.EMAIL:
                found.update(
                    model._default_manager.filter(**{f"{field.name}__iexact": address}).values_list(path, flat=True)
                )
    return list(Subject.objects.filter(pk__in=found).order_by("created_at"))


def addresses_of(subject: Subject) -> set[str]:
    """Every e-mail address in the records of a person: only the tables that hold one are asked."""
    keys = family(subject)
    found: set[str] = set()
    for model, path in holders():
        for field in personal_fields(model, origin=Origin.PERSON):
            if declaration_of(field).category is Category.EMAIL:
                held = model._default_manager.filter(**{f"{path}__in": keys}).order_by()
                found.update(value for value in held.values_list(field.name, flat=True) if value)
    return found
