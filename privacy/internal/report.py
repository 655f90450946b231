"""The report that holds every clause of the policy against the code: where, shown by what, with which figures, what is open."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import Count, Q
from django.utils import timezone

from privacy.internal import policy
from privacy.models import Collection, ConsentEvent, Disclosure, Preference, RightsRequest
from privacy.models.consent import ConsentState

SOURCE = Path(__file__).resolve().parent.parent / "promises.toml"


@dataclass(frozen=True, slots=True)
class Row:
    """One clause."""

    id: str
    promise: str
    enforced: list[str]
    shown: list[str]
    figures: Mapping[str, int]
    open: str


def _requests() -> Mapping[str, int]:
    return RightsRequest.objects.aggregate(
        received=Count("pk"),
        answered=Count("pk", filter=Q(closed_at__isnull=False)),
        overdue=Count("pk", filter=Q(closed_at__isnull=True, expected_by__lt=timezone.now())),
    )


def _events(*states: str) -> int:
    return ConsentEvent.objects.filter(state__in=states).count()


def _purges() -> Mapping[str, int]:
    # The certificates stand in an app above; they are found by name, so that the foundation imports nothing.
    certificate = apps.get_model("cookies.PurgeCertificate")
    return {"certificates": certificate.objects.count()}


FIGURES: Mapping[str, Callable[[], Mapping[str, int]]] = {
    "collections": lambda: {"collections": Collection.objects.count()},
    "surfaces": lambda: {"collection points": len(policy.current().surfaces)},
    "permissions": lambda: {"permissions standing": Preference.objects.filter(state=ConsentState.GIVEN).count()},
    "disclosures": lambda: {"hand-overs written down": Disclosure.objects.count()},
    "refusals": lambda: {"boxes ticked": _events(ConsentState.REFUSED)},
    "withdrawals": lambda: {"withdrawals": _events(ConsentState.WITHDRAWN)},
    "requests": _requests,
    "purges": _purges,
}


def clauses() -> list[Mapping[str, Any]]:
    """The entries of promises.toml, as they stand."""
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))["promise"]


def rows() -> list[Row]:
    """The report, with live figures."""
    return [
        Row(
            id=entry["id"],
            promise=entry["promise"],
            enforced=entry["enforced"],
            shown=entry["shown"],
            figures=FIGURES[entry["figures"]]() if "figures" in entry else {},
            open=entry.get("open", ""),
        )
        for entry in clauses()
    ]


def as_data() -> list[Mapping[str, object]]:
    """The report for machines."""
    return [asdict(row) for row in rows()]
