"""What other rooms may ask about the end of values: what only a law keeps, until when, and what is late; never a value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models

from privacy.declaration import declaration_of, personal_fields
from privacy.internal import archive, policy, remaining, retention, whereabouts
from privacy.models import Subject


def kept_apart(subject: Subject) -> list[Mapping[str, Any]]:
    """What of a person only a law keeps: which values of which record, because of what, until when."""
    words = policy.current().words()
    lines: list[Mapping[str, Any]] = []
    for apart in archive.index(whereabouts.family(subject)):
        rule = retention.rule_of(apart.table)
        kinds = dict.fromkeys(
            words.of("category", declaration_of(field).category)
            for field in personal_fields(rule.model)
            if field.column in apart.columns
        )
        lines.append(
            {
                "record": rule.model._meta.verbose_name,
                "what": list(kinds),
                "law": retention.law_named(apart.law),
                "until": apart.until,
            }
        )
    return lines


def kept_apart_until(model: type[models.Model], parent: object) -> dt.datetime | None:
    """Until when a law keeps the record of `model` that belonged to one order, payment or case; None when it is gone."""
    apart = archive.kept_of(retention.rule_of(model._meta.db_table), parent)
    return apart.until if apart else None


def records_overdue(now: dt.datetime | None = None) -> int:
    """How many records have outlived their day by more than a night; the store promises none."""
    return remaining.records_overdue(now)
