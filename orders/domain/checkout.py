"""Placing an order: everything that makes a sale stands in one transaction, or nothing of it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from djmoney.money import Money

from orders import queries
from orders.domain import coupons, offers, reservations, terms
from orders.domain.basket import Holder
from orders.domain.bill import Bill, BilledLine, draw_up
from orders.domain.once import Once, SentBefore, recall, remember
from orders.domain.payment import provider_name
from orders.models import BasketLine, DeliveryAddress, Order, OrderContact, OrderLine, Payment
from orders.queries import PricedBasket, Wished
from privacy.crashpoints import crashpoint

if TYPE_CHECKING:
    from privacy.models import Collection, Subject


class CannotPlace(Exception):
    """The order was not placed, and nothing of it was kept."""


class BasketEmpty(CannotPlace):
    """There is nothing to buy."""


class LinesRefused(CannotPlace):
    """Some goods cannot be sold as wished; `problems` says why for each variant."""

    def __init__(self, problems: Mapping[int, str]) -> None:
        super().__init__("Some goods cannot be sold as wished.")
        self.problems = dict(problems)


class TotalChanged(CannotPlace):
    """The sum is another one than the shopper was shown."""

    def __init__(self, total: Money) -> None:
        super().__init__("The total has changed.")
        self.total = total


class AlreadyPlaced(CannotPlace):
    """The same page was sent before; `order` is what came of it."""

    def __init__(self, order: Order) -> None:
        super().__init__("This order was placed already.")
        self.order = order


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shopper sends from the checkout page. Values about the person stay out of its repr."""

    form_token: UUID
    once: Once
    language: str
    currency: str
    seen_total: Decimal | None
    coupon: str
    contact: Mapping[str, str] = field(repr=False)
    address: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Placed:
    """A new order, and the payment that it waits for."""

    order: Order
    payment: Payment


def place_once(wish: Wish, *, door: Callable[[], AbstractContextManager[Collection]], holder: Holder) -> Placed:
    """Open the door and place the order; the same wish again is `AlreadyPlaced`, however fast it comes.

    `AnotherBody` when the wish's key was used for something else.
    """
    try:
        with door() as collection:
            return place_order(wish, subject=collection.subject, holder=holder)
    except (IntegrityError, SentBefore):
        # Two at once, of which the other was first; any other breach is a fault of ours and is not hidden.
        order = _placed_before(wish)
        if order is None:
            raise
        raise AlreadyPlaced(order) from None


def place_order(wish: Wish, *, subject: Subject, holder: Holder) -> Placed:
    """Sell what is in the basket. To be called inside `collecting()`, whose transaction it shares.

    Prices are read here, not taken from the page. The goods are held by conditional updates in one order for everybody,
    so two buyers of the last piece cannot both have it and cannot wait for each other in a circle; that comes last, so
    that others who want the same goods wait for the commit alone. Every refusal is a `CannotPlace`, which the caller lets
    fall through the door so that nothing is kept.
    """
    # Locks the lines, so a second click waits here, and then finds the basket empty and the order made. The clock is the
    # database's, which says for everybody when the time to pay is over.
    lines = holder.lines().select_for_update(of=("self",)).annotate(asked_at=Now())
    held = list(lines.order_by("variant_id"))
    if not held:
        if order := _placed_before(wish):
            raise AlreadyPlaced(order)
        raise BasketEmpty
    goods = queries.priced(
        [(line.variant_id, line.quantity) for line in held], language=wish.language, currency=wish.currency
    )
    if goods.problems:
        raise LinesRefused(goods.problems)
    applying = terms.read(
        wish.address["country"], wish.currency, wish.coupon, account=holder.account, email=wish.contact["email"]
    )
    bill = draw_up(goods, applying, coupon_asked_for=bool(wish.coupon))
    if wish.seen_total is not None and wish.seen_total != bill.total.amount:
        raise TotalChanged(bill.total)
    placed = _write(wish, subject, holder, bill, held[0].asked_at)
    order = placed.order
    BasketLine.objects.filter(pk__in=[line.pk for line in held]).delete()
    if bill.offer_ids:
        _redeem(bill, order, wish, holder)
    short = reservations.reserve(order, {line.variant_id: line.quantity for line in held})
    if short:
        raise LinesRefused(_shortages(goods, short))
    crashpoint("before_order_is_committed")
    return placed


def _redeem(bill: Bill, order: Order, wish: Wish, holder: Holder) -> None:
    mailbox, account = coupons.person_of(wish.contact["email"]), offers.account_as_person(holder.account)
    try:
        offers.redeem(bill.offer_ids, order, mailbox=mailbox, account=account)
    except offers.OfferGone as gone:
        if not bill.asked_for(gone.offer_id):
            raise
        # Who typed a code is told of the code.
        raise coupons.CouponRefused(coupons.Why.USED_BY_YOU if gone.by_you else coupons.Why.USED_UP) from None


def _placed_before(wish: Wish) -> Order | None:
    """The order that came of the same wish before. Raises `AnotherBody` when its key was used for something else."""
    kept = recall(wish.once)
    if kept is not None and kept.order is not None:
        return kept.order
    # The page's token outlives the kept answer: what is on the books is never ordered twice.
    return Order.objects.filter(form_token=wish.form_token).first()


def _shortages(goods: PricedBasket, short: Mapping[int, int]) -> dict[int, str]:
    """The sentence for each variant of which less is left than a moment ago."""
    return {
        line.variant_id: Wished(line.variant_id, line.quantity, line.goods.with_stock(short[line.variant_id])).problem
        for line in goods.lines
        if line.goods and line.variant_id in short
    }


def _write(wish: Wish, subject: Subject, holder: Holder, bill: Bill, now: datetime) -> Placed:
    with transaction.atomic(savepoint=False):
        order = Order.objects.create(
            subject=subject,
            account=holder.account,
            language=wish.language,
            currency=wish.currency,
            goods_total=bill.goods_total.amount,
            shipping_total=bill.shipping_total.amount,
            tax_total=bill.tax_total.amount,
            discount_total=bill.discount_total.amount,
            total=bill.total.amount,
            shipping_discount=bill.shipping_discount,
            shipping_tax=bill.shipping_tax,
            exchange_rate=bill.exchange_rate,
            taxes=[tax.frozen for tax in bill.taxes],
            discounts=[reduction.frozen() for reduction in bill.reductions],
            form_token=wish.form_token,
            placed_at=now,
            expires_at=now + reservations.PAYABLE_FOR,
        )
        remember(wish.once, order)
        OrderLine.objects.bulk_create(_frozen(order, line) for line in bill.lines)
        OrderContact.objects.create(order=order, subject=subject, **wish.contact)
        DeliveryAddress.objects.create(order=order, subject=subject, **wish.address)
        payment = Payment.objects.create(
            order=order, provider=provider_name(), amount=order.total, currency=order.currency
        )
    return Placed(order, payment)


def _frozen(order: Order, line: BilledLine) -> OrderLine:
    """A line as it is sold: what the catalogue says of it now stays as it is."""
    wished, goods = line.wished, line.wished.goods
    if goods is None or goods.price is None:
        raise LinesRefused({wished.variant_id: wished.problem})
    return OrderLine(
        order=order,
        variant_id=wished.variant_id,
        sku=goods.sku,
        name=goods.name,
        options=goods.options[:250],
        unit_price=goods.price.amount,
        quantity=wished.quantity,
        total=line.total,
        discount=line.discount,
        tax=line.tax,
    )
