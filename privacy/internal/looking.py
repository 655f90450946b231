"""Staff see a value whole only after the store has written down who looks, at whose, at which and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from privacy.declaration import Category, Origin, column_key, declaration_of, personal_fields
from privacy.internal import positions, retention, whereabouts
from privacy.masking import SHOWN_AS_IT_IS
from privacy.models import ArchiveLook, Look, Subject

REVEAL, EXPORT = "privacy.reveal_look", "privacy.export_look"
# How long a form that was opened with a reason may be sent, before it must be opened again.
EDIT_WITHIN = dt.timedelta(minutes=15)
# More people than this are not looked at for one reason.
MOST_FOUND, MOST_EXPORTED = 50, 500
_SHOWN_IN_THE_CENTRE = 50
_SOUGHT = frozenset({Category.EMAIL, Category.PHONE, Category.NAME, Category.CARD_HOLDER})

ADMINISTRATOR = gettext_noop("administrator")
STAFF = gettext_noop("staff")


@dataclass(frozen=True, slots=True)
class Why:
    """The reason for a look, as its form was filled in."""

    category: str
    reason: str


def hidden_fields(model: type[models.Model]) -> list[models.Field]:
    """The values of a record that staff see masked."""
    return [
        field
        for field in personal_fields(model, origin=Origin.PERSON)
        if declaration_of(field).category not in SHOWN_AS_IT_IS
    ]


def role_of(user: Any) -> str:
    """As what somebody works here: what the person whose values they see may know of them."""
    groups = ", ".join(sorted(group.name for group in user.groups.all()))
    return (ADMINISTRATOR if user.is_superuser else groups or STAFF)[:120]


def may_see(user: Any, model: type[models.Model]) -> bool:
    """Whether a member of staff may open records of this kind at all, masked."""
    app, name = model._meta.app_label, model._meta.model_name
    return user.has_perm(f"{app}.view_{name}") or user.has_perm(f"{app}.change_{name}")


def label_of(record: models.Model) -> str:
    """A record as a look names it: "orders.DeliveryAddress:12"."""
    return f"{record._meta.label}:{record.pk}"


def _person_of(record: models.Model) -> UUID | None:
    if "subject_id" in record.__dict__:
        return record.__dict__["subject_id"]
    person = positions.subject_of_record(record)
    return person.pk if person else None


@transaction.atomic
def write_down(
    records: Iterable[models.Model],
    *,
    user: Any,
    kind: Look.Kind,
    why: Why,
    fields: Mapping[type[models.Model], Iterable[models.Field]] | None = None,
) -> list[Look]:
    """One look for each person whose records these are. Call it before anything of them is shown, and commit.

    `fields` says which values are shown of each kind of record; without it, all that are otherwise masked.
    """
    role = role_of(user)
    looks: dict[UUID, Look] = {}
    for record in records:
        person = _person_of(record)
        if person is None:
            continue
        look = looks.setdefault(
            person,
            Look(
                subject_id=person,
                staff=user.subject,
                role=role,
                kind=kind,
                category=why.category,
                reason=why.reason,
                records=[],
                fields=[],
            ),
        )
        look.records.append(label_of(record))
        shown = fields[type(record)] if fields else hidden_fields(type(record))
        look.fields = list(dict.fromkeys([*look.fields, *map(column_key, shown)]))
    return Look.objects.bulk_create(looks.values())


def opened_for_change(records: Iterable[str], *, user: Any) -> Look | None:
    """The last of the looks with which this member of staff opened all of these records to change them, while they are fresh."""
    wanted = set(records)
    fresh = Look.objects.filter(
        staff=user.subject,
        kind=Look.Kind.EDIT,
        records__overlap=sorted(wanted),
        looked_at__gt=timezone.now() - EDIT_WITHIN,
    )
    looks = list(fresh.order_by("-looked_at"))
    return looks[0] if looks and wanted <= {label for look in looks for label in look.records} else None


# --- finding a person ------------------------------------------------------------------------------------------------


def _condition(category: Category, field: str, wanted: str) -> models.Q | None:
    digits = "".join(c for c in wanted if c.isdigit())
    if category is Category.EMAIL:
        return models.Q(**{f"{field}__iexact": wanted}) if "@" in wanted else None
    if category is Category.PHONE:
        # Stored with the country's number; people say their own with a zero in front.
        typed = len(digits) >= 7 and not any(c.isalpha() for c in wanted)
        return models.Q(**{f"{field}__endswith": digits.lstrip("0")}) if typed else None
    return None if "@" in wanted or digits else models.Q(**{f"{field}__icontains": wanted})


def sought_fields(model: type[models.Model]) -> list[models.Field]:
    """The values of a record that people are found by."""
    return [f for f in personal_fields(model, origin=Origin.PERSON) if declaration_of(f).category in _SOUGHT]


def find(wanted: str, user: Any) -> list[models.Model]:
    """The records that the user may see in which this e-mail address, phone number or name stands, one more than may be shown.

    An address is found by the whole of it, a number by its end, a name by a part of it.
    """
    found: list[models.Model] = []
    for model, _path in whereabouts.holders():
        if not may_see(user, model):
            continue
        condition = models.Q()
        for field in sought_fields(model):
            if part := _condition(declaration_of(field).category, field.name, wanted):
                condition |= part
        if condition:
            found += model._default_manager.filter(condition).order_by("-pk")[: MOST_FOUND + 1]
    return found[: MOST_FOUND + 1]


# --- what the person sees -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """One look as the person reads it in the privacy centre."""

    at: dt.datetime
    who: str
    how: str | Promise
    what: list[str]
    why: str | Promise
    reason: str


def _in_words(names: Iterable[str]) -> list[str]:
    """Columns as their owner reads them, record by record: "delivery address: recipient, city"."""
    known = {
        column_key(field): (str(model._meta.verbose_name), str(field.verbose_name))
        for model in apps.get_models()
        for field in personal_fields(model)
    }
    grouped: dict[str, list[str]] = {}
    for name in names:
        # A column that the store no longer has keeps the name that was written down.
        record, value = known.get(name, ("", name))
        grouped.setdefault(record, []).append(value)
    return [f"{record}: {', '.join(values)}".removeprefix(": ") for record, values in grouped.items()]


def seen_of(subject: Subject) -> list[Seen]:
    """Who of the staff looked at a person's values, the latest first; a look into the law's archive is one too."""
    people = whereabouts.family(subject)
    looks = [
        Seen(
            look.looked_at,
            ", ".join(_(role) for role in look.role.split(", ")),
            look.get_kind_display(),
            _in_words(look.fields),
            look.get_category_display(),
            look.reason,
        )
        for look in Look.objects.filter(subject__in=people)[:_SHOWN_IN_THE_CENTRE]
    ]
    looks += [
        Seen(
            look.looked_at,
            _(STAFF),
            pgettext("how staff looked", "opened in the archive"),
            [_("what only a law keeps of you")],
            retention.law_named(look.law),
            look.reason,
        )
        for look in ArchiveLook.objects.filter(subject__in=people)[:_SHOWN_IN_THE_CENTRE]
    ]
    return sorted(looks, key=lambda look: look.at, reverse=True)[:_SHOWN_IN_THE_CENTRE]
