"""The letters of marketing."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import Model
from django.urls import reverse
from django.utils import translation

from accounts.queries import sign_in_address
from marketing import effects_events, effects_surveys  # noqa: F401 - register their letters
from marketing.carriers import carrier_of
from marketing.domain import composing, heeding
from marketing.effects_texts import confirm_by_text, try_on_own_telephone
from marketing.models import CampaignText, Subscription, TextNumber
from marketing.models.subscription import BY_EMAIL
from marketing.queries import chosen_by
from orders.queries import contact_of
from privacy.declaration import Purpose
from privacy.gate import disclose
from privacy.mail import send_letter
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ContactChannel
from privacy.outbox import effect
from privacy.permission import may_contact


@effect("marketing.confirm_subscription")
def confirm_subscription(subscription_id: int) -> None:
    """Ask the owner of an address whether the wish for news was theirs. Nothing to ask once they have said yes."""
    subscription = Subscription.objects.select_related("subject").filter(pk=subscription_id).first()
    if subscription is None:
        return
    permits = any(may_contact(subscription.subject, purpose, ContactChannel.EMAIL) for purpose in BY_EMAIL)
    # A yes from the privacy centre waits for a mailbox that is proved.
    if subscription.confirmed_at is not None and permits:
        return
    with translation.override(subscription.locale):
        paths = {
            # What was ticked before is shown as it is; the page's button proves the mailbox.
            "confirm_path": reverse(f"marketing:{'choices' if permits else 'confirm'}", args=[subscription.token]),
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
    """Confirm to a person what they chose, as it stands now: a service letter, which the law wants also after a no.

    It goes where they asked for news, else to the telephone that they named for it, else where their account or their
    last order is written to: a box beside a form is ticked by people who never asked for any news.
    """
    subject = Subject.objects.filter(pk=subject_id).first()
    if subject is None:
        return
    subscription = Subscription.objects.filter(subject=subject).order_by("pk").first()
    number = TextNumber.objects.filter(subject=subject, confirmed_at__isnull=False).first()
    if subscription is not None:
        with translation.override(subscription.locale):
            path = reverse("marketing:choices", args=[subscription.token])
        _confirm_by_mail(subscription, subject, subscription.locale, path)
    elif number is not None:
        confirm_by_text(number)
    elif (address := sign_in_address(subject)) is not None:
        _confirm_by_mail(address, subject, *_as_they_chose(subject, "privacy:centre"))
    elif (contact := contact_of(subject)) is not None:
        _confirm_by_mail(contact, subject, *_as_they_chose(subject, "privacy:write"))


def _as_they_chose(subject: Subject, page: str) -> tuple[str, str]:
    """The language in which somebody chose last, and the address of a page in it."""
    said = ConsentEvent.objects.filter(subject=subject).exclude(locale="").order_by("received_at").last()
    locale = said.locale if said else "en"
    with translation.override(locale):
        return locale, reverse(page)


def _confirm_by_mail(record: Model, subject: Subject, locale: str, path: str) -> None:
    with translation.override(locale):
        choices = chosen_by(subject.pk)
    if choices:
        send_letter(
            record,
            "email",
            purpose=Purpose.NOTIFICATION,
            template="marketing/mail/choices.txt",
            locale=locale,
            context={"choices": choices, "choices_path": path},
            headers={"Auto-Submitted": "auto-generated"},
        )


@effect("marketing.try_on_oneself")
def try_on_oneself(campaign_id: int, locale: str, subject_id: str) -> None:
    """Send a member of staff the message as somebody would get it, to the address of their own account."""
    text = CampaignText.objects.select_related("campaign").filter(campaign=campaign_id, locale=locale).first()
    if text is None:
        return
    if text.campaign.channel != ContactChannel.EMAIL:
        try_on_own_telephone(text, UUID(subject_id))
        return
    address = EmailAddress.objects.filter(user__subject=subject_id, user__is_staff=True, primary=True).first()
    if address is None:
        return
    told = disclose(address, to="mailer", purpose=Purpose.NOTIFICATION)
    with carrier_of(ContactChannel.EMAIL).line() as line:
        line.carry(composing.example(text, to=told.row["email"]))
