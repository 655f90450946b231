"""A permission of long standing is brought back to its giver's mind, as Korean law asks every two years."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from privacy.declaration import Category
from privacy.internal import periods, policy, standing, whereabouts
from privacy.mail import send_letter
from privacy.models import Preference
from privacy.models.consent import ConsentState, ContactChannel
from privacy.outbox import enqueue

BATCH = 1000


def remind_due(now: dt.datetime | None = None) -> int:
    """Write a reminder into the outbox for each permission that is due, and set its next day. Silence keeps the permission."""
    now = now or timezone.now()
    with transaction.atomic():
        due = standing.due_to_reconfirm(now).select_related("subject").select_for_update(of=("self",), skip_locked=True)
        reminded = list(due.order_by("reconfirm_at")[:BATCH])
        for preference in reminded:
            enqueue(
                "privacy.remind_of_permission",
                key=f"privacy.remind:{preference.pk}:{preference.reconfirm_at:%Y%m%d}",
                preference_id=preference.pk,
            )
            rule = policy.current().rule(preference.purpose, preference.channel, preference.subject.jurisdiction)
            preference.reconfirm_at = periods.after(now, rule.reconfirm) if rule.reconfirm else None
        Preference.objects.bulk_update(reminded, ["reconfirm_at"])
    return len(reminded)


def write_reminder(preference_id: int) -> None:
    """Tell one person what they permitted and when, and how to stop it. Nothing goes to somebody who has stopped since."""
    preference = (
        Preference.objects.select_related("subject", "event")
        .filter(pk=preference_id, state=ConsentState.GIVEN, channel=ContactChannel.EMAIL)
        .first()
    )
    if preference is None:
        return
    for place in whereabouts.places_of(preference.subject):
        if place.declared.category is Category.EMAIL and preference.purpose in place.declared.purposes:
            locale = preference.event.locale or policy.SOURCE_LOCALE
            send_letter(
                place.record,
                place.field.name,
                purpose=preference.purpose,
                template="privacy/mail/reminder.txt",
                locale=locale,
                context={
                    "permitted": policy.current().words(locale).of("purpose", preference.purpose),
                    "since": preference.since,
                },
                headers={"Auto-Submitted": "auto-generated"},
            )
            return
