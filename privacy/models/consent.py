"""What a person permitted: the events, which are only ever added, and the state they add up to."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Purpose


class ConsentState(models.TextChoices):
    """States of ISO/IEC TS 27560. `requested` is "asked, no answer"; a person never asked has no event at all."""

    REQUESTED = "requested", _("asked, not answered")
    GIVEN = "given", _("given")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    INVALIDATED = "invalidated", _("invalidated")


class ConsentMethod(models.TextChoices):
    """How the choice reached the store."""

    FORM = "form", _("on a form")
    ONE_CLICK = "one_click", _("one-click header of a mail")
    MAIL = "mail", _("by e-mail")
    POST = "post", _("by post")
    GPC = "gpc", _("Global Privacy Control")
    ADMIN = "admin", _("recorded by staff")
    IMPORT = "import", _("import")
    API = "api", _("API")
    TEXT = "text", _("by text message")
    CLOCK = "clock", _("by the passing of time")


class ContactChannel(models.TextChoices):
    """By which road the permission lets us reach the person; `cookie` is the browser itself."""

    EMAIL = "email", _("e-mail")
    SMS = "sms", _("text message")
    PUSH = "push", _("push message")
    COOKIE = "cookie", _("cookie")


PURPOSES = [(p.value, p.name) for p in Purpose]


class ConsentEvent(models.Model):
    """One choice, as evidence. Insert only, by grant.

    A cookie choice of somebody who is not signed in has no subject: a person who declines gets no identifier for it.
    """

    no_personal_data = "A choice under a random key, with the digest of the words that were shown; never a value."
    insert_only = True
    ledger_kind = "consent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="consent_events")
    purpose = models.CharField(max_length=64, choices=PURPOSES)
    channel = models.CharField(max_length=8, choices=ContactChannel)
    state = models.CharField(max_length=12, choices=ConsentState)
    method = models.CharField(max_length=12, choices=ConsentMethod)
    surface = models.CharField(max_length=48, blank=True)
    policy_version = models.CharField(max_length=10)
    text_digest = models.CharField(max_length=64, blank=True)
    locale = models.CharField(max_length=8, blank=True)
    shown_at = models.DateTimeField(null=True)
    # Whether the browser said Global Privacy Control while the person chose: only such a yes outlives the signal.
    under_gpc = models.BooleanField(default=False)
    received_at = models.DateTimeField(auto_now_add=True)
    acted_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent events")
        indexes = [models.Index(fields=["subject", "purpose", "channel", "received_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__isnull=False) | Q(channel=ContactChannel.COOKIE),
                name="consent_names_its_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel}: {self.state}"


class Preference(models.Model):
    """The state that the events of one subject, purpose and channel add up to: the row that a send locks."""

    no_personal_data = "The last choice under a random key; derived from the consent events."

    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="preferences")
    purpose = models.CharField(max_length=64, choices=PURPOSES)
    channel = models.CharField(max_length=8, choices=ContactChannel)
    state = models.CharField(max_length=12, choices=ConsentState)
    event = models.ForeignKey(ConsentEvent, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    # When a yes ends by itself, and when the person is to be reminded of it; the law of the day of the yes says.
    valid_until = models.DateTimeField(null=True)
    reconfirm_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(fields=["subject", "purpose", "channel"], name="one_preference_per_way"),
        ]
        indexes = [
            # The whole audience is read from this index alone, never from the rows.
            models.Index(
                fields=["purpose", "channel", "subject"],
                include=["valid_until"],
                condition=Q(state="given"),
                name="preference_given",
            ),
            models.Index(fields=["valid_until"], condition=Q(valid_until__isnull=False), name="preference_ends"),
            models.Index(fields=["reconfirm_at"], condition=Q(reconfirm_at__isnull=False), name="preference_reconfirm"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.channel}: {self.state}"
