"""What the tests of promises share: a store that sells, and page views in hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from cookies.traffic import buffer, visitor
from tests.orders.conftest import open_store, provider, store

__all__ = ["open_store", "provider", "store"]


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Rate limits count in the cache; one test must not use up another's."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def hits(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> Iterator[buffer.HitBuffer]:
    """The page views in the memory of this process, without the thread that empties it."""
    fresh = buffer.HitBuffer(in_background=False)
    monkeypatch.setattr(buffer, "hits", fresh)
    visitor.forget_salt()
    yield fresh
    visitor.forget_salt()
