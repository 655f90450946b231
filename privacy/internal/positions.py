"""Which position each model takes: a personal record, nothing personal and why, or a line in the list of other packages' models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from django.apps import apps
from django.conf import settings
from django.db import models

from privacy.declaration import Clock, Origin, PersonalDatum, personal_fields
from privacy.records import PersonalRecord

if TYPE_CHECKING:
    from privacy.models import Subject


@dataclass(frozen=True, slots=True)
class Holds:
    """The position of another package's model that holds personal values: which, and the column that leads to the person.

    `through` is the foreign key to the account, "" when the values belong to nobody who could be named. `keep_from` is
    the moment from which the period of its retention counts.
    """

    fields: Mapping[str, PersonalDatum]
    through: str = ""
    keep_from: Clock = ""


@dataclass(frozen=True, slots=True)
class HoldsNothing:
    """The position of another package's model that holds nothing about a person, and why."""

    why: str


Position = Holds | HoldsNothing


@dataclass(frozen=True, slots=True)
class Hop:
    """The way from a row to its subject: a column, and the table of accounts to look it up in (empty for our own records)."""

    column: str
    through_table: str


def third_party() -> dict[str, Position]:
    """The list of positions that the composition root keeps for models that are not ours."""
    module = getattr(settings, "PRIVACY_THIRD_PARTY_POSITIONS", "")
    return import_module(module).POSITIONS if module else {}


def declare_third_party() -> None:
    """Hang the declarations on the fields of other packages' models, so that one walk finds all."""
    for label, position in third_party().items():
        if isinstance(position, Holds) and apps.is_installed(apps.get_model(label)._meta.app_config.name):
            for name, declared in position.fields.items():
                apps.get_model(label)._meta.get_field(name).personal = declared


def is_ours(model: type[models.Model]) -> bool:
    """Whether a model belongs to one of the project's own apps: those whose code stands in the project's folder."""
    return str(model._meta.app_config.path).startswith(str(settings.BASE_DIR)) and "site-packages" not in str(
        model._meta.app_config.path
    )


def position_of(model: type[models.Model]) -> str | None:
    """The position in one word for the data map, or None when the model has not taken any."""
    if issubclass(model, PersonalRecord):
        return "personal record"
    if getattr(model, "no_personal_data", ""):
        return "no personal data"
    if model._meta.label in third_party():
        return "listed"
    declared = personal_fields(model)
    if declared and not personal_fields(model, origin=Origin.PERSON) and _has_subject(model):
        return "made by the store"
    return None


class _AboutSomebody(Protocol):
    subject: Subject


def _has_subject(model: type[models.Model]) -> bool:
    return any(f.name == "subject" for f in model._meta.fields)


def hop_to_subject(model: type[models.Model]) -> Hop:
    """How the gate finds out whom a row is about."""
    if _has_subject(model):
        return Hop("subject_id", "")
    position = third_party()[model._meta.label]
    account = model._meta.get_field(position.through) if isinstance(position, Holds) else None
    if not isinstance(account, models.ForeignKey):
        raise LookupError(f"{model._meta.label} holds personal values: its position must name a key to the account.")
    return Hop(account.column, account.related_model._meta.db_table)


def subject_of_record(record: models.Model) -> Subject | None:
    """Whom a row is about, our own or of a package that is listed; None for rows that are about nobody."""
    if _has_subject(type(record)):
        # Not every row with a subject is a PersonalRecord: what the store itself makes about a person is none.
        return cast(_AboutSomebody, record).subject
    position = third_party().get(record._meta.label)
    if isinstance(position, Holds) and position.through:
        return getattr(record, position.through).subject
    return None
