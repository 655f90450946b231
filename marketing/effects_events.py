"""The letters about an event, to those who registered for it."""

from django.urls import reverse
from django.utils import translation

from marketing.models import EventRegistration
from privacy.declaration import Purpose
from privacy.mail import send_letter
from privacy.outbox import effect


@effect("marketing.event_letter")
def event_letter(registration_id: int) -> None:
    """Say how somebody stands: a seat, the waiting list, moved up, or called off. Whoever cancelled needs no letter."""
    registration = EventRegistration.objects.select_related("event").filter(pk=registration_id).first()
    if registration is None or registration.state == EventRegistration.State.CANCELLED:
        return
    with translation.override(registration.locale):
        context = {
            "registration": registration,
            "event": registration.event,
            "event_title": registration.event.title(registration.locale),
            "event_venue": registration.event.venue(registration.locale),
            "own_path": reverse("events:own", args=[registration.token]),
        }
    send_letter(
        registration,
        "email",
        purpose=Purpose.NOTIFICATION,
        template="marketing/mail/event.txt",
        locale=registration.locale,
        context=context,
        headers={"Auto-Submitted": "auto-generated"},
    )
