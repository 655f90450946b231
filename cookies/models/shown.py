"""What of a closed day may be shown, decided once: statistics are added up from these rows and from nothing smaller."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cookies.models.traffic import Dimension


class ShownCount(models.Model):
    """One number of one day or month that may be shown: ten visitors of a single day stand behind each day of it.

    The row with an empty dimension is the whole span. `merged` is the row of everything too small to be named.
    """

    no_personal_data = "Counts of page views behind which ten visitors stand."

    class Span(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")

    span = models.CharField(_("span"), max_length=5, choices=Span)
    start = models.DateField(_("begins"))
    dimension = models.CharField(_("dimension"), max_length=12, choices=Dimension, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    merged = models.BooleanField(_("merged"), default=False)
    views = models.BigIntegerField(_("page views"))
    visitors = models.BigIntegerField(_("visitors, day by day"), default=0)
    partial = models.BooleanField(_("partial"), default=False)

    class Meta:
        verbose_name = _("shown count")
        verbose_name_plural = _("shown counts")
        constraints = [
            models.UniqueConstraint(
                fields=["span", "start", "dimension", "value", "merged"], name="one_shown_count_per_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.span} {self.start} {self.dimension} {self.value}"
