"""What the policy in force states and nothing in the code keeps, statement by statement."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps

from privacy.declaration import PersonalDatum, declaration_of, personal_fields
from privacy.internal import policy
from privacy.internal.checks import uses

PROMISES = Path(__file__).resolve().parent.parent / "promises.toml"


def promises() -> list[Mapping[str, Any]]:
    """The entries of promises.toml, as they stand."""
    return tomllib.loads(PROMISES.read_text(encoding="utf-8"))["promise"]


def listed() -> Mapping[str, str]:
    """The statements that are known to be unkept, with the clause under which promises.toml lists each."""
    return {statement: entry["id"] for entry in promises() for statement in entry.get("unkept", [])}


def listing_without_saying() -> list[str]:
    """The clauses that list unkept statements without saying what is open."""
    return [entry["id"] for entry in promises() if entry.get("unkept") and not entry.get("open")]


def unkept() -> set[str]:
    """Every statement of the policy that no declaration, adapter or hand-over keeps.

    What a statement says of a purpose or a recipient that is unkept as a whole is not named again.
    """
    in_force = policy.current()
    declared = [declaration_of(field) for model in apps.get_models() for field in personal_fields(model)]
    return {
        *_points(in_force),
        *_purposes(in_force, declared),
        *_recipients(in_force, declared),
        *_categories(in_force, declared),
        *(f"retention {key}" for key in in_force.retention if key not in {d.keep for d in declared}),
    }


def _points(in_force: policy.Policy) -> Iterator[str]:
    named = {point.key for point in uses.surfaces()}
    yield from (f"collection point {key}" for key in in_force.surfaces if key not in named)


def _used_purposes(declared: list[PersonalDatum]) -> set[str]:
    return (
        {purpose for datum in declared for purpose in datum.purposes}
        | {named.key for named in uses.purposes()}
        | {hand_over.purpose for hand_over in uses.hand_overs() if hand_over.purpose}
    )


def _purposes(in_force: policy.Policy, declared: list[PersonalDatum]) -> Iterator[str]:
    used = _used_purposes(declared)
    yield from (f"purpose {key}" for key in in_force.purposes if key not in used)


def _recipients(in_force: policy.Policy, declared: list[PersonalDatum]) -> Iterator[str]:
    handed = list(uses.hand_overs())
    used = _used_purposes(declared)
    for recipient in in_force.recipients.values():
        calls = [h for h in handed if h.to == recipient.id]
        # Who is told by the people themselves, on a page of its own, is handed nothing by the store.
        if not calls and not recipient.direct:
            yield f"recipient {recipient.id}"
            continue
        for purpose, categories in recipient.receives.items():
            if purpose not in used:
                continue
            if not recipient.direct and not any(h.purpose in (purpose, None) for h in calls):
                yield f"recipient {recipient.id} for {purpose}"
                continue
            for category in categories:
                if not any(d.category == category and purpose in d.purposes for d in declared):
                    yield f"recipient {recipient.id} for {purpose}: {category}"


def _categories(in_force: policy.Policy, declared: list[PersonalDatum]) -> Iterator[str]:
    used = _used_purposes(declared)
    kept = {d.keep for d in declared}
    for statement in in_force.statements:
        mine = [d for d in declared if d.category == statement.category]
        if not mine:
            yield f"category {statement.category}"
            continue
        for purpose in statement.purposes:
            if purpose in used and not any(purpose in d.purposes and d.keep in statement.retention for d in mine):
                yield f"category {statement.category} for {purpose} ({statement.clause})"
        for keep in statement.retention:
            if keep in kept and not any(d.keep == keep and statement.purposes & set(d.purposes) for d in mine):
                yield f"category {statement.category} kept as {keep} ({statement.clause})"
