"""A kept connection is used at once while it is surely good, and asked or replaced when it may not be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.backends.postgresql import base

from kmall24.postgres.base import TRUSTED_FOR, DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[DatabaseWrapper]:
    """A connection of its own, as a web process keeps one between two requests."""
    own = connection.copy()
    assert isinstance(own, DatabaseWrapper)
    own.ensure_connection()
    yield own
    own.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    found: list[bool] = []
    ask = base.DatabaseWrapper.is_usable

    def noting(self: Any) -> bool:
        found.append(ask(self))
        return found[-1]

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", noting)
    return found


def test_it_is_asked_once_and_then_trusted_for_a_while(kept: DatabaseWrapper, asked: list[bool]) -> None:
    assert [kept.is_usable() for _ in range(5)] == [True] * 5
    assert asked == [True]


def test_one_that_was_idle_is_asked(kept: DatabaseWrapper, asked: list[bool]) -> None:
    assert kept.is_usable()
    kept._answered_at -= TRUSTED_FOR
    assert kept.is_usable()
    assert asked == [True, True]


def test_one_that_the_server_ended_is_not_used_again(kept: DatabaseWrapper, asked: list[bool]) -> None:
    assert kept.is_usable()
    with kept.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone()[0]
    assert not kept.is_usable()
    assert asked == [True, False]


def test_one_on_which_something_failed_is_asked(kept: DatabaseWrapper, asked: list[bool]) -> None:
    assert kept.is_usable()
    with pytest.raises(DatabaseError), kept.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    kept.errors_occurred = True
    assert kept.is_usable()
    assert asked == [True, True]


def test_a_new_one_owes_its_trust_to_none_before_it(kept: DatabaseWrapper, asked: list[bool]) -> None:
    assert kept.is_usable()
    kept.close()
    assert not kept.is_usable()
    kept.ensure_connection()
    assert kept.is_usable()
    assert asked == [True, False, True]
