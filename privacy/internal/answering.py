"""Whom a change of the policy touches is asked, and what they say is kept as evidence; silence is no yes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.core import signing
from django.db import transaction

from privacy import permission
from privacy.errors import StaleNotice
from privacy.internal import comparing, policy, promise, reading, shown, side_by_side
from privacy.internal.changes import About, Change, How
from privacy.internal.policy import Policy
from privacy.models import Collection, PolicyAnswer, Subject
from privacy.models.consent import ConsentMethod, ConsentState
from privacy.notice import ShownNotice

_SALT = "privacy.policy_answer"
SURFACE = "web.account"


@dataclass(frozen=True, slots=True)
class Asked:
    """One change that touches a person, and what they have said to it: yes, no, or nothing yet."""

    change: Change
    said: bool | None


def asked_of(person: Subject, after: Policy) -> list[Asked]:
    """Every material change that a version makes to what was collected from this person under earlier ones."""
    collected = _collected_from(person, after)
    found: dict[str, Change] = {}
    for version, columns in collected.items():
        for change in comparing.difference(policy.load(version), after).material:
            if columns.isdisjoint(comparing.columns(change)):
                continue
            known = found.get(change.id, change)
            # Against several earlier versions the same change may permit more or less; it is asked once, for all of it.
            found[change.id] = replace(
                change,
                permits=known.permits | change.permits,
                touches=known.touches | change.touches,
            )
    if not found:
        return []
    last = promise.last_words(person)
    return [Asked(change, _said(change, last)) for change in found.values()]


def _said(change: Change, last: Mapping[str, bool]) -> bool | None:
    """Yes when all of it is permitted, no when some of it was refused, nothing while a part was never answered."""
    words = [last.get(what) for what in change.permits]
    return None if None in words else all(words)


def _collected_from(person: Subject, after: Policy) -> Mapping[str, set[str]]:
    """The columns that were collected from a person under each earlier version, the oldest first."""
    earlier = Collection.objects.filter(promise.family_of(person), policy_version__lt=after.version)
    found: dict[str, set[str]] = {}
    for version, fields in earlier.order_by("policy_version").values_list("policy_version", "fields").distinct():
        if version in policy.files():
            found.setdefault(version, set()).update(fields)
    return found


class Questions:
    """The questions of one version to one person, in one language: what is shown, and the proof of what was."""

    def __init__(self, person: Subject, after: Policy, language: reading.Language) -> None:
        self.person, self.after, self.language = person, after, language
        self.asked = asked_of(person, after)
        before = policy.current() if after.version > policy.current().version else policy.load(_former(after))
        self.teller = side_by_side.Teller(comparing.difference(before, after), language)

    @property
    def text(self) -> str:
        """Every question, as JSON; its SHA-256 is the digest."""
        questions = [[asked.change.id, self.teller.question(asked.change)] for asked in self.asked]
        return json.dumps([self.after.version, self.language.locale, questions], ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 over the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def token(self) -> str:
        """What travels with the form, signed with the moment of showing."""
        said = f"{self.after.version}|{self.language.locale}|{self.digest}"
        return signing.TimestampSigner(salt=_SALT).sign(said)

    def shown(self, token: str, controls: Iterable[str]) -> ShownNotice:
        """The questions to which answers were given, or `StaleNotice` when they are not these any more."""
        signer = signing.TimestampSigner(salt=_SALT)
        try:
            version, locale, digest = signer.unsign(token).split("|")
            shown_at = dt.datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), tz=dt.UTC)
        except (signing.BadSignature, ValueError, IndexError, OverflowError) as error:
            raise StaleNotice("The proof that came with the answers is damaged.") from error
        if (version, locale, digest) != (self.after.version, self.language.locale, self.digest):
            raise StaleNotice("The questions have changed since the page was shown.")
        return ShownNotice(version, locale, digest, shown_at, frozenset(controls), self.text)


def _former(version: Policy) -> str:
    earlier = [v for v in policy.versions() if v < version.version]
    return earlier[-1] if earlier else version.version


def answer(
    questions: Questions, said: Mapping[str, bool], token: str, *, under_gpc: bool = False
) -> list[PolicyAnswer]:
    """Keep what a person says to some of the questions; `said` is by the id of the change. What is left out stays unanswered.

    A new purpose that rests on permission is at the same time permitted, or refused, for each road that the version
    names. Refused (`StaleNotice`): answers to other questions than those that were shown.
    """
    answered = [(asked.change, said[asked.change.id]) for asked in questions.asked if asked.change.id in said]
    ways = [(change, yes, channel) for change, yes in answered for channel in _roads(change, questions.after)]
    notice = questions.shown(token, {change.key for change, _yes, _channel in ways})
    with transaction.atomic():
        rows = PolicyAnswer.objects.bulk_create(
            [
                PolicyAnswer(
                    subject=questions.person,
                    version=questions.after.version,
                    change=change.id,
                    yes=yes,
                    permits=sorted(change.permits),
                    text_digest=notice.digest,
                    locale=notice.locale,
                    shown_at=notice.shown_at,
                )
                for change, yes in answered
            ]
        )
        for change, yes, channel in ways:
            permission.record_choices(
                questions.person,
                [(change.key, channel)],
                ConsentState.GIVEN if yes else ConsentState.REFUSED,
                method=ConsentMethod.FORM,
                notice=notice,
                surface=SURFACE,
                under_gpc=under_gpc,
            )
        if rows:
            shown.keep(notice)
    return rows


def _roads(change: Change, version: Policy) -> list[str]:
    """By which roads a new purpose asks for permission to reach the person."""
    if change.about is not About.PURPOSE or change.how is not How.NEW or version.legal_basis(change.key) != "consent":
        return []
    return sorted({rule.channel for rule in version.permissions if rule.purpose == change.key})


def waiting(person: Subject) -> list[tuple[Policy, list[Asked]]]:
    """The versions that ask this person something and have no answer to all of it: the one in force and the one that comes."""
    versions = [policy.current(), *filter(None, [policy.upcoming()])]
    asked = [(version, asked_of(person, version)) for version in versions if version.version != policy.versions()[0]]
    return [(version, found) for version, found in asked if any(one.said is None for one in found)]
