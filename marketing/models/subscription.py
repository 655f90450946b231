"""One wish for news by e-mail, from the form to the link in the last mail."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import ClassVar

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Purpose, personal
from privacy.models import Preference
from privacy.models.consent import ConsentState, ContactChannel
from privacy.records import PersonalRecord

# Whoever does not answer the one question within this time did not want the news, or never saw the letter.
UNCONFIRMED_KEPT = dt.timedelta(days=30)

# What a subscriber can ask for, each by itself: none is part of another.
BY_EMAIL = (Purpose.MARKETING_EMAIL, Purpose.SURVEY_INVITATION, Purpose.THIRD_PARTY_PROMOTION)


def wish_ended(purposes: Sequence[str], channel: str, unconfirmed_kept: dt.timedelta) -> Case:
    """When the wish for news ended: it was taken back, ran out, or was never confirmed. NULL while it stands."""
    wish = Preference.objects.filter(subject=OuterRef("subject_id"), purpose__in=purposes, channel=channel)
    ended = [ConsentState.REFUSED, ConsentState.WITHDRAWN, ConsentState.EXPIRED]
    stopped = Subquery(wish.filter(state__in=ended).order_by("-since").values("since")[:1])
    return Case(
        When(Exists(wish.filter(state=ConsentState.GIVEN)), then=None),
        When(created_at__lte=stopped, then=stopped),
        # Asked (again) since, and not answered.
        When(Q(confirmed_at=None) | Q(created_at__gt=stopped), then=F("created_at") + Value(unconfirmed_kept)),
        output_field=models.DateTimeField(),
    )


def _mails_ended() -> Case:
    return wish_ended(BY_EMAIL, ContactChannel.EMAIL, UNCONFIRMED_KEPT)


class Subscription(PersonalRecord):
    """An address that news may go to once its owner has confirmed it; whether it may go now is privacy's answer.

    The token is in the links of the mails: whoever has it reads that mailbox.
    """

    # The column in which the address stands.
    address_field = "email"
    keep_from = staticmethod(_mails_ended)
    # The addresses of those who read our news leave one by one, in their mails.
    never_taken_out = True

    not_personal: ClassVar = {"locale": "The language of the page on which was asked; it says which words were shown."}

    email = personal(
        models.EmailField(_("e-mail address"), max_length=254),
        Category.EMAIL,
        # The notification is the one letter that asks whether the wish was really theirs.
        purposes=[*BY_EMAIL, Purpose.NOTIFICATION],
        keep=Keep.SUBSCRIPTION,
    )
    locale = models.CharField(_("language"), max_length=8, default="en")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(_("asked"), auto_now_add=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        permissions = [("import_subscription", "Can import subscribers from a file")]
        indexes = [models.Index(fields=["email"], name="subscription_email")]
        constraints = [
            # Before the mail is answered anybody may have typed the address; after it, there is one owner.
            models.UniqueConstraint(
                fields=["email"], condition=Q(confirmed_at__isnull=False), name="one_confirmed_subscription"
            ),
        ]
