"""The written trace of each time that personal data came in."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Channel


class Collection(models.Model):
    """One entry through the gate: who, by which collection point, which fields, after which notice.

    Insert only: the application role may neither change nor remove a row. `transaction_id` is stamped by a trigger, so
    that a collection covers writes of the very transaction that made it and no other.
    """

    no_personal_data = "Names of fields, of a form and of a notice, under a random key; never a value."
    insert_only = True
    ledger_kind = "collection"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="collections")
    surface = models.CharField(max_length=48)
    channel = models.CharField(max_length=16, choices=[(c.value, c.value) for c in Channel])
    fields = ArrayField(models.TextField())
    policy_version = models.CharField(max_length=10)
    # The three of the notice are empty where no person was shown one: staff, imports, the payment provider.
    notice_digest = models.CharField(max_length=64, blank=True)
    notice_locale = models.CharField(max_length=8, blank=True)
    notice_shown_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=200, blank=True)
    acted_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")
    transaction_id = models.BigIntegerField(default=0, editable=False)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        indexes = [models.Index(fields=["surface", "-received_at"])]

    def __str__(self) -> str:
        return f"{self.surface} {self.received_at:%Y-%m-%d %H:%M}"
