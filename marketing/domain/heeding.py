"""What a no to marketing means: what is claimed is taken back, the addresses are entered, the choice is confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from marketing.domain import rules, sending, suppressing
from marketing.models.reached import BY_CHANNEL, SENT_BY, address_of
from privacy.models import ConsentEvent, Preference, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.outbox import enqueue
from privacy.queries import email_addresses

# Several choices on one page are confirmed in one letter.
_GATHERED = dt.timedelta(minutes=5)


def heed(subject: Subject, said: Sequence[ConsentEvent]) -> None:
    """Take back what is claimed for a person, enter their addresses, and confirm the choice where a law wants it."""
    people = list(
        Subject.objects.filter(Q(pk=subject.pk) | Q(merged_into=subject) | Q(pk=subject.merged_into_id)).values_list(
            "pk", flat=True
        )
    )
    sending.revoke(people, [event.purpose for event in said], [event.channel for event in said])
    for channel, sent in SENT_BY.items():
        purposes = [event.purpose for event in said if event.channel == channel and event.purpose in sent]
        if purposes:
            suppressing.suppress(addresses_of(subject, people, channel), suppressing.Cause.OPT_OUT, purposes=purposes)
    confirm(subject, said)


def addresses_of(subject: Subject, people: Sequence[UUID], channel: str) -> set[str]:
    """Where a channel reaches one person: of mail every address in their records, else what they named for news."""
    if channel == ContactChannel.EMAIL:
        return email_addresses(subject)
    return {address_of(record) for record in BY_CHANNEL[channel].objects.filter(subject__in=list(people))}


@transaction.atomic
def heed_box(subject_id: UUID, event_id: UUID) -> None:
    """Do the same for a box that was ticked beside a form, now that what was typed in the form stands.

    Whoever has said yes to a purpose since is not stopped for it.
    """
    ticked = ConsentEvent.objects.select_related("subject").get(pk=event_id)
    still = Preference.objects.filter(
        subject=subject_id, state__in=(ConsentState.REFUSED, ConsentState.WITHDRAWN), since__gte=ticked.received_at
    ).values_list("event", flat=True)
    said = list(ConsentEvent.objects.filter(pk__in=list(still)))
    subject = Subject.objects.filter(pk=subject_id).first()
    if subject is not None and said:
        heed(subject, said)


def confirm(subject: Subject, said: Sequence[ConsentEvent]) -> None:
    """Where a law wants a choice confirmed, a service letter is written into the outbox. Machines' choices need none."""
    if all(event.method == ConsentMethod.GPC for event in said):
        return
    if not any(rules.demands(subject.jurisdiction, event.channel).confirm_within for event in said):
        return
    # Where they are written to is looked for then: the form in which a box was ticked may not be kept yet.
    enqueue(
        "marketing.confirm_choices",
        key=f"marketing.confirm_choices:{subject.pk}:{timezone.now():%Y%m%d%H}{timezone.now().minute // 5}",
        delay=_GATHERED,
        subject_id=str(subject.pk),
    )
