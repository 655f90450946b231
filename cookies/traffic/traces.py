"""Searches every place where something of a visitor could have stayed: files as they lie on the disk, and Valkey."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import redis
from django.conf import settings

from cookies.traffic import store

_BLOCK = 1 << 20
# A file is read when it was written to since a moment; clocks of file systems may differ by this many seconds.
_CLOCKS_DIFFER = 60


@dataclass
class Place:
    """What was read in one place; `found` names the files or keys in which a trace was."""

    name: str
    files: int = 0
    bytes: int = 0
    unreadable: int = 0
    skipped: str = ""
    found: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, int | str]:
        """The numbers for the proof, without names: a name could hold the trace itself."""
        if self.skipped:
            return {"skipped": self.skipped}
        numbers: dict[str, int | str] = {"files": self.files, "bytes": self.bytes, "found": len(self.found)}
        return numbers | ({"unreadable": self.unreadable} if self.unreadable else {})


def search(traces: Iterable[bytes], *, since: float | None) -> list[Place]:
    """Look for the traces in every place; only in files written to after `since`, where that is given.

    A trace is found where it stands as it is, or in a file that gzip has packed.
    """
    wanted = tuple(traces)
    searched: set[Path] = set()
    found = [_search_files(name, folders, wanted, since, searched) for name, folders in settings.TRAFFIC_TRACES.items()]
    found.append(_search_valkey("valkey", store.valkey(), wanted))
    if settings.TRAFFIC_VALKEY_URL:
        with closing(redis.Redis.from_url(settings.REDIS_URL)) as broker:
            found.append(_search_valkey("broker", broker, wanted))
    return found


def _search_files(
    name: str, folders: Iterable[str | Path], traces: tuple[bytes, ...], since: float | None, searched: set[Path]
) -> Place:
    place = Place(name)
    existing = [Path(folder) for folder in folders if os.access(folder, os.R_OK | os.X_OK)]
    if not existing:
        place.skipped = "There is no such folder on this machine, or it may not be read."
        return place
    for path in _files_in(existing):
        if path in searched:
            continue
        searched.add(path)
        try:
            written = path.stat()
            if since is not None and written.st_mtime < since - _CLOCKS_DIFFER:
                continue
            place.files += 1
            place.bytes += written.st_size
            if any(trace in os.fsencode(path) for trace in traces) or _is_in_file(path, traces):
                place.found.append(str(path))
        except FileNotFoundError:
            continue
        except (OSError, EOFError, gzip.BadGzipFile):
            place.unreadable += 1
    return place


def _files_in(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for within, _folders, names in os.walk(folder.resolve()):
            for name in names:
                path = Path(within, name)
                if path.is_file() and not path.is_symlink():
                    yield path


def _is_in_file(path: Path, traces: tuple[bytes, ...]) -> bool:
    opened: IO[bytes] = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")  # noqa: SIM115, closed below
    overlap = max(map(len, traces)) - 1
    with closing(opened) as file:
        end = b""
        while block := file.read(_BLOCK):
            whole = end + block
            if any(trace in whole for trace in traces):
                return True
            end = whole[-overlap:]
    return False


def _search_valkey(name: str, client: Any, traces: tuple[bytes, ...]) -> Place:
    place = Place(name)
    for key in client.scan_iter(count=1000):
        place.files += 1
        for value in (key, *_values(client, key)):
            plain = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
            place.bytes += len(plain)
            if any(trace in plain for trace in traces):
                place.found.append(str(key))
                break
    return place


def _values(client: Any, key: Any) -> Iterator[Any]:
    kind = client.type(key)
    kind = kind.decode() if isinstance(kind, bytes) else kind
    if kind == "list":
        yield from client.lrange(key, 0, -1)
    elif kind == "set":
        yield from client.sscan_iter(key)
    elif kind == "zset":
        yield from client.zrange(key, 0, -1)
    elif kind == "hash":
        for name, value in client.hscan_iter(key):
            yield from (name, value)
    elif kind == "stream":
        for _id, fields in client.xrange(key):
            for name, value in fields.items():
                yield from (name, value)
    elif kind == "string":
        # A sketch is no text: read as bytes, whatever the client makes of strings otherwise.
        yield client.execute_command("GET", key, NEVER_DECODE=True)
