"""The letters that invite to a survey, to who permitted it at the moment of sending."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from marketing.domain import suppressing, tickets
from marketing.models import Subscription, Survey, SurveyInvitation
from privacy.declaration import Purpose
from privacy.errors import NotPermitted
from privacy.mail import send_letter
from privacy.models import Subject
from privacy.models.consent import ContactChannel
from privacy.outbox import effect
from privacy.permission import permission_to_send


@effect("marketing.survey_invitation")
def survey_invitation(invitation_id: int) -> None:
    """Invite the buyer of one order; nobody who took the permission back, and nobody after the survey has closed."""
    found = SurveyInvitation.objects.select_related("survey", "order__subject").filter(
        pk=invitation_id, answered_on=None
    )
    invitation = found.first()
    if invitation is None or invitation.order.subject is None:
        return
    _invite(invitation.survey, invitation.order.subject, invitation.key)


@effect("marketing.survey_ticket")
def survey_ticket(survey_id: int, subject_id: str) -> None:
    """Invite one subscriber to an anonymous survey, with a ticket that is made here and kept nowhere but in the letter."""
    survey, subject = Survey.objects.filter(pk=survey_id).first(), Subject.objects.filter(pk=subject_id).first()
    if survey is not None and subject is not None:
        _invite(survey, subject, tickets.make(survey))


def _invite(survey: Survey, subject: Subject, key: UUID | str) -> None:
    about_order = survey.kind == Survey.Kind.ORDER
    to = Subscription.objects.filter(subject=subject, confirmed_at__isnull=False).order_by("pk").first()
    if to is None or not survey.is_open:
        return
    with translation.override(to.locale):
        words = {
            "survey_title": survey.title(to.locale),
            "survey_path": reverse("surveys:order" if about_order else "surveys:invited", args=[survey.slug, key]),
            "leave_path": reverse("marketing:leave", args=[to.token]),
            "about_order": about_order,
        }
    leave = f"{settings.BASE_URL}{words['leave_path']}"
    try:
        with permission_to_send(to.subject, Purpose.SURVEY_INVITATION, ContactChannel.EMAIL):
            # A no to any spelling of the address counts, whoever said it.
            if not suppressing.hold_still(to.email, Purpose.SURVEY_INVITATION):
                return
            send_letter(
                to,
                "email",
                purpose=Purpose.SURVEY_INVITATION,
                template="marketing/mail/survey.txt",
                locale=to.locale,
                context=words,
                headers={
                    "List-Unsubscribe": f"<{leave}>, <mailto:{settings.PRIVACY_MAILBOX}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
            )
    except NotPermitted:
        return
