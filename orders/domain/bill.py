"""What an order comes to: goods, offers, shipping, taxes, rounded line by line, so that the lines sum up to the total.

A bill is reckoned from prices and terms that were read before; it asks nothing and changes nothing. What the page shows and
what the order freezes are the same bill.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _
from djmoney.money import Money

from catalogue.amounts import divided, rounded
from catalogue.languages import current_language, in_language
from orders.domain import shipping
from orders.domain.coupons import CouponRefused, Why
from orders.domain.terms import OfferTerms, Rule, Terms
from orders.domain.weighing import FREE_SHIPPING, Cut, Piece, Taken, goods_for, is_for, weigh
from orders.models import TaxRule
from orders.queries import PricedBasket, Wished

ZERO = Decimal(0)
HUNDRED = Decimal(100)
# What a key begins with. Of equals the one without a code counts, so that the coupon is left for another time.
_BY_ITSELF, _BY_A_CODE = 0, 1


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line with its share of what is taken off and its own tax, as it will be frozen."""

    wished: Wished
    total: Decimal
    discount: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return self.total - self.discount


@dataclass(frozen=True, slots=True)
class Reduction:
    """One offer that counts: under which name, and what it takes off the goods and off the shipping."""

    cut: Cut
    names: Mapping[str, str]
    code: str
    goods: Money
    shipping: Money

    @property
    def name(self) -> str:
        """As the shopper reads it, in the language of the page."""
        if name := in_language(self.names, current_language()):
            return str(name)
        return _("Coupon %(code)s") % {"code": self.code} if self.code else _("Offer")

    @property
    def amount(self) -> Money:
        return self.goods + self.shipping

    @property
    def offer_id(self) -> int:
        return self.cut.key[1]

    def frozen(self) -> dict[str, str]:
        """As it is kept on the order, in the words that the buyer reads: texts, so that no amount is ever a float."""
        return {"name": self.name, "goods": str(self.goods.amount), "shipping": str(self.shipping.amount)}


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
    reductions: tuple[Reduction, ...] = ()
    # A code that is good, and left for another time since the rest takes more off without it.
    left_unused: str = ""
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

    @property
    def offer_ids(self) -> list[int]:
        """The offers that count in it."""
        return [reduction.offer_id for reduction in self.reductions]

    def asked_for(self, offer_id: int) -> bool:
        """Whether an offer counts because its code was typed."""
        return any(reduction.code for reduction in self.reductions if reduction.offer_id == offer_id)

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
    # In one order for every page, since what rounding leaves over goes to the first of equals.
    wished = sorted((line for line in goods.lines if line.total), key=lambda line: line.variant_id)
    cuts = open_cuts(wished, terms, coupon_asked_for=coupon_asked_for)
    # An order leaves something to pay: free shipping is left out first, then whatever needs no code.
    by_code = [cut for cut in cuts if cut.key[0] == _BY_A_CODE]
    without_shipping = [cut for cut in cuts if cut.kind != FREE_SHIPPING or cut in by_code]
    for tried in (cuts, without_shipping, by_code):
        bill = _reckon(wished, tried, parcel, terms)
        if bill.total.amount:
            return bill
    if by_code:
        raise CouponRefused(Why.NOTHING_LEFT)
    return bill


def _reckon(wished: Sequence[Wished], cuts: Sequence[Cut], parcel: shipping.Quote, terms: Terms) -> Bill:
    currency = terms.currency
    taken = weigh(cuts, pieces(wished), currency)
    lines = [
        BilledLine(line, line.total.amount, taken.lines[line.variant_id][1] if line.variant_id in taken.lines else ZERO)
        for line in wished
        if line.total
    ]
    shipping_discount = parcel.price.amount if taken.shipping else ZERO
    reductions = _in_words(taken, shipping_discount, terms)
    lines, shipping_tax, taxes = _with_taxes(lines, parcel.price.amount - shipping_discount, terms)
    used = {reduction.cut.key for reduction in reductions}
    return Bill(
        currency=currency,
        lines=tuple(lines),
        parcel=parcel,
        shipping_discount=shipping_discount,
        shipping_tax=shipping_tax,
        taxes=tuple(taxes),
        exchange_rate=terms.won.get(currency),
        reductions=tuple(reductions),
        left_unused=terms.typed if _is_unused(used, terms) else "",
        unknown_abroad=not terms.rules,
    )


