"""What does what was asked for: a table from the kind of a request to the function that fulfils it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.internal import erasing
from privacy.internal.desk import identifying
from privacy.models import CaseStep, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind
from privacy.permission import withdraw

_COPYING = "privacy.internal.copying"


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


def _copy(case: RightsRequest, _staff: Subject | None) -> None:
    import_module(_COPYING).prepare_copy(case)


def _erase(case: RightsRequest, staff: Subject | None) -> None:
    for person in identifying.people_of(case):
        erasing.erase(person, acted_by=staff, why=f"case {case.number}")


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
    """Where the results of a case are, if it has any: asked of whatever fulfils it."""
    try:
        found: Callable[[RightsRequest], Results | None] = import_module(_COPYING).results_of
    except (ImportError, AttributeError):
        return None
    return found(case)
