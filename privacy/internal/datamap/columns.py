"""For each personal column the policy version that first stated it; a sealed version takes no new one."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from privacy.internal import policy
from privacy.internal.datamap.entries import entries

SOURCE = Path(__file__).resolve().parents[2] / "columns.toml"
_HEAD = """\
# For each personal column the policy version that first stated it. Made by `manage.py data_map`: a new column is stated by the
# newest version, unless that one is sealed, as it is from its release on: then the column asks for a new version.
"""


class Sealed(Exception):
    """A personal column is new and the newest version of the policy is sealed."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The columns that one version was the first to state; `seal` is their digest once the version is released, else ""."""

    version: str
    columns: tuple[str, ...]
    seal: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether columns were added to a version, or taken from it, after it was sealed."""
        return bool(self.seal) and self.seal != seal_of(self.columns)


def seal_of(columns: Iterable[str]) -> str:
    """SHA-256 over the names of the columns."""
    return hashlib.sha256("\n".join(sorted(columns)).encode()).hexdigest()


def stated() -> list[Stated]:
    """The manifest as it is committed, the oldest version first."""
    if not SOURCE.exists():
        return []
    data = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return [Stated(key, tuple(row["columns"]), row.get("seal", "")) for key, row in sorted(data.items())]


def since() -> Mapping[str, str]:
    """For each column the version that first stated it."""
    return {column: row.version for row in reversed(stated()) for column in row.columns}


def manifest(*, seal: bool = False) -> str:
    """The manifest as it should stand. `seal` closes the newest version. A new column of a sealed version: `Sealed`.

    A column that is gone stays in a sealed version, since that version did state it.
    """
    known = stated()
    declared = {entry.column for entry in entries()}
    newest = policy.files()[-1]
    if newest not in {row.version for row in known}:
        known.append(Stated(newest, ()))
    new = declared - {column for row in known for column in row.columns}
    rows = []
    for row in sorted(known, key=lambda row: row.version):
        columns = set(row.columns) if row.seal else set(row.columns) & declared
        if row.version == newest and new:
            if row.seal:
                raise Sealed(
                    f"{', '.join(sorted(new))}: the policy of {newest} is released and does not state it. Draft the next "
                    "version in privacy/policy/ first."
                )
            columns |= new
        mark = row.seal or (seal_of(columns) if seal and row.version == newest else "")
        rows.append(Stated(row.version, tuple(sorted(columns)), mark))
    return _HEAD + "".join(_written(row) for row in rows)


def _written(row: Stated) -> str:
    lines = "".join(f'    "{column}",\n' for column in row.columns)
    return f'\n["{row.version}"]\nseal = "{row.seal}"\ncolumns = [\n{lines}]\n'
