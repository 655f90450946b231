"""What reaches the desk becomes a case, and a wish to stop is heard in the same transaction."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from privacy.cards import without_card_numbers
from privacy.gate import collecting
from privacy.internal import whereabouts
from privacy.internal.desk.cases import open_case
from privacy.internal.mailbox import reading, understanding
from privacy.models import Collection, RequestMessage, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind
from privacy.outbox import enqueue
from privacy.permission import withdraw

LETTER_FIELDS = (RequestMessage.sender, RequestMessage.heading, RequestMessage.body)


def receive_letter(raw: bytes, *, received_at: dt.datetime | None = None) -> RightsRequest:
    """Turn one mail into a case, in one transaction; the same mail again is the case that it already is.

    A wish to stop marketing takes effect here, for everybody in whose records the sender's address stands: nobody has to
    look first. A mail that a machine wrote is stored for staff, never counts as a wish and is never answered.
    """
    letter = reading.parse(raw)
    known = RequestMessage.objects.filter(letter_digest=letter.digest).select_related("request").first()
    if known is not None:
        return known.request
    wish = understanding.understand(letter.heading, letter.body)
    if letter.automatic:
        wish = understanding.Reading(RequestKind.STAFF, understanding.WRITTEN_BY_A_MACHINE)
    received_at = received_at or timezone.now()
    people = whereabouts.subjects_with_email(letter.sender) if letter.sender else []
    with collecting(
        surface="mail.privacy_mailbox",
        subject=people[0] if len(people) == 1 else Subject(kind=Subject.Kind.PROSPECT),
        fields=LETTER_FIELDS,
        source="privacy mailbox",
    ) as collection:
        case = open_case(collection, wish, channel="mail", received_at=received_at)
        RequestMessage.objects.create(
            request=case,
            sender=letter.sender,
            heading=without_card_numbers(letter.heading),
            body=without_card_numbers(letter.body),
            letter_digest=letter.digest,
            received_at=received_at,
        )
        if wish.stops_marketing:
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
    case = open_case(
        collection,
        understanding.Reading(RequestKind(kind), "chosen on the privacy page"),
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


def stop_marketing(people: list[Subject], *, method: ConsentMethod, surface: str) -> None:
    """Take every permission for direct marketing back, for each of these subjects, each once."""
    for subject in {person.pk: person for person in people}.values():
        withdraw(subject, method=method, surface=surface)
