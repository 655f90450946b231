"""The letters of marketing."""

from django.urls import reverse
from django.utils import translation

from marketing import effects_events, effects_surveys  # noqa: F401 - register their letters
from marketing.models import Subscription
from privacy.declaration import Purpose
from privacy.mail import send_letter
from privacy.models.consent import ContactChannel
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
