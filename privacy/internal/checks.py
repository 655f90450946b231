"""The checks that stand at the door of every release: what they find stops it, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, connections, models

from privacy.declaration import Origin, datum, declaration_of, personal_fields, personal_records
from privacy.internal import database, policy, positions
from privacy.records import PersonalRecord

# Names by which a value about a person usually goes; a plain field so called is asked for its declaration.
_TELLING = (
    "email",
    "phone",
    "mobile",
    "birth",
    "passport",
    "recipient",
    "cardholder",
    "first_name",
    "last_name",
    "full_name",
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
            elif positions.is_ours(model) and getattr(model, "no_personal_data", None):
                for field in _telling_fields(model):
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
        for field in _telling_fields(model):
            yield Error(
                f"{model._meta.label}.{field.name} looks like a value about a person and is not declared.",
                hint="Wrap it in personal(field, category, purposes=…, keep=…).",
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


def _telling_fields(model: type[models.Model]) -> Iterator[models.Field]:
    for field in model._meta.local_concrete_fields:
        text = isinstance(field, models.CharField | models.TextField | models.EmailField)
        if text and datum(field) is None and any(word in field.name for word in _TELLING):
            yield field


@register("privacy")
def the_policy_covers_what_is_declared(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E006: a declared use that the policy in force does not state. E007: a promise of the policy without its words."""
    in_force = policy.current()
    for model in apps.get_models():
        for field in personal_fields(model):
            declared = declaration_of(field)
            for purpose in declared.purposes:
                if not in_force.states(declared.category, purpose, declared.keep):
                    yield Error(
                        f"{model._meta.label}.{field.name}: the policy of {in_force.version} does not state "
                        f"{declared.category} for {purpose}, kept as {declared.keep}.",
                        hint="Change the declaration, or publish a policy that states it.",
                        obj=model,
                        id="privacy.E006",
                    )
    for locale in in_force.locales:
        words = in_force.words(locale).data
        wanted = {
            "purpose": set(in_force.purposes),
            "retention": set(in_force.retention),
            "kept": set(in_force.retention),
            "category": {s.category for s in in_force.statements},
            "recipient": set(in_force.recipients),
        }
        for table, keys in wanted.items():
            for key in sorted(keys - set(words.get(table, {}))):
                yield Error(
                    f"The policy of {in_force.version} has no words for {table} {key} in {locale}.",
                    hint=f"Add the line to privacy/policy/{in_force.version}.{locale}.toml.",
                    id="privacy.E007",
                )


@register("privacy")
def adapters_are_used(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E009: an admin over a personal record that is not a PersonalAdmin; its changes would pass no door."""
    from privacy.staff import PersonalAdmin

    if not apps.is_installed("django.contrib.admin"):
        return
    gated = set(personal_records())
    for model, model_admin in admin.site._registry.items():
        if model in gated and not isinstance(model_admin, PersonalAdmin):
            yield Error(
                f"{type(model_admin).__name__} shows {model._meta.label}, which is personal, and is not a PersonalAdmin.",
                hint="Derive it from privacy.staff.PersonalAdmin.",
                id="privacy.E009",
            )
        for inline in model_admin.inlines:
            if inline.model in gated and not getattr(inline, "goes_through_the_gate", False):
                yield Error(
                    f"{inline.__name__} shows {inline.model._meta.label}, which is personal, and is not a PersonalInline.",
                    hint="Derive it from privacy.staff.PersonalInline.",
                    id="privacy.E009",
                )


@register(Tags.database)
def the_database_agrees(databases: Any = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E010: triggers or grants of the database differ from the models. Runs where the database is asked about."""
    if not databases or "default" not in databases:
        return
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT to_regclass('privacy_collection') IS NOT NULL")
            migrated = cursor.fetchone()[0]
    except OperationalError as error:
        yield Warning(f"The database did not answer: {error}", id="privacy.W010")
        return
    if not migrated:
        return
    for difference in database.differences():
        yield Error(
            f"The database differs from the models: {difference}.",
            hint="Run `manage.py migrate`: it brings triggers and grants up to date.",
            id="privacy.E010",
        )
