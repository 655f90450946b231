"""What does what was asked for: a table from the kind of a request to the function that fulfils it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.internal import erasing, erasing_report
from privacy.internal.copying import prepare_copy
from privacy.internal.desk import identifying
from privacy.models import CaseStep, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind
from privacy.permission import withdraw


@dataclass(frozen=True, slots=True)
class Results:
    """Where the person finds what they asked for, and until when."""

    url: str
    expires_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """One way to do what was asked. `ends_case` says that nothing is left to do once it has run."""

    label: str | Promise
    do: Callable[[RightsRequest, Subject | None], None]
    ends_case: bool = False


def _copy(case: RightsRequest, staff: Subject | None) -> None:
    prepare_copy(case, people=identifying.people_of(case), acted_by=staff)


def _erase(case: RightsRequest, staff: Subject | None) -> None:
    for person in identifying.people_of(case):
        erasing.erase(person, acted_by=staff, why=f"case {case.number}")
    erasing_report.tell(case)


def _stop(case: RightsRequest, staff: Subject | None) -> None:
    # What a letter asks for was done when it came in; this is for one that staff sorted anew.
    withdraw(case.subject, method=ConsentMethod.ADMIN, surface="staff.admin", acted_by=staff)


# A correction has a page of its own, where staff see each place; it is not done by one button.
FULFILS: Mapping[str, Fulfilment] = {
    RequestKind.ACCESS: Fulfilment(_("Prepare the copy and send its link"), _copy),
    RequestKind.PORTABILITY: Fulfilment(_("Prepare the copy and send its link"), _copy),
    RequestKind.ERASURE: Fulfilment(_("Erase what no law keeps"), _erase, ends_case=True),
    RequestKind.WITHDRAW: Fulfilment(_("Stop direct marketing"), _stop, ends_case=True),
    RequestKind.OBJECT: Fulfilment(_("Stop direct marketing"), _stop, ends_case=True),
}


def fulfil(case: RightsRequest, *, staff: Subject | None) -> Fulfilment:
    """Do what was asked. Raises `NotConfirmed` while it is not certain who asks, with nothing done."""
    way = FULFILS[case.kind]
    with transaction.atomic():
        identifying.require_confirmed(case, case.kind)
        way.do(case, staff)
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.FULFILS, detail=case.kind, by=staff)
    return way


def results_of(case: RightsRequest) -> Results | None:
    """Where the copy that a case asked for waits, and until when; None where nothing waits.

    Whoever has no account finds the way in the letter alone, since its link works once.
    """
    if case.kind not in (RequestKind.ACCESS, RequestKind.PORTABILITY):
        return None
    waiting = case.copies.filter(used_at=None, expires_at__gt=timezone.now())
    copy = waiting.order_by("-made_at").first()
    if copy is None:
        return None
    has_account = getattr(case.subject, "account", None) is not None
    return Results(settings.BASE_URL + reverse("privacy:copy") if has_account else "", copy.expires_at)
