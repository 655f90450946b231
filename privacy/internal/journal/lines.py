"""The file: one line of JSON each, chained, appended under a lock and on the disk before anybody goes on."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

FIRST = "0" * 64
# Far more than a line is long; where the last one begins is looked for in so many bytes at the end.
_TAIL = 256 * 1024


class JournalBroken(Exception):
    """A line is not as it was written, or does not follow the one before it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `what` is its content; `follows` the digest of the line before it; `digest` its own, over both."""

    what: Mapping[str, Any]
    follows: str
    digest: str

    @property
    def id(self) -> str:
        return str(self.what["id"])

    @property
    def kind(self) -> str:
        return str(self.what["kind"])


def place() -> Path | None:
    """Where the journal is; None where the setting is empty, and nothing is then remembered outside the database."""
    return Path(settings.PRIVACY_JOURNAL) if settings.PRIVACY_JOURNAL else None


def canonical(what: Mapping[str, Any]) -> str:
    return json.dumps(what, sort_keys=True, separators=(",", ":"))


def digest(follows: str, what: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{follows}\n{canonical(what)}".encode()).hexdigest()


def append(*contents: Mapping[str, Any], at_once: bool = True) -> None:
    """Add lines, in one piece. They are on the disk when this returns (`at_once`); several processes wait for one another.

    A line that a power cut left half written is cut off first: nobody was told that it stands.
    """
    path = place()
    if path is None:
        return
    with _held(path) as descriptor:
        end, follows = _last(descriptor)
        if end != os.fstat(descriptor).st_size:
            os.ftruncate(descriptor, end)
        texts = []
        for what in contents:
            own = digest(follows, what)
            texts.append(f'{{"digest":"{own}","follows":"{follows}","what":{canonical(what)}}}\n')
            follows = own
        _write_whole(descriptor, "".join(texts).encode())
        if at_once:
            os.fsync(descriptor)


@contextmanager
def _held(path: Path) -> Iterator[int]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if made:
            _sync_folder(path.parent)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    # A new file is there after a power cut only when its folder was written too.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]


def _last(descriptor: int) -> tuple[int, str]:
    """Where the last whole line ends, and its digest."""
    size = os.fstat(descriptor).st_size
    start = max(0, size - _TAIL)
    tail = os.pread(descriptor, size - start, start)
    whole = tail[: tail.rfind(b"\n") + 1]
    if not whole:
        if size > _TAIL:
            raise JournalBroken(f"{place()} does not end in a line of the journal. Put the last good file back.")
        return 0, FIRST
    last = whole[:-1].rpartition(b"\n")[2]
    return start + len(whole), _parse(last).digest


def _parse(text: bytes) -> Line:
    try:
        data = json.loads(text)
        line = Line(data["what"], data["follows"], data["digest"])
        if line.digest == digest(line.follows, line.what):
            return line
    except (ValueError, KeyError, TypeError):
        pass
    raise JournalBroken(f"A line of {place()} is not as it was written. Put the last good file back, from its backup.")


@dataclass(slots=True)
class Reader:
    """Reads on from where it stopped. The first line of a file may follow one that is kept elsewhere."""

    offset: int = 0
    follows: str = ""

    def read(self) -> Iterator[Line]:
        """The whole lines that came since; raises `JournalBroken` at one that does not follow."""
        path = place()
        if path is None:
            return
        size = path.stat().st_size if path.exists() else 0
        if size == self.offset:
            return
        if size < self.offset:
            raise JournalBroken(f"{path} has become shorter: lines are lost. Put the last good file back.")
        with path.open("rb") as file:
            file.seek(self.offset)
            for text in file:
                if not text.endswith(b"\n"):
                    return
                line = _parse(text[:-1])
                if self.follows and line.follows != self.follows:
                    raise JournalBroken(f"A line is missing in {path}, or was moved. Put the last good file back.")
                self.offset += len(text)
                self.follows = line.digest
                yield line
