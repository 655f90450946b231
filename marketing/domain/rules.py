"""What the law of a person asks of an advertisement by one channel: read off `rules.toml`, never known by heart."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

SOURCE = Path(__file__).resolve().parent.parent / "rules.toml"


@dataclass(frozen=True, slots=True)
class Night:
    """Hours in which a channel is silent for whoever has not permitted them too."""

    begins: dt.time
    ends: dt.time
    zone: str
    needs: str  # the purpose that has to be permitted besides
    law: str

    def covers(self, moment: dt.datetime) -> bool:
        """Whether a moment lies in these hours, which run past midnight."""
        clock = moment.astimezone(ZoneInfo(self.zone)).time()
        return clock >= self.begins or clock < self.ends

    def over_at(self, moment: dt.datetime) -> dt.datetime:
        """The next morning on which the channel may be used again."""
        local = moment.astimezone(ZoneInfo(self.zone))
        morning = local.replace(hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0)
        return morning if morning > local else morning + dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Demands:
    """Everything that has to be heeded for one person by one channel, and the laws that say so."""

    prefix: str
    names_sender: bool
    says_how_to_stop: bool
    night: Night | None
    confirm_within: str  # ISO 8601 duration in which a choice is confirmed; empty where no law asks for it
    laws: tuple[str, ...]


@cache
def _source() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


@cache
def demands(jurisdiction: str, channel: str) -> Demands:
    """What is asked. Whose law is not known ("") or several ("*") gets the sum of all: nobody loses by it."""

    def said(kind: str) -> list[dict[str, Any]]:
        return [
            row
            for row in _source().get(kind, [])
            if channel in row["channels"] and (jurisdiction in ("", "*") or row["law_of"] in ("*", jurisdiction))
        ]

    nights = [Night(r["begins"], r["ends"], r["zone"], r["needs"], r["law"]) for r in said("night")]
    rows = [row for kind in ("mark", "stop", "sender", "night", "confirm") for row in said(kind)]
    return Demands(
        prefix=next((row["prefix"] for row in said("mark")), ""),
        names_sender=bool(said("sender")),
        says_how_to_stop=bool(said("stop")),
        night=nights[0] if nights else None,
        confirm_within=min((row["within"] for row in said("confirm")), default=""),
        laws=tuple(row["law"] for row in rows),
    )
