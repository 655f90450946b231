"""Opens a copy's file: refuses what is none, what is too large, and what is not as its manifest says."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any
from uuid import UUID

from privacy.errors import NotCollected
from privacy.internal import sealing
from privacy.internal.copying.packing import FORMAT, VERSION
from privacy.internal.ledger import keys

# Unpacked, all together. A person with 10,000 orders has about 40 MB; what claims to be far more is an attack.
_MOST = 2 * 1024**3


class CopyFile:
    """A copy that was opened and found whole. `is_ours` says that this installation, or one that it trusts, signed it."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            if sum(entry.file_size for entry in self._zip.infolist()) > _MOST:
                raise NotCollected("This file unpacks to more than any copy of ours does. Nothing was read.")
            manifest = json.loads(self._read("manifest.json"))
            listed = {entry["name"]: entry for entry in manifest["files"]}
            for name, entry in listed.items():
                if self._digest(name) != entry["sha256"]:
                    raise NotCollected(f"{name} is not as it was when the copy was made. Ask for a new copy.")
            self._listed = set(listed)
            self._document: Mapping[str, Any] = json.loads(self._read("copy.json"))
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            raise NotCollected("This is no copy from this store's software: the file cannot be read as one.") from error
        if self._document.get("format") != FORMAT or self._document.get("version") != VERSION:
            raise NotCollected(
                f"This copy is of another format than {FORMAT} {VERSION}, which is what can be read here."
            )
        self.is_ours = "copy.json" in self._listed and sealing.is_true(manifest, keys.trusted())

    @property
    def made_at(self) -> str:
        return str(self._document["made_at"])

    @property
    def person(self) -> UUID:
        return UUID(self._document["person"]["key"])

    def records(self) -> Iterator[Mapping[str, Any]]:
        """The records, as they stand in the file."""
        yield from self._document["records"]

    def paper(self, name: str) -> bytes:
        """A picture or a paper that a value names."""
        if name not in self._listed:
            raise NotCollected(f"{name} is not in the copy.")
        return self._read(name)

    def _read(self, name: str) -> bytes:
        return self._zip.read(name)

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._zip.open(name) as entry:
            while piece := entry.read(1 << 20):
                digest.update(piece)
        return digest.hexdigest()
