"""How it became certain who asks: each identifier confirmed by itself, within one case."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.models.request import RightsRequest


class Identifier(models.TextChoices):
    """What was confirmed. A confirmed address proves no phone number, and the other way round."""

    EMAIL = "email", _("e-mail address")
    ORDER = "order", _("order, with its e-mail address")
    ACCOUNT = "account", _("account")
    PHONE = "phone", _("phone number")
    PERSON = "person", _("the person, by another check")


class CheckMethod(models.TextChoices):
    """How it was confirmed."""

    MAILBOX = "mailbox", _("link or code sent to the mailbox")
    SIGN_IN = "sign_in", _("signed in, password typed just now")
    STAFF = "staff", _("checked by staff")


class Seen(models.TextChoices):
    """What staff saw. There is no copy of an identity card among them, and no place to put one."""

    CALLED_BACK = "called_back", _("called back under the number on record, questions answered rightly")
    KNOWS_ORDERS = "knows_orders", _("knows details of past orders that no letter told")
    SHOWN_IN_PERSON = "shown_in_person", _("showed a document here; it was looked at and given back")
    SHOWN_BY_VIDEO = "shown_by_video", _("showed a document by video; nothing was recorded")
    REGISTERED_POST = "registered_post", _("answered a registered letter to the address on record")
    REPRESENTATIVE = "representative", _("a representative with a written authority")


class Verification(models.Model):
    """One identifier of one case, from the question to the confirmation.

    `record` and `field` say where the value stands, and `value_digest` which value it was then: a value that was changed
    since is not confirmed. What the person was sent is kept as digests only.
    """

    no_personal_data = "Which value of which record was confirmed, how and when; keyed digests, and never the value."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="verifications")
    identifier = models.CharField(_("what"), max_length=8, choices=Identifier)
    method = models.CharField(_("how"), max_length=8, choices=CheckMethod)
    record = models.CharField(max_length=100, blank=True)
    field = models.CharField(max_length=60, blank=True)
    value_digest = models.CharField(max_length=64, blank=True)
    # Whom it proves, where no value leads to them.
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    link_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    code_digest = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    seen = models.CharField(_("what was seen"), max_length=16, blank=True, choices=Seen)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    recorded_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    seconded_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    seconded_at = models.DateTimeField(_("seconded"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of identity")
        verbose_name_plural = _("checks of identity")
        ordering = ["asked_at"]
        indexes = [models.Index(fields=["value_digest", "-asked_at"], name="verification_by_value")]
        constraints = [
            models.CheckConstraint(
                condition=Q(seconded_by__isnull=True)
                | (Q(recorded_by__isnull=False) & ~Q(seconded_by=F("recorded_by"))),
                name="verification_by_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(method="staff") | (Q(recorded_by__isnull=False) & ~Q(seen="")),
                name="verification_says_what_was_seen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_identifier_display()}: {self.get_method_display()}"

    @property
    def is_confirmed(self) -> bool:
        """Whether the person, or one member of staff, has confirmed it."""
        return self.confirmed_at is not None

    @property
    def is_waiting(self) -> bool:
        """Whether what was sent can still be answered."""
        return self.confirmed_at is None and self.expires_at is not None and self.expires_at > timezone.now()
