"""Reads that pages share: the policy as it is shown, what is held about a person, what they chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from privacy.declaration import Purpose
from privacy.internal import policy, publishing, reading, whereabouts
from privacy.internal.desk.correcting import beside
from privacy.models import Preference, Subject
from privacy.models.consent import ConsentState, ContactChannel

# What the privacy centre asks about, each by which road.
CHOICES: tuple[tuple[str, str], ...] = (
    (Purpose.MARKETING_EMAIL, ContactChannel.EMAIL),
    (Purpose.SURVEY_INVITATION, ContactChannel.EMAIL),
    (Purpose.THIRD_PARTY_PROMOTION, ContactChannel.EMAIL),
    (Purpose.ADVERTISING, ContactChannel.EMAIL),
)


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One version of the policy in one language, with the tables that its data makes, and the words around it."""

    version: str
    effective: dt.date
    digest: str
    language: reading.Language
    languages: list[reading.Language]
    around: policy.Words
    title: str
    lead: str
    sections: list[Mapping[str, str]]
    collected: list[Mapping[str, Any]]
    recipients: list[Mapping[str, Any]]
    never_stored: list[str]

    @property
    def standing(self) -> str:
        """Since when it is in force, from when it will be, or until when it was; a draft says that it is none of these."""
        in_force = policy.current()
        later = [v for v in policy.versions() if v > self.version]
        key, until = "former", policy.load(later[0]).effective if later else None
        if self.version not in policy.versions():
            key = "draft"
        elif self.version == in_force.version:
            key = "in_force"
        elif self.effective > in_force.effective:
            key = "announced"
        days = {"day": reading.day(self.effective, self.language)}
        if until is not None:
            days["until"] = reading.day(until, self.language)
        return reading.phrase(self.around, "page", key, **days)


def policy_page(version: str | None = None, language: str | None = None) -> PolicyPage:
    """Render one version, by default the one in force, from its data, in the language that is asked for or the page's."""
    shown = policy.load(version) if version else policy.current()
    chosen = reading.language_for(language, shown)
    words = shown.words(chosen.locale)
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
            "where": reading.word(words, "country", r.country),
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
        digest=shown.digest,
        language=chosen,
        languages=[reading.LANGUAGES[locale] for locale in reading.LANGUAGES if locale in shown.locales],
        around=reading.around(chosen.locale),
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
        never_stored=[reading.word(words, "never_stored", category) for category in shown.never_stored],
    )


def policy_is_as_published() -> bool:
    """Whether the policy's files are those that were published, letter by letter."""
    return not any(publishing.departures())


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
                "value": "••••••" if secret else place.shown,
                "uses": [words.of("purpose", p) for p in place.declared.purposes],
                "kept": words.of("retention", place.declared.keep),
                # Where its owner changes it, or says that it is wrong.
                "own_page": getattr(place.record, "own_page", ""),
                "key": place.key if is_contestable(place) else "",
            }
        )
    return list(groups.values())


def corrections_beside(record: models.Model) -> list[tuple[str, str]]:
    """The right values of a record that keeps what was handed over: each with the name of its field."""
    return [(str(field.verbose_name), value) for field, value in beside(record)]


def is_contestable(place: whereabouts.Place) -> bool:
    """Whether a person can say that this value is wrong: one that they gave, which no letter of theirs is."""
    return place.correctable and place.record._meta.app_label != "privacy"


def email_addresses(subject: Subject) -> set[str]:
    """Every e-mail address that stands in the records of a person, for a list on which it is to stay when they go."""
    return whereabouts.addresses_of(subject)


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
