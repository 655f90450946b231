"""A stop that is heard alike for known and unknown: the same statements whoever has the address, so that no clock tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from privacy import journal
from privacy.internal import policy, whereabouts
from privacy.models import Collection, ConsentEvent, RightsRequest, Subject
from privacy.models.consent import ConsentMethod, ConsentState
from privacy.outbox import enqueue
from privacy.permission import DIRECT_MARKETING, withdraw
from privacy.signals import withdrawn

# As `permission.record_choices` does for one person, in one statement for however many: the evidence, and the preferences of
# each with the guests and the account that are the same. The lock makes a send wait that has found no preference to hold.
_STOP = """
WITH way AS (SELECT * FROM unnest(%(purposes)s::text[], %(channels)s::text[]) AS w (purpose, channel)),
event AS (
  INSERT INTO privacy_consentevent (id, subject_id, purpose, channel, state, method, surface, policy_version, text_digest,
    locale, shown_at, under_gpc, received_at, acted_by_id)
  SELECT gen_random_uuid(), p.id, way.purpose, way.channel, 'withdrawn', %(method)s, %(surface)s, %(version)s, '', '', NULL,
    false, %(now)s, NULL
  FROM unnest(%(people)s::uuid[]) AS p (id), way ORDER BY p.id, way.purpose, way.channel
  RETURNING id, subject_id, purpose, channel),
person AS (
  SELECT s.id, s.merged_into_id FROM privacy_subject s
  WHERE s.id = ANY(%(people)s::uuid[]) OR s.merged_into_id = ANY(%(people)s::uuid[])
    OR s.id IN (SELECT g.merged_into_id FROM privacy_subject g WHERE g.id = ANY(%(people)s::uuid[]))
  ORDER BY s.id FOR NO KEY UPDATE),
stop AS (
  SELECT DISTINCT ON (person.id, event.purpose, event.channel) person.id, event.purpose, event.channel, event.id AS event
  FROM person JOIN event ON event.subject_id IN (person.id, person.merged_into_id)
    OR person.id = (SELECT g.merged_into_id FROM privacy_subject g WHERE g.id = event.subject_id)
  ORDER BY person.id, event.purpose, event.channel)
INSERT INTO privacy_preference (subject_id, purpose, channel, state, event_id, since)
SELECT stop.id, stop.purpose, stop.channel, 'withdrawn', stop.event, %(now)s FROM stop
ON CONFLICT (subject_id, purpose, channel) DO UPDATE SET state = EXCLUDED.state, event_id = EXCLUDED.event_id,
  since = EXCLUDED.since, valid_until = NULL, reconfirm_at = NULL
"""


def stop_alike(case: RightsRequest, address: str, collection: Collection, *, method: ConsentMethod) -> None:
    """Stop marketing to whoever writes on a page or over the API, and to everybody who has the address that they typed.

    All of it takes effect in the transaction around this: nothing is sent to any of them after its commit. The one who
    writes is stopped as always, and with them the address itself; those who were found by it are stopped by one statement,
    which runs for nobody too. What follows from that (taking claims back, entering their other addresses) is done by an
    effect, which nobody waits for and which is written for nobody too.
    """
    withdraw(collection.subject, method=method, surface=collection.surface)
    found = {person.pk for person in whereabouts.subjects_reached_by(address)} - {collection.subject_id}
    _stop(found, method, collection.surface)
    journal.note(
        "stopped", sorted(found), ways=DIRECT_MARKETING, state=ConsentState.WITHDRAWN.value, method=method.value
    )
    enqueue("privacy.heed_stop", key=f"privacy.heed_stop:{case.pk}", request_id=str(case.pk))


def _stop(people: Iterable[UUID], method: ConsentMethod, surface: str) -> None:
    ordered = sorted((purpose, channel) for purpose, channel in DIRECT_MARKETING)
    told: dict[str, Any] = {
        "people": [str(key) for key in sorted(people)],
        "purposes": [str(purpose) for purpose, _channel in ordered],
        "channels": [str(channel) for _purpose, channel in ordered],
        "method": method.value,
        "surface": surface,
        "version": policy.current().version,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STOP, told)


def heed_stop(case: RightsRequest) -> None:
    """Say of everybody who was stopped by a case that they were, for those who listen. Doing it twice is doing it once."""
    said = ConsentEvent.objects.filter(
        state=ConsentState.WITHDRAWN,
        method__in=(ConsentMethod.FORM, ConsentMethod.API),
        received_at__gte=case.received_at,
    )
    for letter in case.messages.exclude(sender=""):
        for person in whereabouts.subjects_reached_by(letter.sender):
            if person.pk != case.subject_id and (events := list(said.filter(subject=person))):
                withdrawn.send(sender=Subject, subject=person, events=events)
