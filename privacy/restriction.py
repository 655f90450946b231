"""What is stored and nothing else: values whose accuracy a person contests, or of which they asked that nobody use them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from privacy.declaration import Purpose, column_key
from privacy.errors import Restricted
from privacy.internal import positions
from privacy.models import RequestMessage, Restriction

if TYPE_CHECKING:
    from privacy.models import Subject

__all__ = ["Restricted", "refuse_restricted", "restricted_among", "restricted_because"]

# The person themselves asks for these at that moment, which is their consent to it (GDPR Art. 18(2)).
_AT_THEIR_OWN_WISH = frozenset({Purpose.AUTHENTICATION})


def restricted_because(record: models.Model, columns: Iterable[models.Field] = (), *, purpose: str = "") -> str:
    """Why a record, or one of these values of it, may not be used now; "" when it may. A sentence for staff."""
    person = positions.subject_of_record(record)
    return _why(person, record, columns, purpose) if person is not None else ""


def restricted_among(people: Iterable[Subject]) -> set[UUID]:
    """The keys of those of whom something may not be used now: one question for all of them."""
    keys = {person.pk for person in people}
    return set(Restriction.objects.filter(subject__in=keys, ended_at__isnull=True).values_list("subject_id", flat=True))


def refuse_restricted(person: Subject, record: models.Model, columns: Iterable[models.Field], purpose: str) -> None:
    """Raise `Restricted` when one of these values may not leave."""
    if why := _why(person, record, columns, purpose):
        raise Restricted(why)


def _why(person: Subject, record: models.Model, columns: Iterable[models.Field], purpose: str) -> str:
    if isinstance(record, RequestMessage):
        return ""  # the answer to the very request has to reach whoever asked
    label, names = f"{record._meta.label}:{record.pk}", {column_key(field) for field in columns}
    for held in Restriction.objects.filter(subject=person, ended_at__isnull=True).select_related("request"):
        if not held.record and purpose in _AT_THEIR_OWN_WISH:
            continue
        if held.record in ("", label) and (not held.column or not names or held.column in names):
            return _("%(record)s is restricted while case %(number)s is open: it is not used and not handed on.") % {
                "record": record._meta.verbose_name,
                "number": held.request.number,
            }
    return ""
