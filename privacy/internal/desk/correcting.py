"""A correction goes through the gate to every place that staff marked."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from privacy.gate import collecting
from privacy.internal import whereabouts
from privacy.internal.desk.cases import close, people_of
from privacy.models import RightsRequest, Subject
from privacy.models.request import RequestState
from privacy.outbox import enqueue
from privacy.records import PersonalRecord
from privacy.signals import corrected


@transaction.atomic
def apply_correction(
    case: RightsRequest, changes: Mapping[str, str], *, staff: Subject | None
) -> list[whereabouts.Place]:
    """Write corrected values where staff marked them, through the gate, and say which places changed.

    `changes` maps `Place.key` to the new value. Places that do not belong to the people of the case are ignored, whatever
    a form says. The case is closed as fulfilled when something changed.
    """
    changed: list[whereabouts.Place] = []
    for subject in people_of(case):
        places = {p.key: p for p in whereabouts.places_of(subject) if p.correctable}
        wanted = [(places[key], value) for key, value in changes.items() if key in places]
        wanted = [(place, value) for place, value in wanted if str(place.value) != value]
        records = {id(place.record): place.record for place, _ in wanted if isinstance(place.record, PersonalRecord)}
        for record in records.values():
            mine = [(place, value) for place, value in wanted if place.record is record]
            with collecting(
                surface="staff.admin",
                subject=record.subject,
                fields=[place.field for place, _ in mine],
                source=f"correction {case.pk}",
                acted_by=staff,
            ):
                for place, value in mine:
                    setattr(record, place.field.name, place.field.clean(value, record))
                record.save()
            corrected.send(sender=type(record), subject=subject, record=record, fields=[p.field.name for p, _ in mine])
            changed += [p for p, _ in mine]
    if changed:
        close(case, RequestState.FULFILLED, staff=staff)
        enqueue("privacy.answer", key=f"answer:{case.pk}", request_id=str(case.pk))
    return changed
