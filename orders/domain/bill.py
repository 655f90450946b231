"""What an order comes to: goods, coupon, shipping and taxes, each rounded line by line, so that the lines sum up to the total.

A bill is reckoned from prices and terms that were read before; it asks nothing and changes nothing. What the page shows and
what the order freezes are the same bill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from djmoney.money import Money

from catalogue.amounts import divided, rounded
from orders.domain import shipping
from orders.domain.coupons import CouponRefused, Why
from orders.domain.terms import CouponTerms, Rule, Terms
from orders.models import Coupon, TaxRule
from orders.queries import PricedBasket, Wished

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line with its share of the coupon and its own tax, as it will be frozen."""

    wished: Wished
    total: Decimal
    discount: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return self.total - self.discount


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax of the country: on how much, how much, and whether it is in the price, added, or paid on arrival."""

    rule: Rule
    base: Money
    amount: Money

    @property
    def frozen(self) -> dict[str, str]:
        """As it is kept on the order: texts, so that no amount is ever a float."""
        return {
            "kind": self.rule.kind,
            "name": self.rule.name,
            "percent": self.rule.rate,
            "how": self.rule.how,
            "base": str(self.base.amount),
            "amount": str(self.amount.amount),
            "source": self.rule.source,
        }


@dataclass(frozen=True, slots=True)
class Bill:
    """The sums of an order in its currency."""

    currency: str
    lines: tuple[BilledLine, ...]
    parcel: shipping.Quote
    shipping_discount: Decimal
    shipping_tax: Decimal
    taxes: tuple[TaxLine, ...]
    exchange_rate: Decimal | None
    coupon: CouponTerms | None = None
    # Duties and taxes of the country could not be reckoned: nothing is known of it.
    unknown_abroad: bool = field(default=False)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)

    @property
    def goods_total(self) -> Money:
        return self._money(sum((line.total for line in self.lines), ZERO))

    @property
    def shipping_total(self) -> Money:
        return self.parcel.price

    @property
    def discount_total(self) -> Money:
        return self._money(sum((line.discount for line in self.lines), ZERO) + self.shipping_discount)

    @property
    def tax_total(self) -> Money:
        return self._money(sum((line.tax for line in self.lines), ZERO) + self.shipping_tax)

    @property
    def total(self) -> Money:
        """What is paid to the store."""
        return self.goods_total + self.shipping_total + self.tax_total - self.discount_total

    def taxes_paid(self, how: str) -> list[TaxLine]:
        return [tax for tax in self.taxes if tax.rule.how == how]

    @property
    def included(self) -> list[TaxLine]:
        return self.taxes_paid(TaxRule.How.INCLUDED)

    @property
    def added(self) -> list[TaxLine]:
        return self.taxes_paid(TaxRule.How.ADDED)

    @property
    def on_arrival(self) -> list[TaxLine]:
        return self.taxes_paid(TaxRule.How.ON_ARRIVAL)

    @property
    def landed_cost(self) -> Money:
        """What it may cost in all, with what is paid on arrival: an estimate, since the customs office decides."""
        return self.total + self._money(sum((tax.amount.amount for tax in self.on_arrival), ZERO))


def draw_up(goods: PricedBasket, terms: Terms, *, coupon_asked_for: bool = False) -> Bill:
    """Reckon what the goods come to. Raises `shipping.CannotShip` and `CouponRefused`; no line may be without a price."""
    parcel = shipping.quote(terms, goods.weight_g)
    if coupon_asked_for and terms.coupon is None:
        raise CouponRefused(Why.UNKNOWN)
    lines = [BilledLine(line, line.total.amount) for line in goods.lines if line.total]
    lines, shipping_discount = _with_discount(lines, parcel.price.amount, terms)
    lines, shipping_tax, taxes = _with_taxes(lines, parcel.price.amount - shipping_discount, terms)
    bill = Bill(
        currency=goods.currency,
        lines=tuple(lines),
        parcel=parcel,
        shipping_discount=shipping_discount,
        shipping_tax=shipping_tax,
        taxes=tuple(taxes),
        exchange_rate=terms.won.get(goods.currency),
        coupon=terms.coupon,
        unknown_abroad=not terms.rules,
    )
    if terms.coupon is not None and not bill.total.amount:
        raise CouponRefused(Why.NOTHING_LEFT)
    return bill


def _with_discount(lines: list[BilledLine], shipping_price: Decimal, terms: Terms) -> tuple[list[BilledLine], Decimal]:
    """The lines with what the coupon takes off each, and what it takes off the shipping."""
    coupon, currency = terms.coupon, terms.currency
    if coupon is None:
        return lines, ZERO
    goods = sum((line.total for line in lines), ZERO)
    if coupon.used_up:
        raise CouponRefused(Why.USED_UP)
    if goods < coupon.minimum:
        raise CouponRefused(Why.MINIMUM, Money(coupon.minimum, currency))
    match coupon.kind:
        case Coupon.Kind.FREE_SHIPPING:
            return lines, shipping_price
        case Coupon.Kind.AMOUNT:
            if not coupon.amount:
                raise CouponRefused(Why.CURRENCY)
            taken = divided(min(coupon.amount, goods), [line.total for line in lines], currency)
        case _:
            taken = [rounded(line.total * coupon.percent / HUNDRED, currency) for line in lines]
    return [BilledLine(line.wished, line.total, off) for line, off in zip(lines, taken, strict=True)], ZERO


def _with_taxes(
    lines: list[BilledLine], shipping_net: Decimal, terms: Terms
) -> tuple[list[BilledLine], Decimal, list[TaxLine]]:
    """The lines with the tax that is added to each, the shipping's own, and every tax of the country in one line."""
    currency = terms.currency
    value = sum((line.net for line in lines), ZERO)
    rules = [rule for rule in terms.rules if not _is_free(rule, value, terms)]
    duties: list[Decimal] = [ZERO] * len(lines)
    added: list[Decimal] = [ZERO] * len(lines)
    shipping_tax, found = ZERO, []
    # The shipping belongs to the lines as they are worth; to all alike where a coupon made them worth nothing.
    weights = [line.net for line in lines] if value else [Decimal(1)] * len(lines)
    # Duty comes first: what is paid for it is taxed too, where it is not in the price already.
    for kind in (TaxRule.Kind.DUTY, TaxRule.Kind.TAX):
        for rule in [r for r in rules if r.kind == kind]:
            shares = divided(shipping_net if rule.on_shipping else ZERO, weights, currency)
            base, amount = ZERO, ZERO
            for index, line in enumerate(lines):
                if rule is not _rule_for(line, rules, kind):
                    continue
                on_goods = line.net + (duties[index] if kind == TaxRule.Kind.TAX else ZERO)
                of_goods = _tax(rule, on_goods, currency)
                of_shipping = _tax(rule, shares[index], currency)
                base, amount = base + on_goods + shares[index], amount + of_goods + of_shipping
                if kind == TaxRule.Kind.DUTY and rule.how != TaxRule.How.INCLUDED:
                    duties[index] += of_goods + of_shipping
                if rule.how == TaxRule.How.ADDED:
                    added[index] += of_goods
                    shipping_tax += of_shipping
            if amount:
                found.append(TaxLine(rule, Money(base, currency), Money(amount, currency)))
    billed = [BilledLine(line.wished, line.total, line.discount, tax) for line, tax in zip(lines, added, strict=True)]
    return billed, shipping_tax, found


def _rule_for(line: BilledLine, rules: Sequence[Rule], kind: str) -> Rule | None:
    """The rule with the longest beginning of the line's HS code; the general one where none fits."""
    code = "".join(sign for sign in (line.wished.goods.hs_code if line.wished.goods else "") if sign.isdecimal())
    fitting = [rule for rule in rules if rule.kind == kind and code.startswith(rule.hs_prefix)]
    return max(fitting, key=lambda rule: len(rule.hs_prefix), default=None)


def _tax(rule: Rule, amount: Decimal, currency: str) -> Decimal:
    """The tax on an amount, or the tax that is in it."""
    if rule.how == TaxRule.How.INCLUDED:
        return rounded(amount * rule.percent / (HUNDRED + rule.percent), currency)
    return rounded(amount * rule.percent / HUNDRED, currency)


def _is_free(rule: Rule, value: Decimal, terms: Terms) -> bool:
    """Whether goods of this value need not pay; where no rate is known, they are taken to pay."""
    if rule.free_up_to is None:
        return False
    there = terms.in_currency(value, rule.free_currency)
    return there is not None and there <= rule.free_up_to
