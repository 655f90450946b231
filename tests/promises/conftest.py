"""What the tests of promises share: a store that sells, a policy folder that may be changed, and page views in hand."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from cookies.traffic import buffer, visitor
from privacy.internal import policy, published, publishing
from privacy.models import Publication, Subject
from tests.orders.conftest import open_store, provider, store

__all__ = ["open_store", "provider", "store"]


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Rate limits count in the cache; one test must not use up another's."""
    cache.clear()
    yield
    cache.clear()


def publish_version(version: str) -> Publication:
    """Let one member of staff propose a version and another publish it."""
    one, other = (Subject.objects.create(kind=Subject.Kind.EMPLOYEE) for _ in range(2))
    publication = publishing.publish(publishing.propose(version, drafted_by=one), published_by=other)
    published.look()
    return publication


def _forget_what_was_read() -> None:
    for read in (policy.load, policy._words, policy.files):
        read.cache_clear()


@pytest.fixture
def policy_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the policy that a test may change."""
    folder = tmp_path / "policy"
    shutil.copytree(policy.FOLDER, folder)
    monkeypatch.setattr(policy, "FOLDER", folder)
    _forget_what_was_read()
    yield folder
    monkeypatch.undo()
    _forget_what_was_read()


@pytest.fixture
def plant(policy_folder: Path) -> Callable[..., str]:
    """Add a version that takes effect on a day, the present one with some words replaced, and let two people publish it."""

    def add(day: str, *, draft: bool = False, **replaced: str) -> str:
        present = policy.versions()[-1]
        for path in policy_folder.glob(f"{present}*.toml"):
            text = path.read_text(encoding="utf-8").replace(present, day)
            for old, new in replaced.items():
                text = text.replace(old, new)
            (policy_folder / path.name.replace(present, day)).write_text(text, encoding="utf-8")
        _forget_what_was_read()
        if not draft:
            publish_version(day)
        return day

    return add


@pytest.fixture
def hits(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> Iterator[buffer.HitBuffer]:
    """The page views in the memory of this process, without the thread that empties it."""
    fresh = buffer.HitBuffer(in_background=False)
    monkeypatch.setattr(buffer, "hits", fresh)
    visitor.forget_salt()
    yield fresh
    visitor.forget_salt()
