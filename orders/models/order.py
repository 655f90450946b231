"""An order and its lines: what was bought for how much, frozen at the moment of buying."""

import datetime as dt
import secrets
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from catalogue.amounts import can_be_paid
from privacy.declaration import Category, Keep, Origin, Purpose, personal

# Crockford's base 32: no I, L, O or U, so that it can be read out on the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("ILO", "110")

# A parcel of which no scan ever told is taken as arrived so long after it left.
PARCEL_ARRIVES_WITHIN = dt.timedelta(days=30)


def purpose_ended(order: str = "") -> Case:
    """When an order had its end: cancelled, delivered, or sent so long ago that it must have arrived.

    NULL while it is under way or something of it is coming back. `order` is the look-up path from another model.
    """
    path, key = (f"{order}__", f"{order}_id") if order else ("", "pk")
    parcels, returns = apps.get_model("orders.Parcel").objects, apps.get_model("orders.ReturnRequest").objects
    left = parcels.filter(order=OuterRef(key), handed_over_at__isnull=False).order_by("-handed_over_at")
    arrived = Case(
        When(
            **{f"{path}fulfilment": Order.Fulfilment.SHIPPED},
            then=Subquery(left.values("handed_over_at")[:1]) + Value(PARCEL_ARRIVES_WITHIN),
        ),
        output_field=models.DateTimeField(),
    )
    return Case(
        When(Exists(returns.filter(order=OuterRef(key), closed_at=None)), then=None),
        default=Coalesce(f"{path}cancelled_at", f"{path}delivered_at", arrived),
        output_field=models.DateTimeField(),
    )


# What somebody bought tells of them, so the store's own record of it is on the data map and in every copy.
_PURCHASE = {
    "category": Category.PURCHASE_HISTORY,
    # The second only chooses, for who permitted it, which news are worth sending.
    "purposes": [Purpose.SERVICE, Purpose.ADVERTISING],
    "keep": Keep.CONTRACT,
    "origin": Origin.SYSTEM,
}


def new_number() -> str:
    """An order number that is readable and not guessed: 80 random bits, such as K24-7F3Q-9XKD-2MWT-5H0C.

    Each group has a letter among its first three signs, so no run of digits in it is long enough for a card number.
    """
    return "K24-" + "-".join(_group() for _ in range(4))


def _group() -> str:
    while True:
        group = "".join(secrets.choice(ALPHABET) for _ in range(4))
        if not group[:3].isdecimal():
            return group


def read_number(typed: str) -> str:
    """The number as it is stored, from what a person typed: any case, any spacing, O for 0. Empty when it is none."""
    signs = "".join(c for c in typed.upper() if c.isascii() and c.isalnum())
    if not signs.startswith("K24"):
        return ""
    rest = signs[3:].translate(_MISREAD)
    if len(rest) != 16 or set(rest) - set(ALPHABET):
        return ""
    return "K24-" + "-".join(rest[i : i + 4] for i in range(0, 16, 4))


def _amount(label: str, **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=14, decimal_places=2, **options)


