"""The privacy policy as data: versions, and what each states about categories, purposes, recipients and retention."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from privacy.declaration import Channel, Keep, Purpose
from privacy.internal import published

FOLDER = Path(__file__).resolve().parent.parent / "policy"
SOURCE_LOCALE = "en"
# Somebody who named countries of more than one law; the strictest of them all is theirs.
SEVERAL_LAWS = "*"


@dataclass(frozen=True, slots=True)
class Surface:
    """A collection point: a named place by which data comes in."""

    id: str
    channel: Channel
    shows_notice: bool
    # Whether who gives data here buys something: the customers of a soft opt-in.
    makes_customer: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """How long something is kept, counted from what, and the law that says so, if one does."""

    id: str
    period: str  # ISO 8601 duration; empty when the end is an event
    counts_from: str
    law: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be handed data: for each purpose, the categories that it needs."""

    id: str
    kind: str
    country: str
    receives: Mapping[str, frozenset[str]]
    # Told by the people themselves on a page of its own, and handed nothing by the store.
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of the policy: this category, for these purposes, kept for one of these times."""

    clause: str
    category: str
    purposes: frozenset[str]
    retention: frozenset[str]


class Mechanism(StrEnum):
    """How permission for one purpose by one channel comes about under one law, the strictest first."""

    OPT_IN = "opt_in"  # only after a yes
    SOFT_OPT_IN = "soft_opt_in"  # customers who saw the box and did not tick it (Directive 2002/58/EC Art. 13(2))
    OPT_OUT = "opt_out"  # until a no
    NOTICE_ONLY = "notice_only"  # after being told


@dataclass(frozen=True, slots=True)
class PermissionRule:
    """What one law asks before one purpose may use one channel. Durations are ISO 8601, empty where there is none."""

    purpose: str
    channel: str
    jurisdiction: str  # "*" stands for every law without a row of its own
    mechanism: Mechanism
    expires: str
    reconfirm: str
    law: str


@dataclass(frozen=True)
class Words:
    """The words of one version in one language."""

    locale: str
    data: Mapping[str, Any]

    def of(self, table: str, key: str) -> str:
        """The words for a key, for instance of("purpose", "essential.service")."""
        return self.data[table][key]


@dataclass(frozen=True)
class Policy:
    """One version of the policy, whole."""

    version: str
    effective: dt.date
    surfaces: Mapping[str, Surface]
    purposes: Mapping[str, Mapping[str, str]]
    retention: Mapping[str, Retention]
    recipients: Mapping[str, Recipient]
    statements: tuple[Statement, ...]
    never_stored: tuple[str, ...]
    jurisdictions: Mapping[str, frozenset[str]]
    permissions: tuple[PermissionRule, ...]

    def legal_basis(self, purpose: str) -> str:
        """The legal basis on which the policy rests a purpose, one of the GDPR's six."""
        return self.purposes[purpose]["legal_basis"]

    def jurisdiction_of(self, country: str) -> str:
        """The law under which people of a country (ISO 3166-1 alpha-2) are asked; "other" for one without a row."""
        return next((law for law, countries in self.jurisdictions.items() if country.upper() in countries), "other")

    def rules(self, purpose: str, channel: str) -> Mapping[str, PermissionRule]:
        """The rule of each law for one purpose by one channel. Where the policy says nothing, only a yes permits."""
        said = {r.jurisdiction: r for r in self.permissions if r.purpose == purpose and r.channel == channel}
        return {"*": PermissionRule(purpose, channel, "*", Mechanism.OPT_IN, "", "", ""), **said}

    def rule(self, purpose: str, channel: str, jurisdiction: str = "") -> PermissionRule:
        """The rule for somebody under one law; for somebody of whom none is known, or several, the strictest of all."""
        rules = self.rules(purpose, channel)
        if jurisdiction not in ("", SEVERAL_LAWS):
            return rules.get(jurisdiction, rules["*"])
        order = list(Mechanism)
        return min(rules.values(), key=lambda rule: order.index(rule.mechanism))

    def states(self, category: str, purpose: str, keep: str) -> bool:
        """Whether the policy says that this category is used for this purpose and kept for this time."""
        return any(s.category == category and purpose in s.purposes and keep in s.retention for s in self.statements)

    def words(self, locale: str | None = None) -> Words:
        """The texts in a language, by default the active one, or in English where it was not translated."""
        locale = (locale or get_language() or SOURCE_LOCALE).split("-")[0]
        return _words(self.version, locale if (FOLDER / f"{self.version}.{locale}.toml").exists() else SOURCE_LOCALE)

    @property
    def locales(self) -> list[str]:
        """The languages in which this version is published."""
        return sorted(p.name.split(".")[1] for p in FOLDER.glob(f"{self.version}.*.toml"))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the data and every text of this version: changes when a single letter does."""
        return digest_of(self.version)


def digest_of(version: str) -> str:
    """The digest of a version's files as they are at this moment."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob(f"{version}.*toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def _words(version: str, locale: str) -> Words:
    data = tomllib.loads((FOLDER / f"{version}.{locale}.toml").read_text(encoding="utf-8"))
    return Words(locale, data)


