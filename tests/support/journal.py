"""A journal of its own for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from privacy.internal.journal import lines, standing


@pytest.fixture
def journal(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """The journal is switched on, in a folder of this test; what the process remembers of it goes with the test."""
    settings.PRIVACY_JOURNAL = str(tmp_path / "journal" / "privacy.jsonl")
    settings.PRIVACY_JOURNAL_KEY = "a key that is only for this test"
    standing.forget_what_was_read()
    yield Path(settings.PRIVACY_JOURNAL)
    settings.PRIVACY_JOURNAL = ""
    standing.forget_what_was_read()


def kinds() -> list[str]:
    """What stands in the journal, line by line."""
    return [line.kind for line in lines.Reader().read()]
