"""The policy's files against what was published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from privacy.internal import publishing


@register(Tags.database)
def the_policy_is_as_it_was_published(databases: Any = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E040: a file of a published version was changed, added or removed. Runs where the database is asked about."""
    if not databases or "default" not in databases:
        return
    try:
        found = list(publishing.departures())
    except DatabaseError:
        return  # no database, or none that was migrated: the check of the gate says so
    for sentence in found:
        yield Error(
            sentence,
            hint="Put the files back as they were, and the change into a version of its own (manage.py publish_policy). "
            "An installation that nobody uses yet can be made anew: make reset.",
            id="privacy.E040",
        )
