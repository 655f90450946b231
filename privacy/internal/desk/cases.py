"""A case from its opening to its end, and whom it is about."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from privacy.internal import clocks, whereabouts
from privacy.internal.mailbox.understanding import Reading
from privacy.models import Collection, RightsRequest, Subject
from privacy.models.request import RequestKind, RequestState


def open_case(
    collection: Collection, reading: Reading, *, channel: str, received_at: dt.datetime, locale: str = "en"
) -> RightsRequest:
    return RightsRequest.objects.create(
        subject_id=collection.subject_id,
        kind=reading.kind,
        why=reading.why,
        channel=channel,
        locale=locale,
        received_at=received_at,
        expected_by=clocks.expected_by(received_at),
        processing_details="staff_review" if reading.kind == RequestKind.STAFF else "need_user_verification",
    )


def people_of(case: RightsRequest) -> list[Subject]:
    """Whom a case is about: its subject, and everybody in whose records the letter's sender stands."""
    people = {case.subject_id: case.subject}
    for message in case.messages.all():
        if message.sender:
            people.update({s.pk: s for s in whereabouts.subjects_with_email(message.sender)})
    return list(people.values())


def close(case: RightsRequest, state: RequestState, *, staff: Subject | None, reason: str = "") -> None:
    """End a case. A closed one stays closed."""
    if case.closed_at is None:
        case.state, case.reason, case.processing_details = state, reason, ""
        case.closed_at, case.decided_by = timezone.now(), staff
        case.save(update_fields=["state", "reason", "processing_details", "closed_at", "decided_by"])
