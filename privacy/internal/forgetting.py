"""Whoever was handed values of somebody who is erased is told so, through the outbox, and what they answer is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from privacy.models import Disclosure, Effect, Erasure, ErasureNotice, Subject
from privacy.outbox import enqueue
from privacy.signals import given_directly, handed_over_as, to_be_forgotten


def tell_recipients(erasure: Erasure, people: Iterable[UUID]) -> list[ErasureNotice]:
    """Write a notice into the outbox for everybody who was handed values of these people, while those still stand.

    Who received them because of a legal order is not told: what a court has, it keeps.
    """
    people = list(people)
    handed: dict[str, set[str]] = {}
    shares = Disclosure.objects.filter(subject__in=people, legal_order__isnull=True)
    # Nobody is told twice of the same: a second erasure of the same person concerns what was handed over in between.
    told = ErasureNotice.objects.filter(erasure__subject__in=people, handed_to=OuterRef("handed_to"))
    shares = shares.exclude(Exists(told.filter(written_at__gte=OuterRef("disclosed_at"))))
    records: dict[tuple[str, str], list[str]] = {}
    for to, label in shares.values_list("handed_to", "record").distinct():
        handed.setdefault(to, set())
        model, _colon, key = label.rpartition(":")
        records.setdefault((to, model), []).append(key)
    for (to, model), keys in records.items():
        handed[to].update(_names(to, model, keys))
    direct: list[tuple[Any, Any]] = given_directly.send(ErasureNotice, people=people)
    for to, names in (answer for _listener, answer in direct if answer):
        if names:
            handed.setdefault(to, set()).update(names)
    made = []
    for to, names in sorted(handed.items()):
        notice, new = ErasureNotice.objects.get_or_create(
            erasure=erasure, handed_to=to, defaults={"known_as": sorted(names)}
        )
        if new:
            enqueue("privacy.ask_to_forget", key=f"forget:{notice.pk}", notice_id=str(notice.pk))
            made.append(notice)
    return made


def _names(to: str, label: str, keys: list[str]) -> Iterator[str]:
    """What the recipient knows some records by, as the app that hands them over says."""
    try:
        standing = list(apps.get_model(label)._base_manager.filter(pk__in=keys))
    except (LookupError, ValueError, ValidationError):
        return
    for record in standing:
        for _listener, names in handed_over_as.send(ErasureNotice, record=record, to=to):
            yield from names or ()


def ask(notice_id: str) -> None:
    """Tell one recipient. Where an app speaks with it by machine, its answer is kept at once; else staff enter it."""
    notice = ErasureNotice.objects.get(pk=notice_id)
    if notice.answer:
        return
    answers = [
        answer
        for _listener, answer in to_be_forgotten.send(ErasureNotice, to=notice.handed_to, known_as=notice.known_as)
        if answer
    ]
    if answers:
        ErasureNotice.objects.filter(pk=notice.pk).update(told_at=timezone.now())
        record_answer(notice, answers[0], staff=None)


def record_answer(notice: ErasureNotice, answer: str, *, staff: Subject | None) -> None:
    """Keep what a recipient did, from its own software or from staff whom it told; a later word replaces an earlier one."""
    said = ErasureNotice.Answer(answer)
    now = timezone.now()
    with transaction.atomic():
        ErasureNotice.objects.filter(pk=notice.pk, told_at=None).update(told_at=now)
        ErasureNotice.objects.filter(pk=notice.pk).update(answer=said, answered_at=now, recorded_by=staff)


def unanswered(since: dt.datetime) -> models.QuerySet[ErasureNotice]:
    """Notices of before a moment that nobody has answered; staff write to those recipients."""
    return ErasureNotice.objects.filter(answer="", written_at__lte=since)


def forget_what_was_to_happen(people: Iterable[UUID]) -> int:
    """Take what waits in the outbox for these people out of it: letters to them and about them, by the keys that they name."""
    keys = [str(key) for key in people]
    waiting = Q()
    for name in ("subject_id", "person_id"):
        waiting |= Q(**{f"ids__{name}__in": keys})
    return Effect.objects.filter(waiting, done_at__isnull=True).delete()[0]