class Order(models.Model):
    """One sale. Who bought stands in `OrderContact` and `DeliveryAddress`, apart from the books.

    `form_token` is the checkout page's own: the same page sent twice is the same order.

    At its end an order is not removed but unlinked: the books stay, and whose they were is forgotten. As long as an account
    has it among its orders, showing it there is what it is for.
    """

    keep_from = "placed_at"
    purpose_from = staticmethod(purpose_ended)
    needed_while = "account"
    forgets = ("subject", "account")

    class State(models.TextChoices):
        PENDING_PAYMENT = "pending_payment", _("waiting for payment")
        PAID = "paid", _("paid")
        CANCELLED = "cancelled", _("cancelled")

    class Fulfilment(models.TextChoices):
        WAITING = "waiting", _("not sent yet")
        PARTLY_SHIPPED = "partly_shipped", _("partly sent")
        SHIPPED = "shipped", _("sent")
        DELIVERED = "delivered", _("delivered")

    number = personal(models.CharField(_("number"), max_length=24, unique=True, default=new_number), **_PURCHASE)
    subject = models.ForeignKey(
        "privacy.Subject", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="orders", editable=False
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING_PAYMENT)
    fulfilment = models.CharField(_("delivery"), max_length=16, choices=Fulfilment, default=Fulfilment.WAITING)
    language = models.CharField(_("language"), max_length=12)
    currency = models.CharField(_("currency"), max_length=3)
    goods_total = _amount(_("goods"))
    shipping_total = _amount(_("shipping"))
    tax_total = _amount(_("tax"), default=0)
    discount_total = _amount(_("discount"), default=0)
    total = personal(_amount(_("total")), **_PURCHASE)
    # The shipping's own part of the discount and of the tax; the goods' parts stand on the lines.
    shipping_discount = _amount(_("discount on shipping"), default=0)
    shipping_tax = _amount(_("tax on shipping"), default=0)
    # As they stood that day, whatever staff change later: won for one unit of the currency, and each tax with its rate.
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=8, null=True, blank=True)
    taxes = models.JSONField(_("taxes"), default=list, blank=True)
    # Each reduction with the name that the buyer read and what it took off the goods and the parcel, as it stood that day.
    discounts = models.JSONField(_("reductions"), default=list, blank=True)
    form_token = models.UUIDField(unique=True, editable=False)
    placed_at = personal(models.DateTimeField(_("placed")), **_PURCHASE)
    # Until then the goods are held for whoever pays.
    expires_at = models.DateTimeField(_("held until"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("goods_total") + F("shipping_total") + F("tax_total") - F("discount_total")),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    goods_total__gte=0, shipping_total__gte=0, tax_total__gte=0, discount_total__gte=0, total__gte=0
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    shipping_discount__gte=0,
                    shipping_discount__lte=F("shipping_total"),
                    shipping_tax__gte=0,
                    shipping_tax__lte=F("tax_total"),
                    discount_total__gte=F("shipping_discount"),
                    discount_total__lte=F("goods_total") + F("shipping_discount"),
                ),
                name="order_parts_within_their_whole",
            ),
            models.CheckConstraint(
                condition=can_be_paid(
                    *("goods_total", "shipping_total", "tax_total", "discount_total"),
                    *("shipping_discount", "shipping_tax"),
                ),
                name="order_can_be_paid",
            ),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_at__isnull=False), name="order_paid_says_when"),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False), name="order_cancelled_says_when"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-placed_at"], name="order_desk"),
            models.Index(fields=["fulfilment", "paid_at"], condition=Q(state="paid"), name="order_to_send"),
            models.Index(fields=["account", "-placed_at"], name="order_of_account"),
            models.Index(fields=["expires_at"], condition=Q(state="pending_payment"), name="order_waiting"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:detail", args=[self.number])

    @staticmethod
    def still_needed(now: dt.datetime) -> Q:
        """Orders that wait for payment, parcel or refund: nobody takes the buyer's address from those, even if asked to."""
        sending = [Order.Fulfilment.WAITING, Order.Fulfilment.PARTLY_SHIPPED]
        travelling = Q(fulfilment=Order.Fulfilment.SHIPPED, parcels__handed_over_at__gt=now - PARCEL_ARRIVES_WITHIN)
        coming_back = Q(returns__isnull=False, returns__closed_at=None)
        return (
            Q(state=Order.State.PENDING_PAYMENT)
            | (Q(state=Order.State.PAID) & (Q(fulfilment__in=sending) | travelling))
            | coming_back
        )

    def money(self, amount: object) -> Money:
        """An amount of this order with its currency."""
        return Money(amount, self.currency)

    @property
    def reductions(self) -> list[dict[str, Any]]:
        """Each offer and coupon of the order, in the words that the buyer read, and what it took off."""
        return [
            {"name": row["name"], "money": self.money(Decimal(row["goods"]) + Decimal(row["shipping"]))}
            for row in self.discounts
        ]

    @property
    def total_money(self) -> Money:
        return self.money(self.total)

    @property
    def goods_money(self) -> Money:
        return self.money(self.goods_total)

    @property
    def shipping_money(self) -> Money:
        return self.money(self.shipping_total)

    @property
    def tax_money(self) -> Money:
        return self.money(self.tax_total)

    @property
    def discount_money(self) -> Money:
        return self.money(self.discount_total)


class OrderLine(models.Model):
    """Pieces of one variant as they were sold: name, options and price stay as the buyer saw them."""

    no_personal_data = "Goods as they were sold; whose order it is stands in Order."

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    # The variant may leave the catalogue; the sale stays.
    variant = models.ForeignKey(
        "catalogue.Variant", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("variant")
    )
    sku = models.CharField(_("SKU"), max_length=80)
    name = models.CharField(_("name"), max_length=250)
    options = models.CharField(_("options"), max_length=250, blank=True)
    unit_price = _amount(_("price"))
    quantity = models.PositiveIntegerField(_("quantity"))
    total = _amount(_("total"))
    # Rounded line by line. That the lines sum up to the order is a constraint of the database (`order_is_the_sum_of_lines`).
    discount = _amount(_("discount"), default=0)
    tax = _amount(_("tax"), default=0)
    # Pieces in a parcel that is not taken apart, and pieces that were asked to be given back.
    packed = models.PositiveIntegerField(_("packed"), default=0)
    returning = models.PositiveIntegerField(_("coming back"), default=0)

    class Meta:
        verbose_name = _("line of an order")
        verbose_name_plural = _("lines of orders")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sku"], name="order_names_a_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_above_zero"),
            models.CheckConstraint(
                condition=Q(packed__lte=F("quantity"), returning__lte=F("quantity")),
                name="order_line_sends_what_it_has",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, total=F("unit_price") * F("quantity")), name="order_line_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=F("total"), tax__gte=0), name="order_line_discount_within_it"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"

    @property
    def unit_money(self) -> Money:
        return Money(self.unit_price, self.order.currency)

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.order.currency)
