"""The letter that invites to a survey about an order, to who permitted it at the moment of sending."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from marketing.domain import suppressing
from marketing.models import Subscription, SurveyInvitation
from privacy.declaration import Purpose
from privacy.errors import NotPermitted
from privacy.mail import send_letter
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
    if invitation is None or invitation.order.subject is None or not invitation.survey.is_open:
        return
    to = Subscription.objects.filter(subject=invitation.order.subject, confirmed_at__isnull=False).first()
    if to is None:
        return
    with translation.override(to.locale):
        paths = {
            "survey_title": invitation.survey.title(to.locale),
            "survey_path": reverse("surveys:order", args=[invitation.survey.slug, invitation.key]),
            "leave_path": reverse("marketing:leave", args=[to.token]),
        }
    leave = f"{settings.BASE_URL}{paths['leave_path']}"
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
                context=paths,
                headers={
                    "List-Unsubscribe": f"<{leave}>, <mailto:{settings.PRIVACY_MAILBOX}>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
            )
    except NotPermitted:
        return
