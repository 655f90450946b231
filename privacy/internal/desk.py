"""The privacy desk: a letter becomes a case, a wish to stop is heard at once, a correction goes through the gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from privacy.cards import without_card_numbers
from privacy.gate import collecting
from privacy.internal import clocks, letters, whereabouts
from privacy.models import Collection, RequestMessage, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind, RequestState
from privacy.outbox import enqueue
from privacy.permission import withdraw
from privacy.records import PersonalRecord
from privacy.signals import corrected

LETTER_FIELDS = (RequestMessage.sender, RequestMessage.heading, RequestMessage.body)


def receive_letter(raw: bytes, *, received_at: dt.datetime | None = None) -> RightsRequest:
    """Turn one mail into a case, in one transaction; the same mail again is the case that it already is.

    A wish to stop marketing takes effect here, for everybody in whose records the sender's address stands: nobody has to
    look first. A mail that a machine wrote is stored for staff, never counts as a wish and is never answered.
    """
    letter = letters.parse(raw)
    known = RequestMessage.objects.filter(letter_digest=letter.digest).select_related("request").first()
    if known is not None:
        return known.request
    reading = letters.understand(letter.heading, letter.body)
    if letter.automatic:
        reading = letters.Reading(RequestKind.STAFF, letters.WRITTEN_BY_A_MACHINE)
    received_at = received_at or timezone.now()
    people = whereabouts.subjects_with_email(letter.sender) if letter.sender else []
    with collecting(
        surface="mail.privacy_mailbox",
        subject=people[0] if len(people) == 1 else Subject(kind=Subject.Kind.PROSPECT),
        fields=LETTER_FIELDS,
        source="privacy mailbox",
    ) as collection:
        case = _open_case(collection, reading, channel="mail", received_at=received_at)
        RequestMessage.objects.create(
            request=case,
            sender=letter.sender,
            heading=without_card_numbers(letter.heading),
            body=without_card_numbers(letter.body),
            letter_digest=letter.digest,
            received_at=received_at,
        )
        if reading.stops_marketing:
            stop_marketing([*people, collection.subject], method=ConsentMethod.MAIL, surface=collection.surface)
        if letter.sender and not letter.automatic:
            enqueue("privacy.acknowledge", key=f"acknowledge:{case.pk}", request_id=str(case.pk))
    return case


def receive_form(
    collection: Collection, *, kind: str, sender: str, body: str, heading: str = "", locale: str = "en"
) -> RightsRequest:
    """Turn what a person wrote on the privacy page into a case. Call it inside the form's open door.

    The page alone proves nothing about an address that somebody typed, so a wish to stop is heard for all who have that
    address (nobody is harmed by fewer advertisements), and everything else waits for the person to be confirmed.
    """
    now = timezone.now()
    case = _open_case(
        collection,
        letters.Reading(RequestKind(kind), "chosen on the privacy page"),
        channel="web",
        received_at=now,
        locale=locale,
    )
    RequestMessage.objects.create(
        request=case, sender=sender, heading=heading, body=body, letter_digest=f"form:{case.pk}", received_at=now
    )
    if case.kind in (RequestKind.WITHDRAW, RequestKind.OBJECT):
        people = [*whereabouts.subjects_with_email(sender), collection.subject]
        stop_marketing(people, method=ConsentMethod.FORM, surface=collection.surface)
    if sender:
        enqueue("privacy.acknowledge", key=f"acknowledge:{case.pk}", request_id=str(case.pk))
    return case


def _open_case(
    collection: Collection, reading: letters.Reading, *, channel: str, received_at: dt.datetime, locale: str = "en"
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


def stop_marketing(people: list[Subject], *, method: ConsentMethod, surface: str) -> None:
    """Take every permission for direct marketing back, for each of these subjects, each once."""
    for subject in {person.pk: person for person in people}.values():
        withdraw(subject, method=method, surface=surface)


@transaction.atomic
def apply_correction(
    case: RightsRequest, changes: Mapping[str, str], *, staff: Subject | None
) -> list[whereabouts.Place]:
    """Write corrected values where staff marked them, through the gate, and say which places changed.

    `changes` maps `Place.key` to the new value. Places that do not belong to the people of the case are ignored, whatever
    a form says. The case is closed as fulfilled when something changed.
    """
    changed: list[whereabouts.Place] = []
    for subject in people_of(case):
        places = {p.key: p for p in whereabouts.places_of(subject) if p.correctable}
        wanted = [(places[key], value) for key, value in changes.items() if key in places]
        wanted = [(place, value) for place, value in wanted if str(place.value) != value]
        records = {id(place.record): place.record for place, _ in wanted if isinstance(place.record, PersonalRecord)}
        for record in records.values():
            mine = [(place, value) for place, value in wanted if place.record is record]
            with collecting(
                surface="staff.admin",
                subject=record.subject,
                fields=[place.field for place, _ in mine],
                source=f"correction {case.pk}",
                acted_by=staff,
            ):
                for place, value in mine:
                    setattr(record, place.field.name, place.field.clean(value, record))
                record.save()
            corrected.send(sender=type(record), subject=subject, record=record, fields=[p.field.name for p, _ in mine])
            changed += [p for p, _ in mine]
    if changed:
        close(case, RequestState.FULFILLED, staff=staff)
        enqueue("privacy.answer", key=f"answer:{case.pk}", request_id=str(case.pk))
    return changed


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
