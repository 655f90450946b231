"""What people ask of the privacy desk, with its clock."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Channel


class RequestKind(models.TextChoices):
    """The rights, in the field's own words; `staff_must_read` is an honest "we could not tell"."""

    WITHDRAW = "withdraw_consent", _("stop direct marketing")
    OBJECT = "object", _("objection")
    RECTIFICATION = "rectification", _("correction")
    ACCESS = "access", _("copy of everything")
    PORTABILITY = "portability", _("data to take along")
    ERASURE = "erasure", _("erasure")
    RESTRICT = "restrict_processing", _("restriction")
    COMPLAINT = "complaint", _("complaint")
    STAFF = "staff_must_read", _("staff must read")


class RequestState(models.TextChoices):
    """States of the Data Rights Protocol 1.0; what may follow what stands in `privacy.internal.desk.states`."""

    OPEN = "open", _("open")
    IN_PROGRESS = "in_progress", _("in progress")
    FULFILLED = "fulfilled", _("fulfilled")
    REVOKED = "revoked", _("revoked")
    DENIED = "denied", _("denied")
    EXPIRED = "expired", _("expired")


class RequestReason(models.TextChoices):
    """Why a case is in its state, in the words of the Data Rights Protocol 1.0."""

    NEED_USER_VERIFICATION = "need_user_verification", _("the person has to confirm who they are")
    SUSPECTED_FRAUD = "suspected_fraud", _("somebody else seems to ask")
    INSUF_VERIFICATION = "insuf_verification", _("it was not confirmed who asks")
    NO_MATCH = "no_match", _("we hold nothing about this person")
    CLAIM_NOT_COVERED = "claim_not_covered", _("the law does not give this right here")
    OUTSIDE_JURISDICTION = "outside_jurisdiction", _("the law of another country decides")
    TOO_MANY_REQUESTS = "too_many_requests", _("the same was asked too often")
    OTHER = "other", _("another reason, told in a letter")


class ExtensionReason(models.TextChoices):
    """Why an answer takes longer; the law knows these two (GDPR Art. 12(3))."""

    COMPLEX = "complex", _("the request is complex")
    MANY = "many", _("many requests came at once")


class RightsRequest(models.Model):
    """One case of the privacy desk.

    `jurisdiction` is the law whose clock runs; empty while nobody knows, which is the shortest. `link_digest` knows the link
    under which the person sees the case without signing in, and cannot be turned back into it.
    """

    no_personal_data = "Kind, state and clock of a case; what the person wrote stands in the request's messages."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="rights_requests")
    kind = models.CharField(_("kind"), max_length=20, choices=RequestKind)
    state = models.CharField(_("state"), max_length=12, choices=RequestState, default=RequestState.OPEN)
    processing_details = models.CharField(_("details"), max_length=40, blank=True, default="need_user_verification")
    reason = models.CharField(_("reason"), max_length=40, blank=True, choices=RequestReason)
    why = models.CharField(_("sorted so because"), max_length=200, blank=True)
    channel = models.CharField(_("channel"), max_length=16, choices=[(c.value, c.value) for c in Channel])
    locale = models.CharField(max_length=8, default="en")
    received_at = models.DateTimeField(_("received"))
    expected_by = models.DateTimeField(_("due"))
    jurisdiction = models.CharField(_("law"), max_length=8, blank=True, default="")
    extended_at = models.DateTimeField(_("extended"), null=True, blank=True)
    extended_for = models.CharField(_("extended because"), max_length=8, blank=True, choices=ExtensionReason)
    # SHA-256 of what the link carries; the link itself is made anew from the key of the store when a letter needs it.
    link_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    link_expires_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    decided_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering = ["expected_by"]
        indexes = [models.Index(fields=["expected_by"], condition=Q(closed_at__isnull=True), name="request_queue")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(state__in=["open", "in_progress"]),
                name="request_ended_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def number(self) -> str:
        """How people call the case: the beginning of its key."""
        return str(self.id)[:8]

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.closed_at is None
