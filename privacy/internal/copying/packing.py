"""One ZIP, made while it is read: no file lies around, and a person with ten thousand orders fits into little memory."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from privacy.internal import policy, sealing, whereabouts
from privacy.internal.copying import contents
from privacy.internal.copying.page import Page
from privacy.models import Subject

FORMAT = "kmall24-copy"
VERSION = 1
SCHEMA = "https://kmall24.com/schemas/copy-1.json"
_A_PIECE = 64 * 1024  # bytes, handed on as soon as there are so many


def file_name(now: dt.datetime | None = None) -> str:
    """What a browser calls it: the store and the day, and nothing of the person."""
    return f"kmall24-copy-{timezone.localtime(now or timezone.now()):%Y-%m-%d}.zip"


class _Outlet:
    """Where the ZIP is written: what has been written can be taken away, and nothing is ever gone back to."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.waiting = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.waiting += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def take(self) -> bytes:
        taken, self._pieces, self.waiting = b"".join(self._pieces), [], 0
        return taken


class _Packer:
    """Writes one file of the ZIP after the other, and remembers what each one's digest is."""

    def __init__(self) -> None:
        self.outlet = _Outlet()
        self.zip = zipfile.ZipFile(self.outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=4)  # type: ignore[call-overload]  # it only writes
        self.files: list[dict[str, Any]] = []
        self._now = timezone.localtime().timetuple()[:6]

    def add(self, name: str, pieces: Iterator[bytes], *, packed: bool = True) -> Iterator[bytes]:
        entry = zipfile.ZipInfo(name, self._now)
        entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self.zip.open(entry, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                if self.outlet.waiting >= _A_PIECE:
                    yield self.outlet.take()
        self.files.append({"name": name, "sha256": digest.hexdigest(), "bytes": size})
        if self.outlet.waiting:
            yield self.outlet.take()

    def finish(self) -> bytes:
        self.zip.close()
        return self.outlet.take()


def stream(subject: Subject, *, also: Iterable[UUID] = ()) -> Iterator[bytes]:
    """The ZIP of everything that is held about a person, piece by piece, in the language that is active now.

    `also` are other keys of the same person.
    """
    everybody = Subject.objects.filter(pk__in=[subject.pk, *also])
    people = list(dict.fromkeys([subject.pk, *(key for one in everybody for key in whereabouts.family(one))]))
    now = timezone.now()
    # All words are fetched here: between two pieces another request may run in this thread, in another language.
    head = _head(subject, people, now)
    page = Page(head, now)
    return _stream(people, head, page)


def _stream(people: list[UUID], head: Mapping[str, Any], page: Page) -> Iterator[bytes]:
    packer = _Packer()
    papers: list[contents.Paper] = []

    def written() -> Iterator[bytes]:
        batch: list[str] = []
        for text in _document(people, head, page, papers):
            batch.append(text)
            if len(batch) >= 200:
                yield "".join(batch).encode()
                batch = []
        yield "".join(batch).encode()

    yield from packer.add("copy.json", written())
    yield from packer.add("copy.html", page.whole())
    for paper in papers:
        yield from packer.add(paper.name, iter([paper.content()]), packed=False)
    manifest = sealing.sealed({"format": FORMAT, "version": VERSION, "made_at": head["made_at"], "files": packer.files})
    yield from packer.add("manifest.json", iter([sealing.readable(manifest).encode()]))
    yield packer.finish()


def _head(subject: Subject, people: list[UUID], now: dt.datetime) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "store": {"name": settings.OPERATOR_NAME, "address": settings.BASE_URL, "mailbox": settings.PRIVACY_MAILBOX},
        "policy_version": policy.current().version,
        "person": {
            "key": str(subject.pk),
            "also": [str(key) for key in people if key != subject.pk],
            "kind": subject.kind,
            "law": subject.jurisdiction,
        },
        "fields": contents.legend(),
        "recipients": contents.recipients(),
        "not_led_to": contents.not_led_to(),
        "kept_apart": contents.kept_apart(people),
    }


def _document(people: list[UUID], head: Mapping[str, Any], page: Page, papers: list[contents.Paper]) -> Iterator[str]:
    """The JSON, text by text; what goes by is told to the page as well, so that everything is read once."""
    yield written(head)[:-1]
    sections: dict[str, list[type[models.Model]]] = {name: [] for name in [*contents.SECTIONS.values(), "other"]}
    for section, model in contents.evidence():
        sections[section].append(model)
    for section, found in sections.items():
        if section == "other":
            continue
        yield f',\n"{section}": ['
        yield from _rows(page.told(section, model, contents.evidence_of(model, people)) for model in found)
        yield "]"
    yield ',\n"records": ['
    yield from _rows([_told(page, people, papers)])
    yield '],\n"other": {'
    comma = ""
    for model in sections["other"]:
        yield f"{comma}\n{json.dumps(model._meta.label)}: ["
        yield from _rows([page.told(model._meta.label, model, contents.evidence_of(model, people))])
        yield "]"
        comma = ","
    yield "}\n}\n"


def _told(page: Page, people: list[UUID], papers: list[contents.Paper]) -> Iterator[dict[str, Any]]:
    for held in contents.records(people):
        page.record(held)
        papers += held.papers
        yield held.as_data()


def _rows(tables: Any) -> Iterator[str]:
    comma = ""
    for rows in tables:
        for row in rows:
            yield f"{comma}\n{written(row)}"
            comma = ","


def plain(value: Any) -> Any:
    """A value as JSON can say it, exactly enough to be read back."""
    match value:
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case dt.timedelta():
            return value.total_seconds()
        case bytes() | memoryview():
            return bytes(value).hex()
        case set() | frozenset() | tuple():
            return list(value)
    return str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=plain, separators=(",", ":"))
written = _ENCODER.encode
