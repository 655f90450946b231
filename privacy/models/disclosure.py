"""The written trace of each time that personal data went out."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class LegalOrder(models.Model):
    """An order of a court or authority, recorded before anything is handed over because of it."""

    no_personal_data = "The authority, its reference and the law; the person concerned is a random key."
    insert_only = True
    ledger_kind = "legal_order"

    authority = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    law = models.CharField(max_length=200)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="legal_orders")
    recorded_by = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("legal order")
        verbose_name_plural = _("legal orders")

    def __str__(self) -> str:
        return f"{self.authority} {self.reference}"


class Disclosure(models.Model):
    """One hand-over: who received, about whom, which fields, what for, on which basis. Insert only, by grant."""

    no_personal_data = "Names of fields and of a recipient, under a random key; never a value."
    insert_only = True
    ledger_kind = "disclosure"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="disclosures")
    handed_to = models.CharField(max_length=48)
    purpose = models.CharField(max_length=64)
    legal_basis = models.CharField(max_length=24)
    fields = ArrayField(models.TextField())
    record = models.CharField(max_length=100)
    legal_order = models.ForeignKey(LegalOrder, models.PROTECT, null=True, related_name="disclosures")
    policy_version = models.CharField(max_length=10)
    # The member of staff who handed it over; empty when the store did so by itself.
    acted_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")
    disclosed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")

    def __str__(self) -> str:
        return f"{self.handed_to}: {self.purpose}"
