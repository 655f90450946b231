"""While it is open whether a value is right, nobody uses it: which values a case keeps from use, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from privacy import outbox
from privacy.internal import whereabouts
from privacy.internal.desk import identifying, secrets
from privacy.models import CaseStep, Correction, RequestMessage, Restriction, RightsRequest, Subject
from privacy.models.correction import ProposedAddress
from privacy.models.reply import DeskNote, Reply
from privacy.models.request import RequestKind
from privacy.signals import person_confirmed

# What was written in a case is what somebody wrote; it is not corrected and reaches nobody else.
OF_THE_DESK = (RequestMessage, Reply, DeskNote, Correction, ProposedAddress)


@receiver(person_confirmed, dispatch_uid="privacy.restricting.begin")
def begin(case: RightsRequest, **_kwargs: object) -> None:
    """It is certain who asks: keep from use what they contest, or everything where they ask for that.

    A letter does not say in which records the wrong value stands, so every one waits until staff have named those that it is
    about (`narrow`). An address that was just confirmed is right.
    """
    if not case.is_open or case.restrictions.filter(ended_at__isnull=True).exists():
        return
    people = identifying.people_of(case)
    if case.kind == RequestKind.RESTRICT:
        _restrict(case, [(key, "", "") for person in people for key in whereabouts.family(person)])
    elif case.kind == RequestKind.RECTIFICATION:
        _restrict(case, _in_doubt(case, people))


def _in_doubt(case: RightsRequest, people: Iterable[Subject]) -> list[tuple[UUID, str, str]]:
    sure = {check.value_digest for check in case.verifications.filter(confirmed_at__isnull=False) if check.value_digest}
    return [
        (place.record.subject_id, place.label, place.column)  # type: ignore[attr-defined]
        for person in people
        for place in whereabouts.places_of(person)
        if place.correctable
        and not isinstance(place.record, OF_THE_DESK)
        and secrets.digest_of_value(place.value) not in sure
    ]


def contest(case: RightsRequest, places: Iterable[whereabouts.Place]) -> None:
    """The person names the very values that are wrong: these are kept from use, and no others."""
    _restrict(case, [(place.record.subject_id, place.label, place.column) for place in places])  # type: ignore[attr-defined]


def narrow(case: RightsRequest, places: Iterable[whereabouts.Place], *, staff: Subject | None) -> None:
    """Staff read what it is about: from now on only these values wait."""
    with transaction.atomic():
        release(case, staff=staff)
        contest(case, places)


def _restrict(case: RightsRequest, what: Iterable[tuple[UUID, str, str]]) -> None:
    rows = [
        Restriction(request=case, subject_id=person, record=record, column=column) for person, record, column in what
    ]
    if rows:
        Restriction.objects.bulk_create(rows, ignore_conflicts=True)
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.RESTRICTED, detail=str(len(rows)))


def release(case: RightsRequest, *, staff: Subject | None = None) -> None:
    """The values may be used again, and what waited for them goes on."""
    with transaction.atomic():
        ended = Restriction.objects.filter(request=case, ended_at__isnull=True).update(ended_at=timezone.now())
        if ended:
            CaseStep.objects.create(request=case, kind=CaseStep.Kind.RELEASED, detail=str(ended), by=staff)
            outbox.go_on_waiting()


def in_force(case: RightsRequest) -> list[Restriction]:
    """What this case keeps from use now."""
    return list(case.restrictions.filter(Q(ended_at__isnull=True)))
