"""The data map: every personal value that the code declares, generated, committed, and stale the moment a declaration changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from django.conf import settings
from django.utils import translation

from privacy.internal.datamap import activities, columns, fides, table

# What is generated and committed, each with who makes it.
PLACES: Mapping[str, Callable[[], str]] = {
    "docs/data-map.md": table.markdown,
    "docs/data-map.fides.yml": fides.manifest,
    "docs/record-of-processing.csv": activities.record,
    "privacy/columns.toml": columns.manifest,
}


def markdown() -> str:
    """The map for people."""
    with translation.override("en"):
        return table.markdown()


def path() -> Path:
    """Where the committed map for people stands."""
    return Path(settings.BASE_DIR) / "docs" / "data-map.md"


def fresh() -> dict[Path, str]:
    """What each of the committed files must say now; the manifest of columns first, since the others quote it."""
    with translation.override("en"):
        return {Path(settings.BASE_DIR) / place: make() for place, make in PLACES.items()}


def stale() -> list[str]:
    """The committed files that no longer say what the code does."""
    return [
        path.relative_to(settings.BASE_DIR).as_posix()
        for path, text in fresh().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def write() -> list[str]:
    """Write what changed, and say which files did. A new column of a sealed version is refused (`columns.Sealed`)."""
    written = []
    with translation.override("en"):
        # The manifest comes first, since the map says since when each column is stated.
        for place in sorted(PLACES, key=lambda p: not p.endswith("columns.toml")):
            path, text = Path(settings.BASE_DIR) / place, PLACES[place]()
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                written.append(place)
    return written
