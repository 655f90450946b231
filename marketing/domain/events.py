"""Seats of an event: taken, waited for in the order of coming, given up, and moved up to; one lock decides them all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from marketing.models import Event, EventRegistration, PhotographConsent
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject

State = EventRegistration.State


class CannotRegister(Exception):
    """The text is a sentence for whoever wanted to come."""


def register(
    event_id: int, *, name: str, email: str, locale: str, subject: Subject, may_be_shown: bool = False
) -> EventRegistration:
    """A seat, or a place at the end of the waiting list; to be called in the door of the form. Raises `CannotRegister`.

    Somebody whose address is registered already gets the letter again and no second seat. A seat that is free while others
    wait is theirs, not a newcomer's.
    """
    with transaction.atomic():
        event = _locked(event_id)
        if not event.takes_registrations:
            raise CannotRegister(_("Registration for this event is over."))
        here = EventRegistration.objects.filter(event=event).exclude(state=State.CANCELLED)
        known = here.filter(email__iexact=email).first()
        if known is not None:
            _write_to(known)
            return known
        waits = event.free <= 0 or here.filter(state=State.WAITING).exists()
        made = EventRegistration.objects.create(
            event=event,
            subject=subject,
            name=name,
            email=email,
            locale=locale,
            state=State.WAITING if waits else State.COMING,
            may_be_shown_at=timezone.now() if may_be_shown else None,
        )
        if not waits:
            Event.objects.filter(pk=event.pk).update(taken=F("taken") + 1)
        _write_to(made)
    return made


def cancel(token: UUID) -> EventRegistration | None:
    """Give up a seat or a place in the list; whoever waited longest moves up. None when the link is not known (any more).

    Twice is once. Nobody gives up a seat of an event that is over.
    """
    with transaction.atomic():
        found = EventRegistration.objects.filter(token=token).first()
        if found is None:
            return None
        event = _locked(found.event_id)
        found.refresh_from_db()
        if found.state != State.CANCELLED and timezone.now() < event.ends_at:
            _give_up(event, found)
            move_up(event)
    return found


def move_up(event: Event) -> int:
    """Give the free seats of a locked event to those who wait, the first to come first; says to how many."""
    event.refresh_from_db()
    if event.state != Event.State.OPEN or event.has_begun or event.free <= 0:
        return 0
    waiting = EventRegistration.objects.filter(event=event, state=State.WAITING).order_by("pk")
    lucky = list(waiting[: event.free])
    EventRegistration.objects.filter(pk__in=[one.pk for one in lucky]).update(
        state=State.COMING, moved_up_at=timezone.now()
    )
    Event.objects.filter(pk=event.pk).update(taken=F("taken") + len(lucky))
    for one in lucky:
        enqueue("marketing.event_letter", key=f"event-seat:{one.pk}", registration_id=one.pk)
    return len(lucky)


def fill_seats(event_id: int) -> int:
    """Move people up after staff made room; says how many."""
    with transaction.atomic():
        return move_up(_locked(event_id))


def call_off(event_id: int) -> int:
    """The event does not take place: everybody who meant to come is told; says how many."""
    with transaction.atomic():
        event = _locked(event_id)
        if event.state == Event.State.CANCELLED:
            return 0
        Event.objects.filter(pk=event.pk).update(state=Event.State.CANCELLED)
        told = EventRegistration.objects.filter(event=event).exclude(state=State.CANCELLED)
        for one in told:
            enqueue("marketing.event_letter", key=f"event-off:{one.pk}", registration_id=one.pk)
        return len(told)


def hide_me(token: UUID) -> None:
    """Take back the yes to being shown: every photograph that needs it is hidden from this commit on."""
    with transaction.atomic():
        EventRegistration.objects.filter(token=token).update(may_be_shown_at=None)
        PhotographConsent.objects.filter(registration__token=token).delete()


def release_seats(people: Iterable[UUID]) -> None:
    """Give up every seat of people who are erased, before their registrations go, so that others move up."""
    theirs = EventRegistration.objects.filter(subject__in=list(people)).exclude(state=State.CANCELLED)
    for event_id in sorted(set(theirs.values_list("event_id", flat=True))):
        with transaction.atomic():
            event = _locked(event_id)
            for one in theirs.filter(event_id=event_id):
                _give_up(event, one)
            move_up(event)


def _locked(event_id: int) -> Event:
    """The event, so that seats are counted by one at a time; every verb here begins with it."""
    return Event.objects.select_for_update().get(pk=event_id)


def _give_up(event: Event, one: EventRegistration) -> None:
    if one.state == State.COMING:
        Event.objects.filter(pk=event.pk).update(taken=F("taken") - 1)
    one.state, one.cancelled_at = State.CANCELLED, timezone.now()
    one.save(update_fields=["state", "cancelled_at"])


def _write_to(one: EventRegistration) -> None:
    # One letter an hour, however often the form is sent.
    hour: dt.datetime = timezone.now()
    enqueue("marketing.event_letter", key=f"event-letter:{one.pk}:{hour:%Y%m%d%H}", registration_id=one.pk)
