"""How often order numbers were asked for, so that guessing is slow; nothing here tells who asked."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LookupTally(models.Model):
    """Attempts of one hour for one bucket of order numbers. Buckets are few, so no flood of guesses grows the table."""

    no_personal_data = "A bucket that many order numbers share, an hour and a count."

    bucket = models.PositiveIntegerField(unique=True)
    hour = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tally of look-ups")
        verbose_name_plural = _("tallies of look-ups")

    def __str__(self) -> str:
        return f"bucket {self.bucket}"
