"""Who was handed values of somebody who is erased, that they were told so, and what they answered."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from privacy.models.retention import Erasure


class ErasureNotice(models.Model):
    """One recipient that is to forget somebody too (GDPR Art. 17(2) and 19), and what it answered."""

    no_personal_data = "A recipient, what it calls a parcel or a payment by, and an answer from a list; never a value."

    class Answer(models.TextChoices):
        FORGOTTEN = "forgotten", _("forgotten")
        NOT_HELD = "not_held", _("no longer held")
        KEPT_BY_LAW = "kept_by_law", _("kept, because a law says so")
        REFUSED = "refused", _("not forgotten")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    erasure = models.ForeignKey(Erasure, models.PROTECT, related_name="notices")
    handed_to = models.CharField(_("told"), max_length=48)
    # Noted while the values still stand: the numbers of parcels or payments, by which the recipient finds them.
    known_as = ArrayField(models.TextField(), default=list)
    written_at = models.DateTimeField(_("decided"), auto_now_add=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=12, blank=True, choices=Answer)
    # The member of staff who entered the answer; empty when the recipient's own software gave it.
    recorded_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("notice of an erasure")
        verbose_name_plural = _("notices of erasures")
        ordering = ["written_at"]
        constraints = [
            models.UniqueConstraint(fields=["erasure", "handed_to"], name="a_recipient_is_told_of_an_erasure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.handed_to}: {str(self.id)[:8]}"
