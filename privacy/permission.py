"""Who may be asked, and by which road: permission is given, refused and withdrawn here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from privacy.declaration import Purpose
from privacy.errors import NotPermitted
from privacy.internal import policy
from privacy.models import ConsentEvent, Preference, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.signals import withdrawn

if TYPE_CHECKING:
    from privacy.notice import ShownNotice

# What "no direct marketing" switches off: clause control.opt-out-box.
DIRECT_MARKETING: tuple[tuple[str, str], ...] = (
    (Purpose.MARKETING_EMAIL, ContactChannel.EMAIL),
    (Purpose.MARKETING_SMS, ContactChannel.SMS),
    (Purpose.THIRD_PARTY_PROMOTION, ContactChannel.EMAIL),
)


def grant(
    subject: Subject, purpose: str, channel: str, *, method: str, notice: ShownNotice, surface: str = ""
) -> ConsentEvent:
    """Record that a person permits one purpose by one channel. `notice` is the text that stood beside the control."""
    (event,) = record_choices(
        subject, [(purpose, channel)], ConsentState.GIVEN, method=method, notice=notice, surface=surface
    )
    return event


def refuse(
    subject: Subject,
    ways: Iterable[tuple[str, str]] = DIRECT_MARKETING,
    *,
    method: str,
    notice: ShownNotice | None,
    surface: str = "",
) -> list[ConsentEvent]:
    """Record a "no" to a question that was really asked, such as a ticked opt-out box."""
    events = record_choices(subject, ways, ConsentState.REFUSED, method=method, notice=notice, surface=surface)
    withdrawn.send(sender=Subject, subject=subject, events=events)
    return events


def withdraw(
    subject: Subject,
    ways: Iterable[tuple[str, str]] = DIRECT_MARKETING,
    *,
    method: str,
    notice: ShownNotice | None = None,
    surface: str = "",
    acted_by: Subject | None = None,
) -> list[ConsentEvent]:
    """Take permission back, at once: when the transaction around this has committed, nothing more may be sent.

    `ways` are pairs of purpose and channel. A withdrawal is recorded also where nothing was ever given, since the wish is
    to be left alone from now on.
    """
    with transaction.atomic():
        events = record_choices(
            subject, ways, ConsentState.WITHDRAWN, method=method, notice=notice, surface=surface, acted_by=acted_by
        )
        withdrawn.send(sender=Subject, subject=subject, events=events)
    return events


def record_choices(
    subject: Subject | None,
    ways: Iterable[tuple[str, str]],
    state: str,
    *,
    method: str,
    notice: ShownNotice | None,
    surface: str = "",
    acted_by: Subject | None = None,
) -> list[ConsentEvent]:
    """Add one consent event per way, and bring the preferences that they change up to date.

    The upsert takes the preference rows `FOR UPDATE`, so a choice waits for a send that holds one `FOR SHARE`, and every
    send after it sees the choice. Two statements, however many ways.
    """
    ConsentMethod(method)
    evidence = {
        "subject": subject,
        "state": ConsentState(state),
        "method": method,
        "surface": surface,
        "policy_version": notice.version if notice else policy.current().version,
        "text_digest": notice.digest if notice else "",
        "locale": notice.locale if notice else "",
        "shown_at": notice.shown_at if notice else None,
        "acted_by": acted_by,
    }
    # In one order always, so that two choices at once cannot wait for each other.
    ordered = sorted((Purpose(purpose).value, ContactChannel(channel).value) for purpose, channel in ways)
    with transaction.atomic():
        events = ConsentEvent.objects.bulk_create(
            [ConsentEvent(purpose=purpose, channel=channel, **evidence) for purpose, channel in ordered]
        )
        if subject is not None:
            now = timezone.now()
            Preference.objects.bulk_create(
                [
                    Preference(
                        subject=subject,
                        purpose=event.purpose,
                        channel=event.channel,
                        state=event.state,
                        event=event,
                        since=now,
                    )
                    for event in events
                ],
                update_conflicts=True,
                unique_fields=["subject", "purpose", "channel"],
                update_fields=["state", "event", "since"],
            )
    return events


def may_contact(subject: Subject, purpose: str, channel: str) -> bool:
    """Whether this purpose may use this channel now. What the service itself needs is not asked for permission."""
    if policy.current().legal_basis(purpose) != "consent":
        return True
    return Preference.objects.filter(
        subject=subject, purpose=purpose, channel=channel, state=ConsentState.GIVEN
    ).exists()


def audience(purpose: str, channel: str) -> QuerySet[Preference, UUID]:
    """The keys of all subjects who may be asked now. Sending asks again, with `permission_to_send`."""
    return Preference.objects.filter(purpose=purpose, channel=channel, state=ConsentState.GIVEN).values_list(
        "subject_id", flat=True
    )


@contextmanager
def permission_to_send(subject: Subject, purpose: str, channel: str) -> Iterator[None]:
    """Hold the permission still while one message is claimed; refuse (`NotPermitted`) when it does not stand."""
    with transaction.atomic():
        if policy.current().legal_basis(purpose) == "consent":
            held = list(
                Preference.objects.raw(
                    "SELECT * FROM privacy_preference WHERE subject_id = %s AND purpose = %s AND channel = %s FOR SHARE",
                    [subject.pk, purpose, channel],
                )
            )
            if not held or held[0].state != ConsentState.GIVEN:
                raise NotPermitted(f"No standing permission for {purpose} by {channel}.")
        yield
