"""What is said to be wrong: item by item, with what became of it; what is not used meanwhile; who is told of it."""

import datetime as dt
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Purpose, personal
from privacy.models.request import RightsRequest
from privacy.records import PersonalRecord


class Refusal(models.TextChoices):
    """Why an item of a correction is refused. The person is told in these words."""

    IS_RIGHT = "is_right", _("what stands there is right, as far as we can see")
    NOT_SHOWN = "not_shown", _("nothing shows that the other value is right")
    OPINION = "opinion", _("it is an opinion, which belongs to whoever wrote it")
    LAW = "law", _("a law wants the record kept as it is")
    NOT_THEIRS = "not_theirs", _("it belongs to somebody else")


class Correction(PersonalRecord):
    """One value that was to be corrected, and what became of it.

    A value of a record that was handed over as it stood is not rewritten: the right one stands here, beside it (`beside`).
    """

    class Outcome(models.TextChoices):
        PROPOSED = "proposed", _("waits for a second member of staff or for the person")
        APPLIED = "applied", _("corrected")
        BESIDE = "beside", _("the right value stands beside it")
        REFUSED = "refused", _("refused")

    not_personal: ClassVar = {
        "record": "Names a record, such as orders.DeliveryAddress:12.",
        "column": "Names a column, such as orders_deliveryaddress.city.",
    }
    keep_from = "request__closed_at"

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="corrections")
    record = models.CharField(_("record"), max_length=100)
    column = models.CharField(_("value"), max_length=130)
    value = personal(
        models.TextField(_("right as"), blank=True),
        Category.PRIVATE_CONTENT,
        purposes=[Purpose.SUPPORT, Purpose.LEGAL],
        keep=Keep.REQUEST,
    )
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    refusal = models.CharField(_("reason"), max_length=12, blank=True, choices=Refusal)
    decided_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    seconded_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["pk"]
        indexes = [models.Index(fields=["record"], name="correction_by_record")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(refusal=""), name="correction_refused_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(seconded_by__isnull=True) | (Q(decided_by__isnull=False) & ~Q(seconded_by=F("decided_by"))),
                name="correction_by_four_eyes",
            ),
        ]

    @property
    def field_name(self) -> str:
        """The column without its table."""
        return self.column.rpartition(".")[2]

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        """An open case needs its items."""
        return Q(request__closed_at__isnull=True)


class ProposedAddress(PersonalRecord):
    """The address with which somebody wants to sign in from now on, until its mailbox and a second member of staff agree."""

    keep_from = "correction__request__closed_at"

    correction = models.OneToOneField(Correction, models.CASCADE, related_name="address")
    email = personal(
        models.EmailField(_("e-mail address"), max_length=254),
        Category.EMAIL,
        purposes=[Purpose.SUPPORT, Purpose.LEGAL],
        keep=Keep.REQUEST,
    )

    class Meta:
        verbose_name = _("proposed sign-in address")
        verbose_name_plural = _("proposed sign-in addresses")

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        """An open case needs it."""
        return Q(correction__request__closed_at__isnull=True)


class Restriction(models.Model):
    """Values that are stored and nothing else until a case ends (GDPR Art. 18, PIPA Art. 35 to 37).

    An empty `record` stands for everything about the person, an empty `column` for every value of the record.
    """

    no_personal_data = "Names of records and columns under a random key; never a value."

    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="restrictions")
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="restrictions")
    record = models.CharField(_("record"), max_length=100, blank=True)
    column = models.CharField(_("value"), max_length=130, blank=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("restriction")
        verbose_name_plural = _("restrictions")
        ordering = ["pk"]
        indexes = [models.Index(fields=["subject"], condition=Q(ended_at__isnull=True), name="restriction_in_force")]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "subject", "record", "column"],
                condition=Q(ended_at__isnull=True),
                name="one_restriction_each",
            )
        ]

    def __str__(self) -> str:
        return self.column or self.record or "everything"


class RecipientNotice(models.Model):
    """One recipient that was handed a wrong value, told of the right one (GDPR Art. 19), and what it answered."""

    no_personal_data = "A recipient, names of a record and its columns, and an answer from a list; never a value."

    class Answer(models.TextChoices):
        CORRECTED = "corrected", _("corrected")
        GONE = "gone", _("no longer held")
        HANDED_ON = "handed_on", _("corrected, and told to whom it was handed on")
        REFUSED = "refused", _("not corrected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="notices")
    handed_to = models.CharField(_("told"), max_length=48)
    record = models.CharField(_("record"), max_length=100)
    columns = models.JSONField(_("values"), default=list)
    purpose = models.CharField(max_length=64)
    link_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    written_at = models.DateTimeField(_("decided"), auto_now_add=True)
    sent_at = models.DateTimeField(_("told at"), null=True, blank=True)
    by_hand = models.BooleanField(_("told by hand"), default=False)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=10, blank=True, choices=Answer)
    recorded_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("notice to a recipient")
        verbose_name_plural = _("notices to recipients")
        ordering = ["written_at"]
        constraints = [
            models.UniqueConstraint(fields=["request", "handed_to", "record"], name="a_recipient_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.handed_to}: {self.record}"
