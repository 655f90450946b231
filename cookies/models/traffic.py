"""The counts that the statistics are made of, and one certificate for each batch of page views that was removed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dimension(models.TextChoices):
    """By what page views are counted, each by itself: no two are ever crossed."""

    PAGE = "page", _("page")
    REFERRER = "referrer", _("came from")
    DEVICE = "device", _("device")
    LANGUAGE = "language", _("language")
    # Page views that waited in memory while Valkey was away, and did not fit.
    DROPPED = "dropped", _("not counted")


class HourlyCount(models.Model):
    """How many page views one hour had, for one value of one dimension."""

    no_personal_data = "Counts of page views by hour; no visitor, and no two properties of one view side by side."

    hour = models.DateTimeField(_("hour"))
    dimension = models.CharField(_("dimension"), max_length=12, choices=Dimension)
    value = models.CharField(_("value"), max_length=200, blank=True)
    count = models.BigIntegerField(_("page views"))

    class Meta:
        verbose_name = _("traffic count")
        verbose_name_plural = _("traffic statistics")
        constraints = [
            models.UniqueConstraint(fields=["dimension", "hour", "value"], name="one_count_per_hour_and_value"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} {self.hour:%Y-%m-%d %H}"


class DailyVisitors(models.Model):
    """About how many different visitors one day had, for one value of one dimension; never across days.

    The row with an empty dimension is the whole day. `partial` says that Valkey lost its sketch during that day.
    """

    no_personal_data = "Counts of visitors by day, within two per cent; the sketch behind them is gone."

    day = models.DateField(_("day"))
    dimension = models.CharField(_("dimension"), max_length=12, choices=Dimension, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    visitors = models.BigIntegerField(_("visitors"))
    partial = models.BooleanField(_("partial"), default=False)

    class Meta:
        verbose_name = _("visitors of a day")
        verbose_name_plural = _("visitors by day")
        constraints = [
            models.UniqueConstraint(fields=["day", "dimension", "value"], name="one_visitor_count_per_day_and_value"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.dimension} {self.value}"


class PurgeCertificate(models.Model):
    """A batch of page views was counted and removed. Insert only, written in the transaction that adds the counts."""

    no_personal_data = "Counts of page views and a random batch number."
    insert_only = True

    batch_id = models.UUIDField(_("batch"), unique=True, default=uuid.uuid4, editable=False)
    hits = models.BigIntegerField(_("page views counted"))
    withdrawn = models.BigIntegerField(_("removed uncounted"), default=0)
    first_hour = models.DateTimeField(_("first hour"), null=True)
    last_hour = models.DateTimeField(_("last hour"), null=True)
    aggregated_at = models.DateTimeField(_("counted and removed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("purge certificate")
        verbose_name_plural = _("purge certificates")
        ordering = ["-aggregated_at"]
        indexes = [models.Index(fields=["-aggregated_at"], name="cookies_purged_at")]

    def __str__(self) -> str:
        return f"{self.batch_id} ({self.hits})"
