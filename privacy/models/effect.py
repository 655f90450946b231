"""The outbox: what must happen outside, written in the transaction that decided it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Effect(models.Model):
    """One thing to do outside. It carries ids, never a personal value; the value is read when the effect happens."""

    no_personal_data = "The kind of effect and the ids that it is about."

    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=128, unique=True)
    ids = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("outbox row")
        verbose_name_plural = _("outbox")
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(done_at__isnull=True, parked_at__isnull=True), name="effect_to_do"
            )
        ]

    def __str__(self) -> str:
        return self.key
