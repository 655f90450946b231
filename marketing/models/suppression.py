"""Addresses that are to be left alone, as keyed hashes that outlive everything else that is known of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Suppression(models.Model):
    """One form of one address that no advertisement may go to.

    It points at nothing, so nothing that is deleted takes it along: an erasure, an import and a new account find it here.
    Whoever has the address and the key can ask whether it is on the list; nobody can read an address off it.
    """

    no_personal_data = "A keyed hash that cannot be turned back into an address, and why it is there."

    class Cause(models.TextChoices):
        OPT_OUT = "opt_out", _("opted out")
        ERASURE = "erasure", _("erased")
        COMPLAINT = "complaint", _("complained")
        BOUNCE = "bounce", _("mail cannot be delivered")

    # HMAC-SHA256 of the exact or of the canonical form; the key with this id made it.
    digest = models.BinaryField(max_length=32)
    key_id = models.CharField(_("key"), max_length=16)
    # Empty: for every purpose of marketing.
    purpose = models.CharField(_("purpose"), max_length=64, blank=True, default="")
    cause = models.CharField(_("because"), max_length=12, choices=Cause)
    since = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(fields=["digest", "purpose"], name="one_suppression_per_purpose"),
            models.CheckConstraint(
                condition=~Q(cause__in=["bounce", "complaint"]) | Q(purpose=""), name="suppression_of_address_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.since:%Y-%m-%d}"
