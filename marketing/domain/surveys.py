"""Answering surveys, and inviting to them: only who permitted it is invited, and what is anonymous stays so."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from marketing.models import AnonymousAnswer, Subscription, Survey, SurveyAnswer, SurveyInvitation
from orders.models import Order
from privacy.declaration import Purpose
from privacy.models.consent import ContactChannel
from privacy.outbox import enqueue
from privacy.permission import audience

if TYPE_CHECKING:
    from privacy.models import Subject

# What was said to each question: the numbers that were chosen, or words.
Said = Mapping[int, Sequence[int] | str]
MOST_INVITED = 5000  # at once


class SurveyClosed(Exception):
    """Nothing is answered any more, or not yet."""


class AnsweredBefore(Exception):
    """This order was asked, and answered."""


def answer_anonymously(survey: Survey, said: Said) -> None:
    """Keep answers that lead to nobody. Which were given together is lost here, on purpose. Raises `SurveyClosed`."""
    if not survey.is_open or survey.kind != Survey.Kind.ANONYMOUS:
        raise SurveyClosed
    today = timezone.localdate()
    rows = [
        AnonymousAnswer(question_id=question, day=today, **_as_columns(answer))
        for question, answer in said.items()
        if answer
    ]
    random.SystemRandom().shuffle(rows)
    AnonymousAnswer.objects.bulk_create(rows)


def answer_about_order(invitation: SurveyInvitation, said: Said, *, subject: Subject) -> None:
    """Keep what a buyer said about their order, once; to be called in the door. Raises `SurveyClosed`, `AnsweredBefore`."""
    if not invitation.survey.is_open:
        raise SurveyClosed
    with transaction.atomic():
        fresh = SurveyInvitation.objects.filter(pk=invitation.pk, answered_on=None)
        if not fresh.update(answered_on=timezone.localdate()):
            raise AnsweredBefore
        SurveyAnswer.objects.bulk_create(
            SurveyAnswer(question_id=question, invitation=invitation, subject=subject, **_as_columns(answer))
            for question, answer in said.items()
            if answer
        )


def invitation_of(slug: str, key: UUID) -> SurveyInvitation | None:
    """The invitation behind a link, while the order still is somebody's."""
    found = SurveyInvitation.objects.select_related("survey", "order__subject").filter(key=key, survey__slug=slug)
    return found.filter(order__subject__isnull=False).first()


def invite(survey_id: int) -> int:
    """Invite the buyers of delivered orders who permitted it and were not asked yet; says how many. Each gets one letter.

    Sending asks for the permission once more, so whoever takes it back in between gets none.
    """
    with transaction.atomic():
        survey = Survey.objects.select_for_update().get(pk=survey_id)
        if survey.kind != Survey.Kind.ORDER or not survey.is_open:
            return 0
        permitted = audience(Purpose.SURVEY_INVITATION, ContactChannel.EMAIL)
        reachable = Subscription.objects.filter(subject=OuterRef("subject"), confirmed_at__isnull=False)
        asked = SurveyInvitation.objects.filter(survey=survey, order=OuterRef("pk"))
        orders = Order.objects.filter(
            Exists(reachable), ~Exists(asked), subject__in=permitted, delivered_at__isnull=False
        )
        made = SurveyInvitation.objects.bulk_create(
            SurveyInvitation(survey=survey, order=order) for order in orders.order_by("-delivered_at")[:MOST_INVITED]
        )
        for invitation in made:
            enqueue(
                "marketing.survey_invitation", key=f"survey-invitation:{invitation.pk}", invitation_id=invitation.pk
            )
    return len(made)


def _as_columns(answer: Sequence[int] | str) -> dict[str, object]:
    return {"words": answer} if isinstance(answer, str) else {"picks": list(answer)}
