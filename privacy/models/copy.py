"""A copy that a person may fetch, or has fetched."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Copy(models.Model):
    """The right to fetch one copy of everything once. The copy itself is made while it is read and lies nowhere."""

    no_personal_data = "A random key, where a confirmed address stands, and until when a link works; never a value."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="copies")
    # Others who were found to be the same person while the case was looked at, by their keys.
    also = ArrayField(models.UUIDField(), default=list)
    case = models.ForeignKey("privacy.RightsRequest", models.SET_NULL, null=True, related_name="copies")
    # "account.EmailAddress:12:email", to which the link is written; empty for somebody who is signed in.
    address_at = models.CharField(max_length=120, blank=True)
    locale = models.CharField(max_length=8, default="en")
    acted_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("works until"))
    used_at = models.DateTimeField(_("fetched"), null=True)

    class Meta:
        verbose_name = _("copy for a person")
        verbose_name_plural = _("copies for people")
        indexes = [models.Index(fields=["expires_at"], condition=models.Q(used_at__isnull=True), name="copy_to_forget")]

    def __str__(self) -> str:
        return f"copy {str(self.id)[:8]}"
