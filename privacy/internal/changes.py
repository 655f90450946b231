"""What is meant by a change of the policy: what it is about, in which direction it goes, whose data it touches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from privacy.internal.permits import Permits
from privacy.internal.policy import Policy


class About(StrEnum):
    """What a change is about."""

    CATEGORY = "category"
    PURPOSE = "purpose"
    BASIS = "legal_basis"
    RECIPIENT = "recipient"
    COUNTRY = "country"
    RETENTION = "retention"
    KEPT_AS = "kept_as"
    REACH = "permission"
    LAW = "jurisdiction"
    SURFACE = "surface"
    NEVER_STORED = "never_stored"
    WORDS = "words"


class How(StrEnum):
    """In which direction it goes. `changed` is what cannot be called more or less."""

    NEW = "new"
    REMOVED = "removed"
    WIDER = "wider"
    NARROWER = "narrower"
    LONGER = "longer"
    SHORTER = "shorter"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. A material one permits more than before, so those whose data it touches are asked.

    `touches` says whose data: pairs of a category and the rule by which it is kept, "" for every rule. `before` and `after`
    are ids and durations; the page puts words to them. `permits` is what a yes permits.
    """

    about: About
    how: How
    key: str
    material: bool = False
    touches: frozenset[tuple[str, str]] = frozenset()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    permits: Permits = frozenset()

    @property
    def categories(self) -> list[str]:
        """The kinds of data that it touches."""
        return sorted({category for category, _keep in self.touches})

    @property
    def id(self) -> str:
        """The name under which it is answered."""
        return f"{self.about}:{self.how}:{self.key}"


@dataclass(frozen=True)
class Difference:
    """Everything in which a version departs from an earlier one, the material first."""

    before: Policy
    after: Policy
    changes: tuple[Change, ...]

    @property
    def material(self) -> tuple[Change, ...]:
        """What permits more than before."""
        return tuple(change for change in self.changes if change.material)

    @property
    def is_material(self) -> bool:
        """Whether somebody has to be asked."""
        return any(change.material for change in self.changes)
