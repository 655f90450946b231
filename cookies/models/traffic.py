"""The counts that the statistics are made of, and one certificate for each batch of page views that was removed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dimension(models.TextChoices):
    """By what page views are counted, each by itself: no two are ever crossed."""

    PAGE = "page", _("page")
    # The page on which a visit got its name. As many as there were visits.
    ENTRY = "entry", _("entered by")
    # Page views after which no link of that page was followed: one is added for each view, and taken back when the next
    # page names this one as where it came from. So an hour can be negative, and a period is right but for its edges.
    EXIT = "exit", _("left from")
    REFERRER = "referrer", _("came from")
    DEVICE = "device", _("device")
    LANGUAGE = "language", _("language")
    COUNTRY = "country", _("country")
    # Searches that found nothing, by the category in which was searched ("" for all); never by what was typed.
    NO_RESULT = "no_result", _("searched and found nothing")
    FUNNEL = "funnel", _("step to an order")
    # What is no visitor's page view: requests of robots by the reason, page views that did not fit into memory while
    # Valkey was away, and those of the planted visitors that prove the removal.
    ROBOT = "robot", _("robots")
    DROPPED = "dropped", _("not counted")
    PLANTED = "planted", _("planted")


class Step(models.TextChoices):
    """The steps to an order, in their order: the values of `Dimension.FUNNEL`."""

    LISTING = "listing", _("goods listed")
    PRODUCT = "product", _("product looked at")
    BASKET = "basket", _("basket opened")
    CHECKOUT = "checkout", _("checkout opened")
    PAID = "paid", _("order paid")


class Robot(models.TextChoices):
    """Why a request is taken for a robot's: the values of `Dimension.ROBOT`."""

    LISTED = "listed", _("on the list of crawlers")
    UNNAMED = "unnamed", _("names no browser")
    AHEAD = "ahead", _("fetched ahead and perhaps never seen")


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


class DailyCount(models.Model):
    """The same counts by the store's day, added in the same transaction, so that a year is read in a moment."""

    no_personal_data = "Counts of page views by day; no visitor, and no two properties of one view side by side."

    day = models.DateField(_("day"))
    dimension = models.CharField(_("dimension"), max_length=12, choices=Dimension)
    value = models.CharField(_("value"), max_length=200, blank=True)
    count = models.BigIntegerField(_("page views"))

    class Meta:
        verbose_name = _("traffic count of a day")
        verbose_name_plural = _("traffic by day")
        constraints = [
            models.UniqueConstraint(fields=["dimension", "day", "value"], name="one_count_per_day_and_value"),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} {self.day}"


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
    ledger_kind = "purge"

    batch_id = models.UUIDField(_("batch"), unique=True, default=uuid.uuid4, editable=False)
    hits = models.BigIntegerField(_("page views counted"))
    withdrawn = models.BigIntegerField(_("removed uncounted"), default=0)
    planted = models.BigIntegerField(_("of planted visitors"), default=0)
    damaged = models.BigIntegerField(_("damaged lines removed"), default=0)
    # The life of Valkey's data in which the batch's visitors were sketched: two lives in one day and its uniques are partial.
    valkey_life = models.UUIDField(_("life of Valkey"), null=True, editable=False)
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


class RemovalProof(models.Model):
    """A planted visitor went through the whole pipe, and afterwards its random marker was searched for. Insert only."""

    no_personal_data = "The digest of a random marker that belonged to nobody, and counts of files."
    insert_only = True
    ledger_kind = "purge"

    planted_at = models.DateTimeField(_("planted at"))
    searched_at = models.DateTimeField(_("searched at"), auto_now_add=True)
    # The certificate of the batch that the planted visitor was counted and removed with; none when it never came through.
    certificate = models.ForeignKey(
        PurgeCertificate, models.PROTECT, null=True, related_name="proofs", verbose_name=_("purge certificate")
    )
    marker_digest = models.CharField(_("SHA-256 of the marker"), max_length=64, unique=True)
    # {"place": {"files": 3, "bytes": 4096}}; a place that could not be read says why: {"place": {"skipped": "…"}}.
    places = models.JSONField(_("where was searched"))
    files = models.BigIntegerField(_("files and keys searched"))
    found = models.BigIntegerField(_("files and keys in which it was found"))

    class Meta:
        verbose_name = _("proof of removal")
        verbose_name_plural = _("proofs of removal")
        ordering = ["-searched_at"]
        indexes = [models.Index(fields=["-searched_at"], name="cookies_proved_at")]

    def __str__(self) -> str:
        return f"{self.planted_at:%Y-%m-%d %H:%M} ({self.found})"
