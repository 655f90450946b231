"""What people ask of the privacy desk, with its clock."""

import uuid

from django.db import models
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
    """States of the Data Rights Protocol 1.0."""

    OPEN = "open", _("open")
    IN_PROGRESS = "in_progress", _("in progress")
    FULFILLED = "fulfilled", _("fulfilled")
    REVOKED = "revoked", _("revoked")
    DENIED = "denied", _("denied")
    EXPIRED = "expired", _("expired")


class RightsRequest(models.Model):
    """One case of the privacy desk."""

    no_personal_data = "Kind, state and clock of a case; what the person wrote stands in the request's messages."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="rights_requests")
    kind = models.CharField(_("kind"), max_length=20, choices=RequestKind)
    state = models.CharField(_("state"), max_length=12, choices=RequestState, default=RequestState.OPEN)
    processing_details = models.CharField(_("details"), max_length=40, blank=True, default="need_user_verification")
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    why = models.CharField(_("sorted so because"), max_length=200, blank=True)
    channel = models.CharField(_("channel"), max_length=16, choices=[(c.value, c.value) for c in Channel])
    locale = models.CharField(max_length=8, default="en")
    received_at = models.DateTimeField(_("received"))
    expected_by = models.DateTimeField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    decided_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering = ["expected_by"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.id)[:8]}"
