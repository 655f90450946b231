"""How a case is sorted anew, by staff who read it or by a reply that says what was meant."""

from __future__ import annotations

from django.db import transaction

from privacy.internal.desk import identifying, restricting
from privacy.internal.mailbox.understanding import Reading
from privacy.models import CaseStep, RightsRequest, Subject
from privacy.models.request import RequestKind
from privacy.signals import person_confirmed


def sort_anew(case: RightsRequest, kind: str, *, staff: Subject | None) -> None:
    """Staff read the letter and say what it asks for. A wish to stop that they find in it takes effect here.

    Nothing is started by sorting: what a stop has ended stays ended, whatever the case is called afterwards.
    """
    from privacy.internal.desk import receiving

    with transaction.atomic():
        case = RightsRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        was = case.kind
        if not case.is_open or was == kind:
            return
        restricting.release(case)
        case.kind = RequestKind(kind)
        case.save(update_fields=["kind"])
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.SORTED, detail=case.kind, by=staff)
        if identifying.needs_proof(case.kind) and identifying.identity_is_confirmed(case, case.kind):
            person_confirmed.send(sender=RightsRequest, case=case)
        if case.kind in receiving.STOPS and was not in receiving.STOPS:
            receiving.stop_for_case(case, by=staff)


def take_kind_of_reply(case: RightsRequest, wish: Reading) -> bool:
    """Whether a reply goes on with its case. A reply that asks for another right, or answers a closed case, begins one.

    A case that nobody could sort is sorted by the reply that says what was meant.
    """
    if not case.is_open:
        return False
    if wish.kind in (RequestKind.STAFF, case.kind):
        return True
    if case.kind == RequestKind.STAFF and not wish.stops_marketing:
        case.kind, case.why = wish.kind, wish.why
        case.save(update_fields=["kind", "why"])
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.SORTED, detail=case.kind)
        return True
    return False
