"""What marketing does when a person says no, says yes, is corrected, or goes: it listens inside the same transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.dispatch import receiver
from django.utils import timezone

from accounts.queries import sign_in_address
from marketing.domain import events as happenings
from marketing.domain import heeding, photographs, proving, sending, subscribing, suppressing
from marketing.models import Subscription, TextNumber
from marketing.models.reached import ASKED_BY, BY_CHANNEL, SENT_BY, address_of
from marketing.models.subscription import BY_EMAIL
from privacy.declaration import Purpose
from privacy.models import ConsentEvent, Preference, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.outbox import enqueue
from privacy.permission import DIRECT_MARKETING, withdraw
from privacy.signals import corrected, erased, permitted, reminder_due, withdrawn

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
    themselves = [event for event in said if event.method in _BESIDE_A_FORM]
    mail = next((event for event in themselves if event.purpose in BY_EMAIL), None)
    if mail is not None:
        _reach_them(subject, mail)
    for channel, model in BY_CHANNEL.items():
        purposes = [e.purpose for e in themselves if e.channel == channel and e.purpose in SENT_BY[channel]]
        if purposes:
            for record in model.objects.filter(subject=subject, confirmed_at__isnull=False):
                suppressing.lift(address_of(record), purposes=purposes)
    if said:
        heeding.confirm(subject, said)


def _reach_them(subject: Subject, yes: ConsentEvent) -> None:
    """A yes said where no address is typed, as in the privacy centre, means the address of the account."""
    address = sign_in_address(subject)
    if address is not None:
        subscribing.take_own_address(
            subject, address.email, locale=yes.locale or "en", verified=address.verified, yes=yes
        )


@receiver(email_confirmed, dispatch_uid="marketing.mailbox_is_proved")
def mailbox_is_proved(email_address: EmailAddress, **_kwargs: Any) -> None:
    """The account's letter was answered: whoever wished news there need not answer a second one."""
    subscribing.mailbox_is_proved(email_address.user.subject, email_address.email)


@receiver(email_changed, dispatch_uid="marketing.follow_own_address")
def follow_own_address(from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_kwargs: Any) -> None:
    """News to the address of the account go where the account is signed in with."""
    if from_email_address is not None and to_email_address.verified:
        subscribing.follow_own_address(to_email_address.user.subject, from_email_address.email, to_email_address.email)


@receiver(erased)
def outlive(subject: Subject, people: list[UUID], **_kwargs: Any) -> None:
    """The address of somebody who is erased stays as a hash, so that no import and no list brings it back."""
    for channel in BY_CHANNEL:
        suppressing.suppress(heeding.addresses_of(subject, people, channel), suppressing.Cause.ERASURE)
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


@receiver(corrected, sender=TextNumber, dispatch_uid="marketing.ask_corrected_number")
def ask_the_corrected_number(record: TextNumber, fields: list[str], **_kwargs: Any) -> None:
    """The yes came from another telephone. It ends; its owner proves the right number with a code, where they asked before."""
    if "phone" in fields:
        ways = [(purpose, ContactChannel.SMS) for purpose in ASKED_BY[ContactChannel.SMS]]
        withdraw(record.subject, ways, method=ConsentMethod.ADMIN, surface="staff.admin")
        TextNumber.objects.filter(pk=record.pk).update(
            confirmed_at=None, token=uuid.uuid4(), tries=proving.MOST_TRIES, created_at=timezone.now()
        )


@receiver(reminder_due, dispatch_uid="marketing.remind_on_the_telephone")
def remind_on_the_telephone(preference: Preference, **_kwargs: Any) -> None:
    """What the law wants brought to mind every two years comes by the channel that was permitted; the night comes with it."""
    if preference.purpose == Purpose.MARKETING_AT_NIGHT or preference.channel not in _REMINDS:
        return
    proved = BY_CHANNEL[preference.channel].objects.filter(subject=preference.subject_id, confirmed_at__isnull=False)
    record = proved.order_by("-pk").first()
    if record is not None:
        kind = _REMINDS[preference.channel]
        enqueue(kind, key=f"{kind}:{record.pk}:{timezone.now():%Y%m%d}", row_id=record.pk)


_REMINDS = {ContactChannel.SMS: "marketing.remind_by_text", ContactChannel.PUSH: "marketing.remind_by_push"}
