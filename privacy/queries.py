"""Reads that pages share: the policy as it is shown, what is held about a person, what they chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privacy.declaration import Purpose
from privacy.internal import policy, whereabouts
from privacy.models import Preference, Subject
from privacy.models.consent import ConsentState, ContactChannel

# What the privacy centre asks about, each by which road.
CHOICES: tuple[tuple[str, str], ...] = (
    (Purpose.MARKETING_EMAIL, ContactChannel.EMAIL),
    (Purpose.THIRD_PARTY_PROMOTION, ContactChannel.EMAIL),
)


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """The policy in force in the reader's language, with the tables that its data makes."""

    version: str
    effective: Any
    title: str
    lead: str
    sections: list[Mapping[str, str]]
    collected: list[Mapping[str, Any]]
    recipients: list[Mapping[str, Any]]
    locale: str


def policy_page(version: str | None = None) -> PolicyPage:
    """Render one version, by default the one in force, from its data."""
    shown = policy.load(version) if version else policy.current()
    words = shown.words()
    collected: dict[str, dict[str, Any]] = {}
    for statement in shown.statements:
        row = collected.setdefault(
            statement.category,
            {"what": words.of("category", statement.category), "uses": [], "kept": [], "clauses": []},
        )
        row["uses"] += [
            {"use": words.of("purpose", p), "basis": words.of("legal_basis", shown.legal_basis(p))}
            for p in sorted(statement.purposes)
        ]
        row["kept"] += [words.of("retention", r) for r in sorted(statement.retention)]
        row["clauses"].append(statement.clause)
    for row in collected.values():
        row["uses"] = list({u["use"]: u for u in row["uses"]}.values())
        row["kept"] = list(dict.fromkeys(row["kept"]))
    recipients: list[Mapping[str, Any]] = [
        {
            "who": words.of("recipient", r.id),
            "country": r.country,
            "receives": [
                {
                    "use": words.of("purpose", purpose),
                    "what": [words.of("category", c) for c in sorted(categories)],
                }
                for purpose, categories in r.receives.items()
            ],
        }
        for r in shown.recipients.values()
    ]
    return PolicyPage(
        version=shown.version,
        effective=shown.effective,
        title=words.data["title"],
        lead=policy.fill(words.data["lead"]),
        sections=[
            {
                "clause": section["clause"],
                "anchor": section["clause"].replace(".", "-"),
                "heading": section["heading"],
                "body": policy.fill(section["body"]),
            }
            for section in words.data["section"]
        ],
        collected=list(collected.values()),
        recipients=recipients,
        locale=words.locale,
    )


def held(subject: Subject) -> list[Mapping[str, Any]]:
    """What the store holds about a person, grouped by record, each value with its uses and its time, in their words."""
    words = policy.current().words()
    groups: dict[tuple[str, Any], dict[str, Any]] = {}
    for place in whereabouts.places_of(subject):
        group = groups.setdefault(
            (place.record._meta.label, place.record.pk), {"record": place.record._meta.verbose_name, "values": []}
        )
        secret = place.declared.category == "user.authorization.password"
        group["values"].append(
            {
                "label": place.field.verbose_name,
                "what": words.of("category", place.declared.category),
                "value": "••••••" if secret else place.value,
                "uses": [words.of("purpose", p) for p in place.declared.purposes],
                "kept": words.of("retention", place.declared.keep),
            }
        )
    return list(groups.values())


def choices_of(subject: Subject) -> Mapping[str, str]:
    """The last choice for each purpose that the privacy centre asks about; a purpose never asked about is missing."""
    if subject._state.adding:
        return {}
    return dict(
        Preference.objects.filter(subject=subject, purpose__in=[p for p, _ in CHOICES]).values_list("purpose", "state")
    )


def given(subject: Subject) -> set[str]:
    """The purposes that a person permits now, of those that the privacy centre asks about."""
    return {purpose for purpose, state in choices_of(subject).items() if state == ConsentState.GIVEN}
