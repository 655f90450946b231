"""The database's side of the gate against the models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, connections

from privacy.internal import database


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
