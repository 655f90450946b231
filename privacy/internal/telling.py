"""People hear of a version of the policy before it takes effect: once each, in their language, with what it asks of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from privacy.declaration import Purpose
from privacy.internal import answering, comparing, policy, promise, reading, side_by_side
from privacy.internal.changes import About
from privacy.internal.publishing import ANNOUNCE
from privacy.mail import send_letter
from privacy.models import Collection, Publication, Subject
from privacy.outbox import enqueue
from privacy.signals import account_addresses

BATCH = 500
TELL = "privacy.tell_of_policy"


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody with an account is written to: the record that holds it, and its field."""

    person_id: UUID
    record: models.Model
    field: str


def _addresses(**which: object) -> Iterator[Address]:
    """What the apps above answer: the addresses of people with an account, in the order of their keys."""
    answers: Any = account_addresses.send(sender=Publication, **which)
    for _receiver, found in answers:
        for person_id, record, field in found:
            yield Address(person_id, record, field)


def announce(publication_id: str, after: str = "") -> int:
    """Write a letter into the outbox for each account, some at a time; who has one already gets no second."""
    publication = Publication.objects.get(pk=publication_id)
    people = [a.person_id for a in _addresses(after=UUID(after) if after else None, most=BATCH)]
    for person_id in people:
        enqueue(
            TELL,
            key=f"policy:{publication.version}:{person_id}",
            publication_id=publication_id,
            subject_id=str(person_id),
        )
    if len(people) == BATCH:
        last = max(people)
        today = timezone.localdate()
        enqueue(
            ANNOUNCE,
            key=f"policy:{publication.version}:all:{today}:{last}",
            publication_id=publication_id,
            after=str(last),
        )
    return len(people)


def announce_again(now: dt.datetime | None = None) -> int:
    """Once a day until a version takes effect: whoever opened an account since its publication is told too."""
    today = timezone.localdate(now)
    coming = list(Publication.objects.filter(effective__gt=today, founding=False))
    for publication in coming:
        enqueue(ANNOUNCE, key=f"policy:{publication.version}:all:{today}", publication_id=str(publication.pk))
    return len(coming)


def write_letter(publication_id: str, subject_id: str) -> None:
    """Tell one person what changes, what of it is about their data, and where they answer. Gone accounts get no letter."""
    publication = Publication.objects.get(pk=publication_id)
    address = next(_addresses(person=UUID(subject_id), most=1), None)
    if address is None:
        return
    person = Subject.objects.get(pk=subject_id)
    after = policy.load(publication.version)
    language = reading.LANGUAGES[locale_of(person)]
    teller = side_by_side.Teller(comparing.difference(_before(after), after), language)
    asked = answering.asked_of(person, after)
    send_letter(
        address.record,
        address.field,
        purpose=Purpose.NOTIFICATION,
        template="privacy/mail/policy_change.txt",
        # The letter's own sentences are in the languages of the store; what changes is told in the person's.
        locale=language.code if language.code in dict(settings.LANGUAGES) else policy.SOURCE_LOCALE,
        context={
            "day": reading.day(after.effective, language),
            "before": teller.found.before.version,
            "after": after.version,
            "asked": [teller.row(one.change) for one in asked],
            "changes": [row for row in teller.rows() if row.change.about is not About.WORDS],
            "is_material": teller.found.is_material,
        },
        headers={"Auto-Submitted": "auto-generated"},
    )


def _before(after: policy.Policy) -> policy.Policy:
    """The version that a published one follows."""
    earlier = [version for version in policy.versions() if version < after.version]
    return policy.load(earlier[-1]) if earlier else after


def locale_of(person: Subject) -> str:
    """The language in which a person last read a notice of ours."""
    read = Collection.objects.filter(promise.family_of(person)).exclude(notice_locale="")
    last = read.order_by("-received_at").values_list("notice_locale", flat=True).first()
    return last if last and last in reading.LANGUAGES else policy.SOURCE_LOCALE
