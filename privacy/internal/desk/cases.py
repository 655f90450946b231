"""A case from its opening to its end: its clock, its states, its timeline, and the link under which a guest sees it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from privacy.declaration import Channel
from privacy.internal import clocks
from privacy.internal.desk import corresponding, identifying, restricting, secrets, states
from privacy.internal.desk.identifying import people_of
from privacy.internal.mailbox.understanding import Reading
from privacy.internal.readers_language import pages_for
from privacy.models import CaseStep, Collection, RightsRequest, Subject
from privacy.models.request import RequestReason, RequestState
from privacy.signals import person_confirmed

__all__ = ["close", "link_of", "open_case", "opened_by_link", "people_of", "status_of"]

# Where whoever asks is known by the session; elsewhere the due date must not tell whether the person is.
_KNOWS_WHO_ASKS = frozenset({Channel.WEB.value, Channel.API.value})
LINK_GOOD_FOR = dt.timedelta(days=90)


def open_case(
    collection: Collection, reading: Reading, *, channel: str, received_at: dt.datetime, locale: str = "en"
) -> RightsRequest:
    """Write a new case down, with its clock: that of the person's law where they are known, else the shortest."""
    law = collection.subject.jurisdiction if channel in _KNOWS_WHO_ASKS else ""
    case = RightsRequest.objects.create(
        subject_id=collection.subject_id,
        kind=reading.kind,
        why=reading.why,
        channel=channel,
        locale=locale,
        received_at=received_at,
        jurisdiction=law,
        expected_by=clocks.expected_by(received_at, law),
        processing_details="need_user_verification" if identifying.needs_proof(reading.kind) else "staff_review",
    )
    CaseStep.objects.create(request=case, kind=CaseStep.Kind.OPENED, detail=case.kind)
    return case


def move(case: RightsRequest, state: str, *, staff: Subject | None, reason: str = "", details: str = "") -> bool:
    """Bring a case into a state that may follow its own. False when it had ended meanwhile; raises `states.CannotMove`."""
    with transaction.atomic():
        now = RightsRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if not now.is_open:
            return False
        states.check(now.state, state, reason)
        values: dict[str, object] = {"state": RequestState(state), "reason": reason, "processing_details": details}
        if state in states.ENDED:
            values |= {"closed_at": timezone.now(), "decided_by": staff}
        RightsRequest.objects.filter(pk=case.pk).update(**values)
        case.refresh_from_db()
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.MOVED, detail=state, by=staff)
        if state in states.ENDED:
            restricting.release(case)
    return True


def close(
    case: RightsRequest, state: RequestState, *, staff: Subject | None, reason: str = "", words: str = ""
) -> bool:
    """End a case and answer the person, in one transaction. A closed one stays closed. `words` are the staff's own."""
    with transaction.atomic():
        if not move(case, state, staff=staff, reason=reason):
            return False
        corresponding.answer(case, words=words, staff=staff)
    return True


# --- the person's own view ----------------------------------------------------------------------------------------------


def link_of(case: RightsRequest) -> str:
    """The address under which whoever reads the mailbox sees the case. Making it again prolongs it."""
    link = secrets.link_for("case", case.pk)
    RightsRequest.objects.filter(pk=case.pk).update(
        link_digest=secrets.digest_of_link(link), link_expires_at=timezone.now() + LINK_GOOD_FOR
    )
    with pages_for(case.locale):
        return settings.BASE_URL + reverse("privacy:case_by_link", args=[link])


def opened_by_link(link: str) -> RightsRequest | None:
    """The case that a link leads to, while it is good."""
    digest = secrets.digest_of_link(link)
    return RightsRequest.objects.filter(link_digest=digest, link_expires_at__gt=timezone.now()).first()


def status_of(case: RightsRequest) -> dict[str, object]:
    """The case as the Data Rights Protocol 1.0 writes one; fields that have nothing to say are left out."""
    from privacy.internal.desk import fulfilling

    waits = case.reason == RequestReason.NEED_USER_VERIFICATION
    results = fulfilling.results_of(case)
    status: dict[str, object] = {
        "request_id": str(case.pk),
        "kind": case.kind,
        "received_at": case.received_at.isoformat(timespec="seconds"),
        "expected_by": case.expected_by.isoformat(timespec="seconds"),
        "processing_details": case.processing_details,
        "status": case.state,
        "reason": case.reason,
        "user_verification_url": settings.BASE_URL + reverse("privacy:case", args=[case.pk]) if waits else "",
        "expires_at": results.expires_at.isoformat(timespec="seconds") if results and results.expires_at else "",
        "results_url": results.url if results else "",
    }
    return {name: value for name, value in status.items() if value != ""}


@receiver(person_confirmed, dispatch_uid="privacy.cases.law_of_the_person")
def heed_the_law_of_the_person(case: RightsRequest, **_kwargs: object) -> None:
    """Now that it is known whose case it is, their law's clock runs; what was promised at receipt is not put off by it."""
    laws = {person.jurisdiction for person in people_of(case)}
    if len(laws) != 1 or not (law := laws.pop()) or case.jurisdiction:
        return
    due = min(case.expected_by, clocks.expected_by(case.received_at, law))
    RightsRequest.objects.filter(pk=case.pk).update(jurisdiction=law, expected_by=due)
    case.refresh_from_db()