@cache
def load(version: str) -> Policy:
    """Read one version from its file; a purpose, retention or channel that the code does not know is an error."""
    data = tomllib.loads((FOLDER / f"{version}.toml").read_text(encoding="utf-8"))
    return Policy(
        version=data["version"],
        effective=data["effective"],
        surfaces={
            key: Surface(key, Channel(row["channel"]), row.get("shows_notice", False), row.get("makes_customer", False))
            for key, row in data["surface"].items()
        },
        purposes={Purpose(key).value: row for key, row in data["purpose"].items()},
        retention={
            Keep(key).value: Retention(key, row.get("period", ""), row["counts_from"], row.get("law", ""))
            for key, row in data["retention"].items()
        },
        recipients={
            key: Recipient(
                key,
                row["kind"],
                row["country"],
                {Purpose(p).value: frozenset(categories) for p, categories in row["receives"].items()},
                row.get("direct", False),
            )
            for key, row in data["recipient"].items()
        },
        statements=tuple(
            Statement(row["clause"], category, frozenset(row["purposes"]), frozenset(row["retention"]))
            for row in data["statement"]
            for category in row["categories"]
        ),
        never_stored=tuple(data["never_stored"]["categories"]),
        jurisdictions={law: frozenset(countries) for law, countries in data.get("jurisdiction", {}).items()},
        permissions=tuple(
            PermissionRule(
                Purpose(row["purpose"]).value,
                row["channel"],
                row["jurisdiction"],
                Mechanism(row["mechanism"]),
                row.get("expires", ""),
                row.get("reconfirm", ""),
                row.get("law", ""),
            )
            for row in data.get("permission", [])
        ),
    )


@cache
def files() -> tuple[str, ...]:
    """Every version that stands in the folder, published or not, the oldest first. It is named for its day."""
    return tuple(sorted(p.stem for p in FOLDER.glob("????-??-??.toml")))


def _is_there(version: str) -> bool:
    # A version that came after this process had looked into the folder.
    return version in files() or (FOLDER / f"{version}.toml").exists()


def read_again() -> None:
    """Forget what was read from the folder: a draft may change until it is published."""
    for read in (files, load, _words):
        read.cache_clear()


def versions() -> tuple[str, ...]:
    """Every published version, the oldest first: those that were, are or will be in force."""
    known = published.all_of_them()
    if known is None:
        return founding()
    return tuple(p.version for p in known if _is_there(p.version))


def drafts() -> tuple[str, ...]:
    """Every version that nobody has published. It is never in force, whatever its day."""
    return tuple(version for version in files() if version not in versions())


def founding(on: dt.date | None = None) -> tuple[str, ...]:
    """What an installation begins with: the versions whose day has come. The last word where no database can be asked."""
    day = (on or timezone.localdate()).isoformat()
    return tuple(version for version in files() if version <= day)


def current(on: dt.date | None = None) -> Policy:
    """The version in force on a day, by default today."""
    day = on or timezone.localdate()
    known = published.all_of_them()
    in_force = founding(day) if known is None else [p.version for p in known if p.effective <= day]
    if not in_force:
        raise LookupError(f"No privacy policy is in force on {day}: publish one, see manage.py publish_policy --help.")
    return load(in_force[-1])


def upcoming(on: dt.date | None = None) -> Policy | None:
    """The published version that takes effect next, if one waits for its day."""
    day = on or timezone.localdate()
    waiting = [p.version for p in published.all_of_them() or () if p.effective > day and _is_there(p.version)]
    return load(waiting[0]) if waiting else None


def fill(text: str) -> str:
    """Put the operator's names, which are settings, into a text of the policy."""
    return (
        text.replace("{operator}", settings.OPERATOR_NAME)
        .replace("{address}", settings.OPERATOR_ADDRESS)
        .replace("{mailbox}", settings.PRIVACY_MAILBOX)
    )
