"""What the signer remembers outside the database: every head that it signed, so that no past can be signed twice."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from privacy.internal.ledger.heads import Head


def folder() -> Path | None:
    """Where it is kept; None where the setting is empty, and the signer then has the database's word only."""
    return Path(settings.LEDGER_JOURNAL) if settings.LEDGER_JOURNAL else None


def write(head: Head) -> None:
    """Remember one head, on the disk before this returns."""
    place = folder()
    if place is None:
        return
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps(head.as_data()) + "\n"
    descriptor = os.open(place / f"heads-{head.month}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def heads() -> Iterator[Head]:
    """Every head that is remembered, the oldest first. A line that a power cut left half written is passed over."""
    place = folder()
    for path in sorted(place.glob("heads-*.jsonl")) if place else []:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield Head.of(json.loads(line))


def last() -> Head | None:
    """The newest head that is remembered."""
    place = folder()
    for path in sorted(place.glob("heads-*.jsonl"), reverse=True) if place else []:
        whole = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]
        if whole:
            return Head.of(json.loads(whole[-1]))
    return None
