"""The register of ways to break the policy: each has a name, by what it is tried, and what stops it or brings it to light."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest
from django.core import checks
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from privacy.errors import PrivacyError
from privacy.internal.checks.source import Module, Source

REFUSED = (PrivacyError, DatabaseError, psycopg2.Error, ValidationError, PermissionDenied, ValueError, TypeError)


@dataclass(frozen=True)
class Way:
    """One attempt. `open_because` says why it succeeds, where it does."""

    name: str
    by: str
    stopped_by: str
    attempt: Callable[..., None]
    transactional: bool
    open_because: str


WAYS: list[Way] = []


def way(
    by: str, stopped_by: str, *, transactional: bool = False, open_because: str = ""
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Enter an attempt. Its name is the function's; its parameters are fixtures; it fails when nothing stopped it."""

    def register(attempt: Callable[..., None]) -> Callable[..., None]:
        name = attempt.__name__.replace("_", " ")
        WAYS.append(Way(name, by, stopped_by, attempt, transactional, open_because))
        return attempt

    return register


@contextmanager
def refused(words: str) -> Iterator[None]:
    """What is tried inside must be refused in these words (a regular expression), and leave nothing behind."""
    with pytest.raises(REFUSED, match=words), transaction.atomic():
        yield


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """As the role that the store signs in as."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def code(path: str, text: str) -> Source:
    """A file as somebody might slip it into the store, as the checks of a release read it."""
    ast.parse(text)
    return Source([Module.of(path, text)])


def found_in(check: Callable[..., Any], source: Source) -> set[str]:
    """The ids of what a check finds in a file."""
    return {message.id for message in check(source=source)}


def found_in_the_database() -> str:
    """What the checks find that ask the database, in words."""
    messages = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    return "\n".join(str(message) for message in messages if message.id and message.id.startswith("privacy."))
