"""Who bought and where it goes: small tables of their own, under one retention each."""

import datetime as dt

from django.db import models
from django.db.models import Case, Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order, purpose_ended
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

_FOR_DELIVERY = {"purposes": [Purpose.DELIVERY], "keep": Keep.CONTRACT}


def order_ended() -> Case:
    """What ends the store's own use of an order's contact and address, once the time to give goods back is over."""
    return purpose_ended("order")


def order_under_way(now: dt.datetime) -> Q:
    """The records of orders that are not over, as `Order.still_needed` has it."""
    return Q(order__in=Order.objects.filter(Order.still_needed(now)))


class OrderContact(PersonalRecord):
    """How the buyer hears of the order."""

    keep_from = "order__placed_at"
    purpose_from = staticmethod(order_ended)
    still_needed = staticmethod(order_under_way)

    order = models.OneToOneField(Order, models.CASCADE, related_name="contact", editable=False, verbose_name=_("order"))
    email = personal(
        models.EmailField(_("e-mail address"), max_length=254),
        Category.EMAIL,
        purposes=[Purpose.NOTIFICATION, Purpose.SUPPORT],
        keep=Keep.CONTRACT,
    )

    # Whoever buys may mistype an address: its mailbox alone does not show whose order it is.
    proved_by_number = True

    class Meta:
        verbose_name = _("contact of an order")
        verbose_name_plural = _("contacts of orders")


class DeliveryAddress(PersonalRecord):
    """Where one order goes; a snapshot, so that later moves do not rewrite history."""

    keep_from = "order__placed_at"
    purpose_from = staticmethod(order_ended)
    still_needed = staticmethod(order_under_way)

    order = models.OneToOneField(
        Order, models.CASCADE, related_name="delivery_address", editable=False, verbose_name=_("order")
    )
    recipient = personal(models.CharField(_("recipient"), max_length=120), Category.NAME, **_FOR_DELIVERY)
    # E.164: a plus sign and digits.
    phone = personal(models.CharField(_("phone number"), max_length=20), Category.PHONE, **_FOR_DELIVERY)
    # ISO 3166-1, two letters.
    country = personal(models.CharField(_("country"), max_length=2), Category.COUNTRY, **_FOR_DELIVERY)
    postal_code = personal(
        models.CharField(_("postal code"), max_length=16, blank=True), Category.POSTAL_CODE, **_FOR_DELIVERY
    )
    state = personal(
        models.CharField(_("state or province"), max_length=80, blank=True), Category.STATE, **_FOR_DELIVERY
    )
    city = personal(models.CharField(_("city"), max_length=80, blank=True), Category.CITY, **_FOR_DELIVERY)
    street = personal(models.CharField(_("street address"), max_length=120), Category.STREET, **_FOR_DELIVERY)
    street_2 = personal(
        models.CharField(_("building, floor, room"), max_length=120, blank=True), Category.STREET, **_FOR_DELIVERY
    )

    def is_history(self) -> bool:
        """What the courier carries, it carries to where it was told; a correction goes beside that."""
        return self.order.fulfilment != Order.Fulfilment.WAITING

    class Meta:
        verbose_name = _("delivery address")
        verbose_name_plural = _("delivery addresses")
