"""The report that holds every clause of the policy against the code: where, shown by what, with which figures, what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from privacy.internal import figures, kept


@dataclass(frozen=True, slots=True)
class Row:
    """One clause."""

    id: str
    promise: str
    enforced: list[str]
    shown: list[str]
    figures: Mapping[str, float | None]
    open: str
    # What the policy states and nothing in the code keeps yet.
    unkept: list[str]


# What is said beside a clause: names of figures of `figures.measure()`, under the name that promises.toml uses for the group.
FIGURES: Mapping[str, tuple[str, ...]] = {
    "collections": ("collections",),
    "surfaces": ("collection points",),
    "permissions": ("permissions standing",),
    "disclosures": ("hand-overs written down", "recipients stated"),
    "no-sale": ("hand-overs written down", "legal orders"),
    "refusals": ("boxes ticked",),
    "withdrawals": ("withdrawals", "seconds to effect", "slowest seconds to effect"),
    "requests": (
        "requests received",
        "requests answered",
        "requests answered late",
        "requests overdue",
        "median days to answer",
    ),
    "purges": ("certificates", "page views counted and removed", "planted visitors found"),
    "retention": ("values past their day", "certificates of removal"),
    "ledger": ("ledger entries",),
    "looks": ("looks",),
    "versions": ("versions of the policy", "stated and not built"),
}


def clauses() -> list[Mapping[str, Any]]:
    """The entries of promises.toml, as they stand."""
    return kept.promises()


def rows() -> list[Row]:
    """The report, with live figures: the same as on the page of promises, and none rounded."""
    measured = figures.measure()
    return [
        Row(
            id=entry["id"],
            promise=entry["promise"],
            enforced=entry["enforced"],
            shown=entry["shown"],
            figures={name: measured.get(name) for name in FIGURES.get(entry.get("figures", ""), ())},
            open=entry.get("open", ""),
            unkept=entry.get("unkept", []),
        )
        for entry in clauses()
    ]


def as_data() -> list[Mapping[str, object]]:
    """The report for machines."""
    return [asdict(row) for row in rows()]
