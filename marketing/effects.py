"""The letters of marketing."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketing import effects_events, effects_surveys  # noqa: F401 - register their letters
from marketing.carriers import carrier_of
from marketing.domain import composing, heeding
from marketing.models import CampaignText, Subscription
from marketing.models.subscription import BY_EMAIL
from privacy.declaration import Purpose
from privacy.gate import disclose
from privacy.mail import send_letter
from privacy.models import Preference
from privacy.models.consent import ConsentState, ContactChannel
from privacy.notice import Notice
from privacy.outbox import effect
from privacy.permission import may_contact


@effect("marketing.confirm_subscription")
def confirm_subscription(subscription_id: int) -> None:
    """Ask the owner of an address whether the wish for news was theirs. Nothing to ask once they have said yes."""
    subscription = Subscription.objects.select_related("subject").filter(pk=subscription_id).first()
    if subscription is None or may_contact(subscription.subject, Purpose.MARKETING_EMAIL, ContactChannel.EMAIL):
        return
    with translation.override(subscription.locale):
        paths = {
            "confirm_path": reverse("marketing:confirm", args=[subscription.token]),
            "leave_path": reverse("marketing:leave", args=[subscription.token]),
        }
    send_letter(
        subscription,
        "email",
        # The question is a service message; the permission that it asks for is what news would need.
        purpose=Purpose.NOTIFICATION,
        template="marketing/mail/confirm.txt",
        locale=subscription.locale,
        context=paths,
        headers={"Auto-Submitted": "auto-generated"},
    )


@effect("marketing.heed_box")
def heed_box(subject_id: str, event_id: str) -> None:
    """Stop marketing to every address of whoever ticked the box beside a form, the one in that form included."""
    heeding.heed_box(UUID(subject_id), UUID(event_id))


@effect("marketing.confirm_choices")
def confirm_choices(subject_id: str) -> None:
    """Confirm to a person what they chose, as it stands now: a service letter, which the law wants also after a no."""
    subscription = Subscription.objects.select_related("subject").filter(subject=subject_id).order_by("pk").first()
    if subscription is None:
        return
    with translation.override(subscription.locale):
        answers = {
            ConsentState.GIVEN: _("yes"),
            ConsentState.REFUSED: _("no"),
            ConsentState.WITHDRAWN: _("no, taken back"),
        }
        notice = Notice(asks=BY_EMAIL, opt_out_box=False)
        held = {p.purpose: p for p in Preference.objects.filter(subject=subject_id, channel=ContactChannel.EMAIL)}
        choices = [
            (words, answers[ConsentState(held[purpose].state)], held[purpose].since)
            for purpose, words in notice.questions
            if purpose in held and held[purpose].state in answers
        ]
        path = reverse("marketing:choices", args=[subscription.token])
    if choices:
        send_letter(
            subscription,
            "email",
            purpose=Purpose.NOTIFICATION,
            template="marketing/mail/choices.txt",
            locale=subscription.locale,
            context={"choices": choices, "choices_path": path},
            headers={"Auto-Submitted": "auto-generated"},
        )


@effect("marketing.try_on_oneself")
def try_on_oneself(campaign_id: int, locale: str, subject_id: str) -> None:
    """Send a member of staff the message as somebody would get it, to the address of their own account."""
    text = CampaignText.objects.select_related("campaign").filter(campaign=campaign_id, locale=locale).first()
    address = EmailAddress.objects.filter(user__subject=subject_id, user__is_staff=True, primary=True).first()
    if text is None or address is None:
        return
    told = disclose(address, to="mailer", purpose=Purpose.NOTIFICATION)
    with carrier_of(ContactChannel.EMAIL).line() as line:
        line.carry(composing.example(text, to=told.row["email"]))
