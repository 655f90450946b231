"""Photographs of events: looked at by staff, released only with the yes of everybody on them, hidden with the first that goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from marketing.models import Event, EventPhotograph, EventRegistration, PhotographConsent

if TYPE_CHECKING:
    from privacy.models import Subject

MOST_EACH = 10
How = PhotographConsent.How


class NotReleased(Exception):
    """The text is a sentence for the member of staff."""


def shown(event: Event | None = None) -> QuerySet[EventPhotograph]:
    """The photographs that everybody may see: released, and with a noted yes for each who can be recognised.

    Asked anew each time, so a yes that is taken back hides them at once.
    """
    found = EventPhotograph.objects.filter(released_at__isnull=False, people__isnull=False)
    if event is not None:
        found = found.filter(event=event)
    return found.annotate(agreed=Count("consents")).filter(agreed__gte=F("people")).order_by("pk")


def send(event: Event, *, image: str, caption: str, subject: Subject, by_staff: bool = False) -> EventPhotograph:
    """Keep a photograph, which nobody sees before staff have looked at it; to be called in a door."""
    return EventPhotograph.objects.create(event=event, subject=subject, image=image, caption=caption, by_staff=by_staff)


def sent_by(subject: Subject, event: Event) -> int:
    """How many somebody sent of an event."""
    return EventPhotograph.objects.filter(event=event, subject=subject, by_staff=False).count()


def say_how_many(photograph_id: int, people: int) -> None:
    """Note how many can be recognised; with more than before it is hidden until they have agreed."""
    EventPhotograph.objects.filter(pk=photograph_id).update(people=people)


def note_consent(
    photograph_id: int, *, how: str, by: Subject | None, registration: EventRegistration | None = None
) -> None:
    """Note that one of those on it has agreed. Raises `NotReleased` when a registration is named that said no such thing."""
    if how == How.REGISTRATION and (registration is None or registration.may_be_shown_at is None):
        raise NotReleased(_("This guest has not agreed to be shown."))
    with transaction.atomic():
        photograph = EventPhotograph.objects.get(pk=photograph_id)
        if registration is not None and registration.event_id != photograph.event_id:
            raise NotReleased(_("This guest was registered for another event."))
        if registration is None:
            PhotographConsent.objects.create(photograph=photograph, how=how, noted_by=by)
        else:
            PhotographConsent.objects.get_or_create(
                photograph=photograph,
                registration=registration,
                defaults={"how": how, "noted_by": by, "subject": registration.subject},
            )


def release(photograph_id: int) -> None:
    """Show it. Raises `NotReleased` while the yes of anybody on it is missing."""
    with transaction.atomic():
        photograph = EventPhotograph.objects.select_for_update().get(pk=photograph_id)
        if photograph.people is None:
            raise NotReleased(_("First say how many people can be recognised on it."))
        missing = photograph.people - photograph.consents.count()
        if missing > 0:
            raise NotReleased(
                _("It cannot be shown: the consent of %(number)s of those on it is not noted.") % {"number": missing}
            )
        EventPhotograph.objects.filter(pk=photograph_id).update(released_at=timezone.now())


def hide(photograph_id: int) -> None:
    """Show it no more."""
    EventPhotograph.objects.filter(pk=photograph_id).update(released_at=None)


def remove_of(people: Iterable[UUID]) -> int:
    """Remove every photograph on which people who are erased had agreed to be shown; says how many.

    Their own go with their other values. There is no file to remove: the picture stands in the row.
    """
    on_them = EventPhotograph.objects.filter(consents__subject__in=list(people)).values("pk")
    return (
        EventPhotograph.objects.filter(pk__in=list(on_them.values_list("pk", flat=True)))
        .delete()[1]
        .get("marketing.EventPhotograph", 0)
    )
