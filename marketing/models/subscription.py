"""One wish for news by e-mail, from the form to the link in the last mail."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord


class Subscription(PersonalRecord):
    """An address that news may go to once its owner has confirmed it; whether it may go now is privacy's answer.

    The token is in the links of the mails: whoever has it reads that mailbox.
    """

    email = personal(
        models.EmailField(_("e-mail address"), max_length=254),
        Category.EMAIL,
        # The notification is the one letter that asks whether the wish was really theirs.
        purposes=[Purpose.MARKETING_EMAIL, Purpose.NOTIFICATION],
        keep=Keep.SUBSCRIPTION,
    )
    locale = models.CharField(_("language"), max_length=8, default="en")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [models.Index(fields=["email"], name="subscription_email")]
        constraints = [
            # Before the mail is answered anybody may have typed the address; after it, there is one owner.
            models.UniqueConstraint(
                fields=["email"], condition=Q(confirmed_at__isnull=False), name="one_confirmed_subscription"
            ),
        ]
