"""Who was handed a person's data, as the person reads it: the recipient, what for, which values, how often and when last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps

from privacy.declaration import column_key, declaration_of, personal_fields
from privacy.internal import policy, whereabouts
from privacy.models import Disclosure, Subject

# A person of many orders has thousands of these; the recent ones say who receives what.
_LOOKED_THROUGH = 2000


@dataclass(slots=True)
class Handed:
    """All hand-overs to one recipient for one purpose."""

    to: str
    purpose: str
    what: list[str]
    times: int
    last: dt.datetime
    ordered_by: str  # the authority and the law, where only an order made it happen


def handed_over(subject: Subject) -> list[Handed]:
    """The latest first. A letter is a hand-over to the mail service, and counted as one."""
    words, found = policy.current().words(), dict[tuple[str, str, str], Handed]()
    told = Disclosure.objects.filter(subject__in=whereabouts.family(subject)).select_related("legal_order")
    fields: dict[tuple[str, str, str], set[str]] = {}
    for one in told.order_by("-disclosed_at")[:_LOOKED_THROUGH]:
        order = f"{one.legal_order}, {one.legal_order.law}" if one.legal_order else ""
        key = (one.handed_to, one.purpose, order)
        if key not in found:
            # What an older policy named and this one does not is shown by its key, and a legal order's receiver as it was written.
            to = words.data.get("recipient", {}).get(one.handed_to, one.handed_to)
            found[key] = Handed(
                to, words.data.get("purpose", {}).get(one.purpose, one.purpose), [], 0, one.disclosed_at, order
            )
        found[key].times += 1
        fields.setdefault(key, set()).update(one.fields)
    for key, columns in fields.items():
        found[key].what = _in_words(columns)
    return list(found.values())


def _in_words(columns: Iterable[str]) -> list[str]:
    words = policy.current().words()
    declared = {
        column_key(field): words.of("category", declaration_of(field).category)
        for model in apps.get_models()
        for field in personal_fields(model)
    }
    return sorted({declared.get(column, column) for column in columns})
