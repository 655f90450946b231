"""Answering surveys, and inviting to them: only who permitted it is invited, and what is anonymous stays so."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from marketing.domain import tickets
from marketing.models import AnonymousAnswer, Subscription, Survey, SurveyAnswer, SurveyInvitation
from orders.models import Order
from privacy.declaration import Purpose
from privacy.models import Effect
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
    """This order, or this ticket, was asked and has answered."""


def answer_anonymously(survey: Survey, said: Said, *, ticket: str) -> None:
    """Keep answers that lead to nobody, once for a ticket. Which were given together is lost here, on purpose.

    Raises `SurveyClosed`, and `AnsweredBefore` for a ticket that is spent.
    """
    if not survey.is_open or not survey.is_anonymous:
        raise SurveyClosed
    today = timezone.localdate()
    rows = [
        AnonymousAnswer(question_id=question, day=today, **_as_columns(answer))
        for question, answer in said.items()
        if answer
    ]
    random.SystemRandom().shuffle(rows)
    with transaction.atomic():
        if not tickets.spend(survey, ticket):
            raise AnsweredBefore
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
    """Invite those who permitted it and were not asked yet; says how many. Each gets one letter.

    About an order its buyer, once it is delivered; to an anonymous survey any subscriber. Sending asks for the permission
    once more, so whoever takes it back in between gets none.
    """
    with transaction.atomic():
        survey = Survey.objects.select_for_update().get(pk=survey_id)
        if not survey.is_open:
            return 0
        if survey.kind == Survey.Kind.INVITED:
            return _invite_subscribers(survey)
        if survey.kind != Survey.Kind.ORDER:
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


def _invite_subscribers(survey: Survey) -> int:
    """The outbox knows who was written to; what is in a letter is made when it is written, and known to its reader only."""
    kind = "marketing.survey_ticket"
    asked = set(Effect.objects.filter(kind=kind, ids__survey_id=survey.pk).values_list("ids__subject_id", flat=True))
    permitted = audience(Purpose.SURVEY_INVITATION, ContactChannel.EMAIL)
    reachable = Subscription.objects.filter(confirmed_at__isnull=False, subject__in=permitted)
    people = [key for key in reachable.order_by("subject").values_list("subject", flat=True) if str(key) not in asked]
    for key in people[:MOST_INVITED]:
        enqueue(kind, key=f"survey-ticket:{survey.pk}:{key}", survey_id=survey.pk, subject_id=str(key))
    return len(people[:MOST_INVITED])


def _as_columns(answer: Sequence[int] | str) -> dict[str, object]:
    return {"words": answer} if isinstance(answer, str) else {"picks": list(answer)}
