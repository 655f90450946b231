"""A payment as the store knows it, what the provider said of it, and the little that is kept of the card."""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from orders.models.order import Order
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

_FOR_PAYMENT = {"purposes": [Purpose.PAYMENT], "keep": Keep.PAYMENT}


class Payment(models.Model):
    """One attempt to be paid for an order. It is believed only when the provider says the same amount and number.

    `key` goes with the request to the provider, so that asking twice opens one payment there. Money that was taken and
    buys nothing (the order was paid already, or is cancelled) is `RETURNED` by the store itself.
    """

    no_personal_data = "An amount and the provider's random key; the card's summary stands in PaymentInstrument."

    class State(models.TextChoices):
        OPEN = "open", _("open")
        AUTHORISED = "authorised", _("held by the bank")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        PARKED = "parked", _("put aside for staff")
        RETURNED = "returned", _("given back")

    # The provider is still to be asked about these.
    UNSETTLED = (State.OPEN, State.AUTHORISED)
    # Money stands behind these, or may; what the provider says later does not undo them by itself.
    SETTLED = (State.PAID, State.PARKED, State.RETURNED)

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", verbose_name=_("order"))
    provider = models.CharField(_("provider"), max_length=40)
    # Empty until the provider has answered.
    intent_id = models.CharField(_("payment at the provider"), max_length=120, blank=True)
    pay_url = models.URLField(max_length=500, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    captured = models.DecimalField(_("taken"), max_digits=14, decimal_places=2, default=0)
    # Given back, on its way back, or waiting for the second pair of eyes.
    refund_total = models.DecimalField(_("given back"), max_digits=14, decimal_places=2, default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    parked_because = models.CharField(_("put aside because"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("opened"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    # When the store asks of its own accord, in case the provider's message was lost; the pauses grow with `asked`.
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["intent_id"], condition=~Q(intent_id=""), name="one_payment_per_intent"),
            models.UniqueConstraint(fields=["order"], condition=Q(state="open"), name="one_open_payment_per_order"),
            models.UniqueConstraint(fields=["order"], condition=Q(state="paid"), name="an_order_is_paid_once"),
            models.CheckConstraint(
                condition=Q(captured__gte=0, captured__lte=F("amount")), name="payment_takes_no_more_than_agreed"
            ),
            models.CheckConstraint(
                condition=Q(refund_total__gte=0, refund_total__lte=F("captured")), name="payment_returns_what_was_taken"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "returned"]) | Q(captured__gt=0), name="payment_paid_took_money"
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at"], condition=Q(state__in=["open", "authorised"]), name="payment_to_ask_about")
        ]

    def __str__(self) -> str:
        return f"payment {self.pk}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def returnable(self) -> Decimal:
        """What was taken and is not on its way back."""
        return self.captured - self.refund_total


class PaymentInstrument(PersonalRecord):
    """All that is kept of a card: told by the provider, never typed here."""

    not_corrected = "It is what the provider told; the owner of the card corrects it there."
    keep_from = "payment__settled_at"

    payment = models.OneToOneField(
        Payment, models.CASCADE, related_name="instrument", editable=False, verbose_name=_("payment")
    )
    token = personal(models.CharField(_("token"), max_length=120), Category.PAYMENT, **_FOR_PAYMENT)
    brand = personal(models.CharField(_("brand"), max_length=40), Category.CARD_BRAND, **_FOR_PAYMENT)
    last4 = personal(models.CharField(_("last four digits"), max_length=4), Category.CARD_LAST4, **_FOR_PAYMENT)
    expiry = personal(models.CharField(_("expiry"), max_length=7), Category.CARD_EXPIRY, **_FOR_PAYMENT)
    cardholder = personal(models.CharField(_("cardholder"), max_length=120), Category.CARD_HOLDER, **_FOR_PAYMENT)
    billing_country = personal(
        models.CharField(_("country"), max_length=2, blank=True), Category.COUNTRY, **_FOR_PAYMENT
    )
    billing_postal_code = personal(
        models.CharField(_("postal code"), max_length=16, blank=True), Category.POSTAL_CODE, **_FOR_PAYMENT
    )
    billing_street = personal(
        models.CharField(_("street address"), max_length=300, blank=True), Category.STREET, **_FOR_PAYMENT
    )

    class Meta:
        verbose_name = _("means of payment")
        verbose_name_plural = _("means of payment")


class PaymentEvent(models.Model):
    """One signed message of the provider's that was acted upon: evidence, so rows are only ever added."""

    no_personal_data = "The provider's key of an event and its kind."
    insert_only = True

    event_id = models.CharField(_("event"), max_length=120, unique=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="events", verbose_name=_("payment"))
    kind = models.CharField(_("kind"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=20)
    happened_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("message of the provider")
        verbose_name_plural = _("messages of the provider")
        ordering = ["received_at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
