"""What a model must say of the values in it, before a release: E001 to E005, E008 and E025."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from privacy.declaration import Category, Origin, datum, declaration_of, personal_fields
from privacy.internal import positions
from privacy.internal.checks.vocabulary import tells
from privacy.records import PersonalRecord

# Of these, only a name can tell; in a record about a person, every other column is taken to be about the person until it
# says otherwise.
_COUNTED = (
    models.IntegerField,
    models.DecimalField,
    models.FloatField,
    models.DateField,
    models.TimeField,
    models.UUIDField,
)
_ABOUT_NOBODY = (models.BooleanField, models.AutoField)
# These come from people; the store cannot have made them itself, so the door is asked.
_TOLD = (
    "user.name",
    "user.contact",
    "user.financial",
    "user.social",
    "user.demographic",
    "user.content",
    "user.device",
    "user.behavior.browsing_history",
)


@register("privacy")
def every_model_takes_a_position(**_kwargs: Any) -> list[CheckMessage]:
    """E001: a model that has not said whether it holds personal values. E008: the list names a model that is not there."""
    found: list[CheckMessage] = [
        Error(
            f"{model._meta.label} takes no position on personal data.",
            hint="Make it a PersonalRecord, or say no_personal_data = 'why'; a model of another package goes into the list "
            "that PRIVACY_THIRD_PARTY_POSITIONS names.",
            obj=model,
            id="privacy.E001",
        )
        for model in apps.get_models()
        if positions.position_of(model) is None
    ]
    known = {model._meta.label for model in apps.get_models()}
    found += [
        Error(
            f"The list of positions names {label}, which is not an installed model.",
            hint="Remove the line, or correct its name.",
            id="privacy.E008",
        )
        for label in positions.third_party()
        if label not in known
    ]
    return found


@register("privacy")
def personal_values_stand_in_personal_records(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E002–E005: a value outside a record, a record without a value, an undeclared column, mixed lifetimes."""
    for model in apps.get_models():
        from_people = personal_fields(model, origin=Origin.PERSON)
        if not issubclass(model, PersonalRecord):
            if from_people and model._meta.label not in positions.third_party():
                yield Error(
                    f"{model._meta.label}.{from_people[0].name} is personal, but the model is not a PersonalRecord.",
                    hint="Derive the model from PersonalRecord, or move the value into a record of its own.",
                    obj=model,
                    id="privacy.E002",
                )
            elif positions.is_ours(model):
                for field in _undeclared(model):
                    yield Error(
                        f"{model._meta.label}.{field.name} looks like a value about a person, but says nothing personal.",
                        hint="Wrap it in personal() inside a PersonalRecord, or give it a name that says what it is.",
                        obj=model,
                        id="privacy.E004",
                    )
            continue
        if not from_people:
            yield Error(
                f"{model._meta.label} is a PersonalRecord without a personal field.",
                hint="Declare its values with personal(), or make it an ordinary model with no_personal_data.",
                obj=model,
                id="privacy.E003",
            )
        for field in _undeclared(model):
            yield Error(
                f"{model._meta.label}.{field.name} stands in a record about a person and is not declared.",
                hint="Wrap it in personal(field, category, purposes=…, keep=…), or say in not_personal = {'field': 'why'} why "
                "it is nothing about them.",
                obj=model,
                id="privacy.E004",
            )
        lifetimes = {declaration_of(f).keep for f in personal_fields(model)}
        if len(lifetimes) > 1:
            yield Error(
                f"{model._meta.label} mixes lifetimes: {', '.join(sorted(lifetimes))}.",
                hint="One record, one lifetime: move the values that are kept for another time into a record of their own.",
                obj=model,
                id="privacy.E005",
            )


def _undeclared(model: type[models.Model]) -> Iterator[models.Field]:
    """Columns that by their name are about a person; in a record about a person, also all that can be typed into."""
    said = getattr(model, "not_personal", {})
    record = issubclass(model, PersonalRecord)
    for field in model._meta.local_concrete_fields:
        if field.is_relation or isinstance(field, _ABOUT_NOBODY) or datum(field) is not None or field.name in said:
            continue
        by_type = isinstance(field, models.EmailField | models.GenericIPAddressField)
        typed = record and not isinstance(field, _COUNTED) and not field.choices
        # The words of a key are its table's: the key of a recipient is called "recipient".
        named = tells(field.name) or (not field.primary_key and tells(str(field.verbose_name)))
        if by_type or typed or (named and not field.choices):
            yield field


@register("privacy")
def what_people_tell_comes_from_people(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E025: a value that only a person can tell, declared as made by the store, so that no door would be asked."""
    for model in apps.get_models():
        for field in personal_fields(model, origin=Origin.SYSTEM):
            category = declaration_of(field).category
            if category.startswith(_TOLD) and category != Category.PSEUDONYM:
                yield Error(
                    f"{model._meta.label}.{field.name} is declared as made by the store, and {category} comes from a person.",
                    hint="Drop origin=Origin.SYSTEM, and write it inside collecting().",
                    obj=model,
                    id="privacy.E025",
                )
