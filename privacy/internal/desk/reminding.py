"""No case is forgotten: whoever works at the desk is reminded at half time, three days before the day, and when it is past."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from privacy.declaration import Purpose
from privacy.mail import send_letter
from privacy.models import CaseStep, RightsRequest
from privacy.outbox import enqueue
from privacy.signals import account_addresses

HALF, THREE_DAYS, OVERDUE = "half_time", "three_days", "overdue"
_DAYS_BEFORE = dt.timedelta(days=3)
_WORKS_AT_THE_DESK = "privacy.change_rightsrequest"
_AT_A_TIME = 500


def marks_reached(case: RightsRequest, now: dt.datetime) -> list[str]:
    """Which of the marks a case has passed, the last one at the end."""
    half = case.received_at + (case.expected_by - case.received_at) / 2
    marks = [(half, HALF), (case.expected_by - _DAYS_BEFORE, THREE_DAYS), (case.expected_by, OVERDUE)]
    return [name for moment, name in sorted(marks) if now >= moment]


def remind_desk(now: dt.datetime | None = None) -> int:
    """Write the reminders that are due into the outbox, one for each case, mark and member of staff; how many cases."""
    now = now or timezone.now()
    staff = None
    reminded = 0
    for case in RightsRequest.objects.filter(closed_at__isnull=True).order_by("expected_by")[:_AT_A_TIME]:
        reached = marks_reached(case, now)
        if not reached:
            continue
        # Only the last one: who was away is not told thrice of one case.
        mark = f"{reached[-1]}:{case.expected_by:%Y%m%d}"
        with transaction.atomic():
            locked = RightsRequest.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=case.pk).first()
            if locked is None or locked.steps.filter(kind=CaseStep.Kind.REMINDED, detail=mark).exists():
                continue
            staff = _staff() if staff is None else staff
            for account in staff:
                enqueue(
                    "privacy.remind_desk",
                    key=f"remind-desk:{case.number}:{mark}:{account.pk}",
                    request_id=str(case.pk),
                    account_id=account.pk,
                )
            CaseStep.objects.create(request=locked, kind=CaseStep.Kind.REMINDED, detail=mark)
            reminded += 1
    return reminded


def _staff() -> list:
    accounts = get_user_model()
    desk = accounts.objects.filter(is_active=True, is_staff=True, groups__permissions__codename="change_rightsrequest")
    return list(desk.filter(groups__permissions__content_type__app_label="privacy").distinct()) or list(
        # Where nobody was given the role yet, whoever may do everything is told.
        accounts.objects.filter(is_active=True, is_staff=True, is_superuser=True)
    )


def write_reminder(request_id: str, account_id: int) -> None:
    """One reminder to one member of staff; of a case that was answered meanwhile nobody is reminded."""
    case = RightsRequest.objects.get(pk=request_id)
    account = get_user_model().objects.filter(pk=account_id, is_active=True).select_related("subject").first()
    if not case.is_open or account is None or not account.has_perm(_WORKS_AT_THE_DESK):
        return
    answers: Any = account_addresses.send(RightsRequest, most=1, person=account.subject.pk)
    for _who, found in answers:
        for _key, record, field in found:
            send_letter(
                record,
                field,
                purpose=Purpose.NOTIFICATION,
                template="privacy/mail/remind_desk.txt",
                locale="ko" if settings.LANGUAGE_CODE.startswith("ko") else "en",
                context={
                    "case": case,
                    "is_overdue": case.expected_by < timezone.now(),
                    "link": settings.BASE_URL + reverse("admin:privacy_rightsrequest_change", args=[case.pk]),
                },
                headers={"Auto-Submitted": "auto-generated"},
            )