def pieces(wished: Iterable[Wished]) -> list[Piece]:
    """Lines of a basket as they are weighed; what cannot be sold is no line."""
    return [
        Piece(line.variant_id, line.goods.price.amount, line.quantity, line.goods.shelves)
        for line in wished
        if line.goods and line.goods.price
    ]


def reduced(goods: PricedBasket, terms: Terms) -> list[Reduction]:
    """What offers without a code take off the goods of a basket, before anybody says where it goes."""
    cuts = [cut for cut in open_cuts(goods.lines, terms) if cut.kind != FREE_SHIPPING]
    taken = weigh(cuts, pieces(goods.lines), terms.currency)
    return _in_words(taken, ZERO, terms) if taken.off_goods < goods.goods_total.amount else []


def open_cuts(wished: Sequence[Wished], terms: Terms, *, coupon_asked_for: bool = False) -> list[Cut]:
    """Everything that may take something off; a code that may not is refused with its reason."""
    lines = pieces(wished)
    offers = [offer for offer in terms.offers if offer.open_to_you]
    cuts = [_cut_of(offer) for offer in offers]
    if coupon_asked_for:
        typed = next((offer for offer in terms.offers if offer.code), None)
        if typed is None:
            raise CouponRefused(Why.UNKNOWN)
        _refuse_code(typed, _cut_of(typed), lines, terms.currency)
    return cuts


def _cut_of(offer: OfferTerms) -> Cut:
    amount, pieces_free = offer.amount or ZERO, (offer.buy, offer.get)
    return Cut(_key_of(offer), offer.kind, offer.percent, amount, offer.minimum, *pieces_free, offer.category)


def _key_of(offer: OfferTerms) -> tuple[int, int]:
    return (_BY_A_CODE if offer.code else _BY_ITSELF, offer.id)


def _refuse_code(offer: OfferTerms, cut: Cut, lines: Sequence[Piece], currency: str) -> None:
    if offer.used_up:
        raise CouponRefused(Why.USED_UP)
    if offer.ordered_before:
        raise CouponRefused(Why.NOT_FIRST)
    if offer.used_by_you:
        raise CouponRefused(Why.USED_BY_YOU)
    if not offer.open_to_you:
        raise CouponRefused(Why.CURRENCY)
    if not any(is_for(cut, line) for line in lines):
        raise CouponRefused(Why.OTHER_GOODS)
    if goods_for(cut, lines) < cut.minimum:
        raise CouponRefused(Why.MINIMUM, Money(cut.minimum, currency))


def _in_words(taken: Taken, shipping_discount: Decimal, terms: Terms) -> list[Reduction]:
    """Each cut that counts, in the order of its key, with what it takes off."""
    by_cut = {cut.key: cut for cut, _off in taken.lines.values()}
    if taken.shipping is not None and shipping_discount:
        by_cut[taken.shipping.key] = taken.shipping
    offers = {_key_of(offer): offer for offer in terms.offers}
    return [
        Reduction(
            cut=cut,
            names=offers[key].names,
            code=offers[key].code,
            goods=Money(taken.off_by(cut), terms.currency),
            shipping=Money(shipping_discount if cut == taken.shipping else ZERO, terms.currency),
        )
        for key, cut in sorted(by_cut.items())
    ]


def _is_unused(used: set[tuple[int, int]], terms: Terms) -> bool:
    """Whether a code was typed that is good, but takes off less than what counts without it."""
    return any(offer.code and _key_of(offer) not in used for offer in terms.offers)


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
