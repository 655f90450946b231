"""An answer that takes longer: once, within what the law allows, and only when the person is told in time and why."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.internal import clocks
from privacy.internal.desk import corresponding
from privacy.models import CaseStep, RightsRequest, Subject
from privacy.models.request import ExtensionReason


class CannotExtend(ValueError):
    """The law gives no more time. The text is a sentence for staff."""


def last_day(case: RightsRequest) -> dt.datetime:
    """The latest moment for the answer when the case is extended."""
    return clocks.clock_for(case.jurisdiction).due_when_extended(case.received_at)


def refusal(case: RightsRequest, now: dt.datetime | None = None) -> str:
    """Why a case cannot be extended, as a sentence; "" when it can."""
    now, clock = now or timezone.now(), clocks.clock_for(case.jurisdiction)
    if not case.is_open:
        return _("The case has ended.")
    if case.extended_at is not None:
        return _("It was extended before, and the law knows one extension.")
    if not clock.extend:
        return _("%(law)s knows no extension.") % {"law": clock.law}
    if now > clock.extension_until(case.received_at):
        until = f"{clock.extension_until(case.received_at):%Y-%m-%d}"
        return _("The person had to be told by %(day)s (%(law)s).") % {"day": until, "law": clock.law}
    return ""


def extend(case: RightsRequest, why: str, *, staff: Subject | None, letter: corresponding.Draft | None = None) -> None:
    """Give a case the time that its law allows, and send the notice in the same transaction. Raises `CannotExtend`."""
    reason = ExtensionReason(why)
    with transaction.atomic():
        now = RightsRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if said := refusal(now):
            raise CannotExtend(said)
        RightsRequest.objects.filter(pk=case.pk).update(
            extended_at=timezone.now(), extended_for=reason, expected_by=last_day(now)
        )
        case.refresh_from_db()
        CaseStep.objects.create(request=case, kind=CaseStep.Kind.EXTENDED, detail=reason, by=staff)
        corresponding.write(case, letter or notice(case, reason), staff=staff)


def notice(case: RightsRequest, why: str) -> corresponding.Draft:
    """The letter that says it takes longer, and why; `{due}` in it is the new day."""
    said = corresponding.texts(corresponding.language_of(case))["extension"]
    extended = RightsRequest(pk=case.pk, locale=case.locale, received_at=case.received_at, expected_by=last_day(case))
    return corresponding.draft(extended, "extension", because=said[why])
