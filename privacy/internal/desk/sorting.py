"""How a case is sorted, and sorted again by staff who read it: what it was, what it is, who said so."""

from __future__ import annotations

from django.db import transaction

from privacy.internal.mailbox.understanding import Reading
from privacy.models import RightsRequest, Sorting, Subject
from privacy.models.request import RequestKind


def note_sorting(case: RightsRequest, why: str, *, by: Subject | None = None) -> Sorting:
    """Write down as what a case is handled from now on, and because of which words or by whom."""
    return Sorting.objects.create(request=case, kind=case.kind, why=why[:200], sorted_by=by)


@transaction.atomic
def sort_again(case: RightsRequest, kind: str, *, by: Subject | None) -> None:
    """Let staff put a case under another right. A wish to stop that they find in it takes effect here.

    Nothing is started by sorting: what a stop has ended stays ended, whatever the case is called afterwards.
    """
    from privacy.internal.desk import receiving

    was = case.kind
    case.kind = RequestKind(kind)
    case.save(update_fields=["kind"])
    note_sorting(case, f"was {was}", by=by)
    if case.kind in receiving.STOPS and was not in receiving.STOPS:
        receiving.stop_for_case(case, by=by)


def take_kind_of_reply(case: RightsRequest, wish: Reading) -> bool:
    """Whether a reply goes on with its case. A reply that asks for another right, or answers a closed case, begins one.

    A case that nobody could sort is sorted by the reply that says what was meant.
    """
    if case.closed_at is not None:
        return False
    if wish.kind in (RequestKind.STAFF, case.kind):
        return True
    if case.kind == RequestKind.STAFF and not wish.stops_marketing:
        case.kind, case.why = wish.kind, wish.why
        case.save(update_fields=["kind", "why"])
        note_sorting(case, wish.why)
        return True
    return False
