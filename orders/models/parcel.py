"""Parcels: which pieces of an order travel together, how far they are, and the label that is forgotten after delivery."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import PARCEL_ARRIVES_WITHIN, Order, OrderLine
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord


class Parcel(models.Model):
    """Some pieces of one order on their way. Whom it goes to stands in the order's delivery address."""

    no_personal_data = "Pieces, a courier and its number; the address stands in DeliveryAddress and ParcelLabel."

    class State(models.TextChoices):
        PACKED = "packed", _("packed")
        REGISTERED = "registered", _("waiting for the courier")
        HANDED_OVER = "handed_over", _("on its way")
        DELIVERED = "delivered", _("delivered")
        RETURNED = "returned", _("came back")
        UNPACKED = "unpacked", _("unpacked again")

    # A parcel counts for its order while it may still arrive, or has.
    ON_ITS_WAY = (State.HANDED_OVER, State.DELIVERED)

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="parcels", verbose_name=_("order"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PACKED)
    courier = models.CharField(_("courier"), max_length=40)
    tracking_number = models.CharField(_("tracking number"), max_length=40, blank=True)
    weight_g = models.PositiveIntegerField(_("weight in grams"), default=0)
    packed_at = models.DateTimeField(_("packed"), default=timezone.now)
    packed_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("packed by")
    )
    handed_over_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["-packed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["courier", "tracking_number"],
                condition=~Q(tracking_number=""),
                name="parcel_tracking_number_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False), name="parcel_delivered_says_when"
            ),
        ]
        indexes = [models.Index(fields=["state", "packed_at"], name="parcel_desk")]

    def __str__(self) -> str:
        return self.tracking_number or f"parcel {self.pk}"


class ParcelLine(models.Model):
    """How many pieces of one line are in a parcel."""

    no_personal_data = "A number of pieces."

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="lines", verbose_name=_("parcel"))
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("line"))
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("line of a parcel")
        verbose_name_plural = _("lines of parcels")
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line"], name="parcel_names_a_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_quantity_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_id}"


class ParcelScan(models.Model):
    """One message of the courier, kept so that the same one counts once."""

    no_personal_data = "What a courier scanned, and when; no name and no place."
    insert_only = True

    event_id = models.CharField(_("event"), max_length=80)
    courier = models.CharField(_("courier"), max_length=40)
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="scans", verbose_name=_("parcel"))
    state = models.CharField(_("state"), max_length=12)
    happened_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("scan of a parcel")
        verbose_name_plural = _("scans of parcels")
        ordering = ["happened_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["courier", "event_id"], name="courier_event_once")]

    def __str__(self) -> str:
        return f"{self.state} {self.happened_at:%Y-%m-%d %H:%M}"


def not_yet_delivered(now: dt.datetime) -> Q:
    """Labels of parcels that have not arrived: they may have to be printed again."""
    return Q(parcel__state__in=[Parcel.State.PACKED, Parcel.State.REGISTERED, Parcel.State.HANDED_OVER])


def arrived() -> Coalesce:
    """When a parcel was delivered; of one that no scan ever told, when it must have been."""
    return Coalesce(
        F("parcel__delivered_at"),
        F("parcel__handed_over_at") + Value(PARCEL_ARRIVES_WITHIN),
        output_field=models.DateTimeField(),
    )


class ParcelLabel(PersonalRecord):
    """The label as the courier made it, with name and address on it; it is of no use once the parcel has arrived."""

    not_corrected = "The courier's own print; a parcel with another address gets another label."
    keep_from = staticmethod(arrived)
    still_needed = staticmethod(not_yet_delivered)
    # The desk prints it as the file that it is; no page shows its bytes.
    holds_file = "content"
    never_taken_out = True

    parcel = models.OneToOneField(
        Parcel, models.CASCADE, related_name="label", editable=False, verbose_name=_("parcel")
    )
    # The courier's PDF, in base 64.
    content = personal(models.TextField(_("label")), Category.ADDRESS, purposes=[Purpose.DELIVERY], keep=Keep.LABEL)

    class Meta:
        verbose_name = _("parcel label")
        verbose_name_plural = _("parcel labels")
