"""The search: every file of the database and of the installation, every key of Valkey, every row, whatever it is wrapped in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Digits with at most three other signs between them; wide ones are made narrow first.
_RUN = re.compile(rb"\d(?:(?:[ \-./_]|\xc2\xa0|\xe2\x80.|\xe2\x80[\x90-\x95]){0,3}\d){12,}")
_WIDE = [(chr(0xFF10 + digit), str(digit).encode()) for digit in range(10)]
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")


class Hunt:
    """Knows the numbers, and says where one of them stands."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = {number.encode() for number in numbers}
        self.searched = 0

    def in_bytes(self, content: bytes) -> bool:
        self.searched += len(content)
        for wide, narrow in _WIDE:
            for written in (wide.encode(), f"\\u{ord(wide):04x}".encode(), _percent(wide).encode()):
                if written in content:
                    content = content.replace(written, narrow)
        content = content.replace(b"%C2%A0", b" ").replace(b"\\u00a0", b" ").replace(b"%20", b" ")
        for run in _RUN.finditer(content):
            digits = re.sub(rb"\D", b"", run.group())
            if any(number in digits for number in self._numbers):
                return True
        return False

    def in_folder(self, folder: Path, name: str) -> list[str]:
        found = []
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            if path.is_file() and (self.in_bytes(path.read_bytes()) or self.in_bytes(path.name.encode())):
                found.append(f"{name}: {path.relative_to(folder)}")
        return found

    def in_wrapped(self, content: bytes) -> bool:
        """Also where it was put into JSON, and that into base 64, as a broker's messages are."""
        if self.in_bytes(content):
            return True
        return any(self.in_bytes(inner) for inner in _unwrapped(content))

    def in_valkey(self, url: str) -> list[str]:
        from redis import Redis

        found = []
        with Redis.from_url(url) as valkey:
            for name in valkey.scan_iter("*"):
                if self.in_wrapped(name) or any(self.in_wrapped(value) for value in _values(valkey, name)):
                    found.append(f"valkey: {name.decode(errors='replace')}")
        return found

    def in_row(self, row: str) -> bool:
        """In one column of it, or begun in one and ended in the next."""
        return self.in_bytes(row.encode()) or self.in_bytes(re.sub(r'[",]+', " ", row).encode())

    def in_tables(self) -> list[str]:
        """Every row of every table as text, so that what the files hold compressed is read as well."""
        from django.contrib.sessions.models import Session
        from django.db import connections

        found = []
        with connections["owner"].cursor() as owner:
            owner.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for (table,) in owner.fetchall():
                owner.execute(f"SELECT row::text FROM {table} AS row")
                if any(self.in_row(row) for (row,) in owner.fetchall()):
                    found.append(f"table: {table}")
        if any(self.in_bytes(json.dumps(one.get_decoded()).encode()) for one in Session.objects.all()):
            found.append("table: a session")
        return found


def _percent(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())


def _unwrapped(content: bytes) -> Iterator[bytes]:
    for wrapped in _BASE64.findall(content):
        try:
            yield base64.b64decode(wrapped + b"=" * (-len(wrapped) % 4))
        except ValueError:
            continue


def _values(valkey: Any, name: bytes) -> Iterator[bytes]:
    match valkey.type(name):
        case b"string":
            yield valkey.get(name) or b""
        case b"list":
            yield from valkey.lrange(name, 0, -1)
        case b"hash":
            for key, value in valkey.hgetall(name).items():
                yield key + b" " + value
        case b"set":
            yield from valkey.smembers(name)
        case b"zset":
            yield from valkey.zrange(name, 0, -1)
