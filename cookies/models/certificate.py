"""The proof that raw traffic data was counted once and removed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PurgeCertificate(models.Model):
    """One batch of hits: so many, counted in this transaction, removed after it. Insert only, by grant."""

    no_personal_data = "A random batch number and how many hits it held."
    insert_only = True

    batch = models.UUIDField(_("batch"), unique=True)
    hits = models.PositiveBigIntegerField(_("hits"))
    damaged = models.PositiveBigIntegerField(_("hits that could not be read"), default=0)
    aggregated_at = models.DateTimeField(_("counted"), auto_now_add=True)

    class Meta:
        verbose_name = _("purge certificate")
        verbose_name_plural = _("purge certificates")
        ordering = ["-aggregated_at"]

    def __str__(self) -> str:
        return f"{self.hits} hits"
