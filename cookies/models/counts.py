"""What is left of visits: how many, in which hour, of which kind."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dimension(models.TextChoices):
    """By what hits are counted; never by two at once, so that no cross of rows can single somebody out."""

    PAGE = "page", _("page")
    REFERRER = "referrer", _("came from")
    DEVICE = "device", _("device")
    LANGUAGE = "language", _("language")


class HourlyCount(models.Model):
    """Hits of one hour (UTC) with one value of one dimension."""

    no_personal_data = "A count of hits in an hour; who made them is not in it."

    hour = models.DateTimeField(_("hour"))
    dimension = models.CharField(_("counted by"), max_length=12, choices=Dimension)
    value = models.CharField(_("value"), max_length=120)
    hits = models.PositiveBigIntegerField(_("hits"))

    class Meta:
        verbose_name = _("traffic count")
        verbose_name_plural = _("traffic counts")
        constraints = [models.UniqueConstraint(fields=["hour", "dimension", "value"], name="one_count_per_cell")]
        indexes = [models.Index(fields=["dimension", "hour"])]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H}h {self.value}"


class DailyVisitors(models.Model):
    """How many different visitors a day had, about: a HyperLogLog's answer, within 2%. None are known across days."""

    no_personal_data = "A number for a day, estimated from a sketch that was thrown away."

    day = models.DateField(_("day"), unique=True)
    visitors = models.PositiveBigIntegerField(_("visitors"))

    class Meta:
        verbose_name = _("visitors of a day")
        verbose_name_plural = _("visitors by day")

    def __str__(self) -> str:
        return f"{self.day}: {self.visitors}"
