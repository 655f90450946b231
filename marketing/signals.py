"""What marketing does when a person says no, says yes, is corrected, or goes: it listens inside the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from marketing.domain import events as happenings
from marketing.domain import heeding, photographs, sending, suppressing
from marketing.models import Subscription
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.outbox import enqueue
from privacy.permission import DIRECT_MARKETING, withdraw
from privacy.queries import email_addresses
from privacy.signals import corrected, erased, permitted, withdrawn

_BESIDE_A_FORM = frozenset({ConsentMethod.FORM, ConsentMethod.API})


def _of_marketing(events: list[ConsentEvent]) -> list[ConsentEvent]:
    return [event for event in events if (event.purpose, event.channel) in DIRECT_MARKETING]


@receiver(withdrawn)
def stop(subject: Subject, events: list[ConsentEvent], **_kwargs: Any) -> None:
    """A no, by whatever road: what is claimed is taken back, and the addresses are entered in the list.

    A ticked box beside a form comes before the address that is typed in the same form is written, and an order has no
    statement to spare. The permission holds from the commit on, as always; the addresses are entered a moment later.
    """
    said = _of_marketing(events)
    if not said:
        return
    if all(event.state == ConsentState.REFUSED and event.method in _BESIDE_A_FORM for event in said):
        enqueue(
            "marketing.heed_box",
            key=f"marketing.heed_box:{said[0].pk}",
            subject_id=str(subject.pk),
            event_id=str(said[0].pk),
        )
        return
    heeding.heed(subject, said)


@receiver(permitted)
def start(subject: Subject, events: list[ConsentEvent], **_kwargs: Any) -> None:
    """A yes that the person gave themselves ends what their earlier no entered; one in a file does not."""
    said = _of_marketing(events)
    by_themselves = [e.purpose for e in said if e.method == ConsentMethod.FORM and e.channel == ContactChannel.EMAIL]
    if by_themselves:
        for record in Subscription.objects.filter(subject=subject, confirmed_at__isnull=False):
            suppressing.lift(record.email, purposes=by_themselves)
    if said:
        heeding.confirm(subject, said)


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
