"""What marketing does when a person says no, says yes, is corrected, or goes: it listens inside the same transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from marketing.domain import events as happenings
from marketing.domain import photographs, rules, sending, suppressing
from marketing.models import Subscription
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.outbox import enqueue
from privacy.permission import DIRECT_MARKETING, withdraw
from privacy.queries import email_addresses
from privacy.signals import corrected, erased, permitted, withdrawn

# Several choices on one page are confirmed in one letter.
_GATHERED = dt.timedelta(minutes=5)


def _of_marketing(events: list[ConsentEvent]) -> list[ConsentEvent]:
    return [event for event in events if (event.purpose, event.channel) in DIRECT_MARKETING]


@receiver(withdrawn)
def stop(subject: Subject, events: list[ConsentEvent], **_kwargs: Any) -> None:
    """A no, by whatever road: what is claimed is taken back, and the addresses are entered in the list."""
    said = _of_marketing(events)
    if not said:
        return
    people = list(
        Subject.objects.filter(Q(pk=subject.pk) | Q(merged_into=subject) | Q(pk=subject.merged_into_id)).values_list(
            "pk", flat=True
        )
    )
    sending.revoke(people, [event.purpose for event in said], [event.channel for event in said])
    by_mail = [event.purpose for event in said if event.channel == ContactChannel.EMAIL]
    suppressing.suppress(email_addresses(subject), suppressing.Cause.OPT_OUT, purposes=by_mail)
    _confirm(subject, said)


@receiver(permitted)
def start(subject: Subject, events: list[ConsentEvent], **_kwargs: Any) -> None:
    """A yes that the person gave themselves ends what their earlier no entered; one in a file does not."""
    said = _of_marketing(events)
    by_themselves = [e.purpose for e in said if e.method == ConsentMethod.FORM and e.channel == ContactChannel.EMAIL]
    if by_themselves:
        for record in Subscription.objects.filter(subject=subject, confirmed_at__isnull=False):
            suppressing.lift(record.email, purposes=by_themselves)
    if said:
        _confirm(subject, said)


@receiver(erased)
def outlive(subject: Subject, people: list[UUID], **_kwargs: Any) -> None:
    """The address of somebody who is erased stays as a hash, so that no import and no list brings it back."""
    suppressing.suppress(email_addresses(subject), suppressing.Cause.ERASURE)
    sending.revoke(people, [purpose for purpose, _ in DIRECT_MARKETING], [channel for _, channel in DIRECT_MARKETING])


@receiver(erased, dispatch_uid="marketing.leave_events")
def leave_events(people: Iterable[UUID], **_kwargs: Any) -> None:
    """Give up the seats, and remove every photograph on which they had agreed to be shown."""
    people = list(people)
    happenings.release_seats(people)
    photographs.remove_of(people)


@receiver(corrected, sender=Subscription, dispatch_uid="marketing.ask_corrected_address")
def ask_the_corrected_address(record: Subscription, fields: list[str], **_kwargs: Any) -> None:
    """The yes came from another mailbox. It ends, and the new one is asked for its own."""
    if "email" not in fields:
        return
    withdraw(record.subject, method=ConsentMethod.ADMIN, surface="staff.admin")
    Subscription.objects.filter(pk=record.pk).update(confirmed_at=None, token=uuid.uuid4())
    enqueue(
        "marketing.confirm_subscription",
        key=f"marketing.confirm_subscription:{record.pk}:{timezone.now():%Y%m%d%H}",
        subscription_id=record.pk,
    )


def _confirm(subject: Subject, said: list[ConsentEvent]) -> None:
    """Where a law wants a choice confirmed, a service letter is written into the outbox. Machines' choices need none."""
    if all(event.method == ConsentMethod.GPC for event in said):
        return
    if not any(rules.demands(subject.jurisdiction, event.channel).confirm_within for event in said):
        return
    if Subscription.objects.filter(subject=subject).exists():
        enqueue(
            "marketing.confirm_choices",
            key=f"marketing.confirm_choices:{subject.pk}:{timezone.now():%Y%m%d%H}{timezone.now().minute // 5}",
            delay=_GATHERED,
            subject_id=str(subject.pk),
        )
