"""Who may fetch a copy: whoever reads the confirmed mailbox, once, or the person themselves with a fresh password."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import signing
from django.db import models, transaction
from django.utils import timezone

from privacy.declaration import Category, Purpose, datum, declaration_of
from privacy.errors import NotDisclosed
from privacy.internal import whereabouts
from privacy.internal.copying.packing import stream
from privacy.models import Copy, RightsRequest, Subject
from privacy.outbox import enqueue
from privacy.signals import account_addresses

LINK_WORKS = dt.timedelta(days=7)
# What was never fetched is forgotten so long after its link has ended.
_FORGOTTEN_AFTER = dt.timedelta(days=30)
_SALT = "privacy.copy"
# For which of the purposes that an address is declared for the letter is written, the first that fits.
_PURPOSES = (Purpose.SUPPORT, Purpose.NOTIFICATION, Purpose.AUTHENTICATION)


class LinkUsed(Exception):
    """The link was good once: it has been used, or its days are over."""


def prepare_copy(
    case_or_subject: RightsRequest | Subject,
    *,
    people: Iterable[Subject] = (),
    address: models.Model | None = None,
    field: str = "email",
    locale: str = "",
    acted_by: Subject | None = None,
) -> Copy:
    """Let a person fetch a copy of everything: a link that works once goes to their confirmed address, through the outbox.

    `people` are others of whom it is certain that they are the same person. `address` is the record in which the confirmed
    address stands, in `field`; without one it is the one that was confirmed in the case, or that of the account. That the
    person has shown the address to be theirs is the caller's to know. Refused (`NotDisclosed`) when there is none.
    """
    case = case_or_subject if isinstance(case_or_subject, RightsRequest) else None
    subject = case_or_subject.subject if isinstance(case_or_subject, RightsRequest) else case_or_subject
    people = [subject, *(person for person in people if person.pk != subject.pk)]
    if address is None:
        address, field = (_confirmed_in(case) if case else None) or _address_of_the_account(people)
    declared = datum(address._meta.get_field(field))
    if declared is None or declared.category is not Category.EMAIL:
        raise NotDisclosed(f"A copy's link goes to an e-mail address, and {field} is none.")
    with transaction.atomic():
        copy = Copy.objects.create(
            subject=subject,
            also=[person.pk for person in people[1:]],
            case=case,
            address_at=f"{address._meta.label}:{address.pk}:{field}",
            locale=locale or (case.locale if case else "en"),
            acted_by=acted_by,
            expires_at=timezone.now() + LINK_WORKS,
        )
        enqueue("privacy.send_copy", key=f"copy:{copy.pk}", copy_id=str(copy.pk))
    return copy


def _confirmed_in(case: RightsRequest) -> tuple[models.Model, str] | None:
    """The address that the person confirmed in a case, the last one first; a check that proved no address is none."""
    checks: Any = getattr(case, "verifications", None)
    if checks is None:
        return None
    for check in checks.filter(confirmed_at__isnull=False).exclude(record="").order_by("-confirmed_at"):
        label, _colon, key = check.record.rpartition(":")
        record = apps.get_model(label)._base_manager.filter(pk=key).first()
        if record is None or not check.field:
            continue
        declared = datum(record._meta.get_field(check.field))
        if declared is not None and declared.category is Category.EMAIL:
            return record, check.field
    return None


def _address_of_the_account(people: Iterable[Subject]) -> tuple[models.Model, str]:
    for subject in people:
        for person in whereabouts.family(subject):
            heard: list[tuple[Any, Any]] = account_addresses.send(sender=Subject, most=1, person=person)
            for _listener, answers in heard:
                for _key, record, field in answers:
                    return record, field
    raise NotDisclosed(
        "There is no confirmed address to write to. Let the person confirm one, and name the record that it stands in."
    )


def address_of(copy: Copy) -> tuple[models.Model, str, str] | None:
    """The record to write to, its field and the purpose of the letter; None when the address is gone by now."""
    label, key, field = copy.address_at.split(":")
    record = apps.get_model(label)._base_manager.filter(pk=key).first()
    if record is None:
        return None
    purposes = declaration_of(record._meta.get_field(field)).purposes
    return record, field, next(p for p in _PURPOSES if p in purposes)


def token_of(copy: Copy) -> str:
    """What the link carries. It stands in the letter and nowhere else."""
    return signing.dumps(str(copy.pk), salt=_SALT)


def copy_behind(token: str) -> Copy | None:
    """The copy that a link leads to; None for a link that we did not make. Reading changes nothing.

    Raises `LinkUsed` for a link that was used, has ended, or whose person is gone.
    """
    try:
        key = UUID(signing.loads(token, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None
    copy = Copy.objects.select_related("subject").filter(pk=key, used_at=None, expires_at__gt=timezone.now()).first()
    if copy is None:
        raise LinkUsed
    return copy


def fetch(copy: Copy) -> Iterator[bytes]:
    """Use the link up, and give the pieces of the copy. Of two at once one gets it; the other is told `LinkUsed`."""
    now = timezone.now()
    if not Copy.objects.filter(pk=copy.pk, used_at=None, expires_at__gt=now).update(used_at=now):
        raise LinkUsed
    return stream(copy.subject, also=copy.also)


def fetch_own(subject: Subject) -> Iterator[bytes]:
    """The pieces of the copy for somebody who is signed in and has just typed their password; that they took it is noted."""
    now = timezone.now()
    Copy.objects.create(subject=subject, expires_at=now, used_at=now)
    return stream(subject)


def forget_copies_of(people: Iterable[UUID]) -> None:
    """The person is erased: no link leads to anything any more."""
    people = list(people)
    Copy.objects.filter(models.Q(subject__in=people) | models.Q(also__overlap=people)).delete()


def forget_old_links(now: dt.datetime) -> int:
    """Forget the links that nobody followed, long after they ended."""
    return Copy.objects.filter(used_at=None, expires_at__lte=now - _FORGOTTEN_AFTER).delete()[0]
