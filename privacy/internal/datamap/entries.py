"""One entry for every personal value: what it is, what for, how long and by which law, who receives it, who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from privacy.declaration import Keep, Origin, PersonalDatum, column_key, declaration_of, personal_fields
from privacy.internal import policy, retention

# Whose values each kind of record holds, in fideslang's words.
_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    Keep.ACCOUNT: ("customer", "employee"),
    Keep.SUBSCRIPTION: ("customer", "prospect"),
    Keep.REQUEST: ("customer", "prospect"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One personal value."""

    model: type[models.Model]
    field: models.Field
    declared: PersonalDatum
    recipients: tuple[str, ...]

    @property
    def label(self) -> str:
        """How the code names it: "orders.OrderContact.email"."""
        return f"{self.model._meta.label}.{self.field.name}"

    @property
    def column(self) -> str:
        """How the database names it: "orders_ordercontact.email"."""
        return column_key(self.field)

    @property
    def made_by(self) -> str:
        return "the person" if self.declared.origin is Origin.PERSON else "the store"

    @property
    def subjects(self) -> tuple[str, ...]:
        return subjects_of(self.declared.keep)


def subjects_of(keep: str) -> tuple[str, ...]:
    """Whose values are kept for this reason."""
    return _SUBJECTS.get(keep, ("customer",))


def law_of(keep: str) -> str:
    """The law that bounds or asks for this retention, "" where only the purpose does."""
    reason = retention.reasons().get(keep)
    stated = newest().retention.get(keep)
    return str(reason.law) if reason and reason.law else stated.law if stated else ""


def newest() -> policy.Policy:
    """The latest version in the folder: the one that this code was written under, whatever is published where it runs."""
    return policy.load(policy.files()[-1])


def entries() -> list[Entry]:
    """Every personal value, in the order of the models' names."""
    stated = newest()
    found = []
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
        for field in personal_fields(model):
            declared = declaration_of(field)
            recipients = tuple(sorted(r.id for r in stated.recipients.values() if receives(r, declared)))
            found.append(Entry(model, field, declared, recipients))
    return found


def receives(recipient: policy.Recipient, declared: PersonalDatum) -> bool:
    """Whether the policy lets a recipient have a value that is so declared."""
    return any(p in declared.purposes and declared.category in cs for p, cs in recipient.receives.items())
