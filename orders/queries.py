"""Reads of orders in more than one place: a basket with its prices, the orders of a person, those with an offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from djmoney.money import Money

from catalogue import queries as catalogue
from orders.models import Offer, OfferUse, Order, OrderContact, Payment, PaymentInstrument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from catalogue.queries import Line
    from orders.domain.basket import Holder
    from privacy.models import Subject


@dataclass(frozen=True, slots=True)
class Wished:
    """One line of a basket beside what the catalogue says of it; `goods` is None when it is not sold any more."""

    variant_id: int
    quantity: int
    goods: Line | None

    @property
    def total(self) -> Money | None:
        return self.goods.price * self.quantity if self.goods and self.goods.price else None

    @property
    def problem(self) -> str:
        """Why this line cannot be bought as it stands, for the shopper; empty when it can."""
        if self.goods is None or self.goods.price is None:
            return _("This is not sold any more. Please remove it.")
        if self.goods.stock <= 0:
            return _("This has been sold out. Please remove it.")
        if self.goods.stock < self.quantity:
            return ngettext(
                "Only %(left)s is left. Please take fewer.",
                "Only %(left)s are left. Please take fewer.",
                self.goods.stock,
            ) % {"left": self.goods.stock}
        return ""


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """A basket as it is shown and as it is sold: the same sums in both places."""

    currency: str
    lines: list[Wished] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def goods_total(self) -> Money:
        return Money(sum((line.total.amount for line in self.lines if line.total), Decimal(0)), self.currency)

    @property
    def weight_g(self) -> int:
        return sum(line.goods.weight_g * line.quantity for line in self.lines if line.goods)

    @property
    def problems(self) -> dict[int, str]:
        """The lines that cannot be bought as they stand, by variant."""
        return {line.variant_id: line.problem for line in self.lines if line.problem}


def priced(quantities: Iterable[tuple[int, int]], *, language: str, currency: str) -> PricedBasket:
    """Put the catalogue's present word beside pairs of variant and quantity, in the order given."""
    pairs = list(quantities)
    if not pairs:
        return PricedBasket(currency)
    goods = {line.variant_id: line for line in catalogue.lines([v for v, _q in pairs], language, currency)}
    return PricedBasket(currency, [Wished(v, q, goods.get(v)) for v, q in pairs])


def basket_of(holder: Holder, *, language: str, currency: str) -> PricedBasket:
    """The basket of a holder with its prices."""
    pairs = holder.lines().order_by("added_at", "pk").values_list("variant_id", "quantity")
    return priced(pairs, language=language, currency=currency)


def orders_by_offer(most: int = 20) -> list[tuple[str, int]]:
    """The offers that were on orders, each by its code or name with how many it is on; what was given back is not counted."""
    uses = OfferUse.objects.filter(given_back_at=None).values("offer").annotate(n=Count("pk")).order_by("-n", "offer")
    counted = {row["offer"]: row["n"] for row in uses[:most]}
    names = {offer.pk: offer.code or offer.name(get_language()) for offer in Offer.objects.filter(pk__in=counted)}
    return [(names[pk], number) for pk, number in counted.items()]


def orders_of(account: User) -> QuerySet[Order]:
    """The orders of an account, the newest first."""
    return Order.objects.filter(account=account).order_by("-placed_at")


def contact_of(subject: Subject) -> OrderContact | None:
    """How a person hears of their last order; None for who has not bought anything, or of whose orders nothing is due any more."""
    return OrderContact.objects.filter(subject=subject).order_by("-order__placed_at").first()


def instrument_of(order: Order) -> PaymentInstrument | None:
    """What is kept of the card that paid an order."""
    return PaymentInstrument.objects.filter(payment__order=order, payment__state=Payment.State.PAID).first()
