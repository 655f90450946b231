"""Where the values of a person stand: derived from the declarations, so a new record is found the day it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from privacy.addresses import near_mailbox, spellings
from privacy.declaration import Category, Origin, PersonalDatum, column_key, declaration_of, personal_fields
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
    def shown(self) -> Any:
        """The value as a page shows it to its owner: of a photograph, that there is one and how large."""
        if self.declared.category is Category.SELF_IMAGE and self.value:
            return _("a photograph, %(size)s") % {"size": filesizeformat(len(self.value) * 3 // 4)}
        return self.value

    @property
    def label(self) -> str:
        """The record as disclosures name it: "orders.DeliveryAddress:12"."""
        return f"{self.record._meta.label}:{self.record.pk}"

    @property
    def column(self) -> str:
        """The value as disclosures and collections name it: "orders_deliveryaddress.city"."""
        return column_key(self.field)

    @property
    def key(self) -> str:
        """A name for this place in a form: "orders.DeliveryAddress:12:city"."""
        return f"{self.record._meta.label}:{self.record.pk}:{self.field.name}"

    @property
    def correctable(self) -> bool:
        """Whether the gate can write it: a record of our own, with a value that came from the person, and no reason against."""
        mine = isinstance(self.record, PersonalRecord) and not self.record.not_corrected
        return mine and self.declared.origin is Origin.PERSON


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


def places_of(subject: Subject, *, empty: bool = False) -> Iterator[Place]:
    """Every value that the store holds about a person, record by record; with `empty` also the places without one."""
    keys = family(subject)
    for model, path in holders():
        for record in model._default_manager.filter(**{f"{path}__in": keys}).order_by("pk"):
            for field in personal_fields(model):
                place = Place(record, field, declaration_of(field))
                if empty or place.value not in (None, ""):
                    yield place


def place_of(label: str, column: str) -> Place | None:
    """The place that "orders.DeliveryAddress:12" and "orders_deliveryaddress.city" name, if it still stands."""
    model_label, _, key = label.rpartition(":")
    try:
        model = apps.get_model(model_label)
        record = model._default_manager.filter(pk=key).first()
    except (LookupError, ValueError, ValidationError):
        return None
    field = next((f for f in personal_fields(model) if f.column == column.rpartition(".")[2]), None)
    return Place(record, field, declaration_of(field)) if record is not None and field is not None else None


def subjects_with_email(address: str) -> list[Subject]:
    """Everybody in whose records this e-mail address stands, whatever its case."""
    return _subjects_with(Category.EMAIL, address, iexact=address)


def subjects_reached_by(address: str) -> list[Subject]:
    """Everybody who may be reached by this address in any of its spellings, or by this telephone number (E.164).

    For stopping, never for showing or changing.
    """
    if "@" in address:
        return _subjects_with(Category.EMAIL, address, iexact=address, iregex=spellings(address))
    return _subjects_with(Category.PHONE, address, exact=address) if address.startswith("+") else []


def _subjects_with(category: Category, value: str, **conditions: str) -> list[Subject]:
    found: set[UUID] = set()
    for model, path in holders():
        for field in personal_fields(model, origin=Origin.PERSON):
            if declaration_of(field).category is category:
                rows = model._default_manager.all()
                if category is Category.EMAIL:
                    rows = near_mailbox(rows, field.name, value)
                any_of = models.Q()
                for lookup, wanted in conditions.items():
                    any_of |= models.Q(**{f"{field.name}__{lookup}": wanted})
                found.update(rows.filter(any_of).values_list(path, flat=True))
    return list(Subject.objects.filter(pk__in=found).order_by("created_at"))


def addresses_of(subject: Subject) -> set[str]:
    """Every e-mail address in the records of a person."""
    keys = family(subject)
    held = [
        model._default_manager.filter(**{f"{path}__in": keys}).order_by().values_list(field.name, flat=True)
        for model, path in holders()
        for field in personal_fields(model, origin=Origin.PERSON)
        if declaration_of(field).category is Category.EMAIL
    ]
    # One statement: somebody who says no waits for it.
    first, *others = held
    return set(filter(None, first.union(*others)))
