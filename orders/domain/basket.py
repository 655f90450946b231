"""Putting goods into a basket and taking them out; quantities never go above what is in stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalogue.domain import stock
from catalogue.models import Product, Variant
from orders.models import Basket, BasketLine

if TYPE_CHECKING:
    from accounts.models import User

MOST_PIECES = 99  # of one variant
MOST_LINES = 50
# The policy's word on baskets of guests (retention `basket`).
GUEST_BASKET_KEPT = timedelta(days=30)


class NotForSale(Exception):
    """The variant is unknown, was withdrawn, or has been sold out."""


class BasketFull(Exception):
    """There is no room for another kind of goods."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change came to: `quantity` of the variant, `count` of all pieces; `capped` when more were wished for."""

    basket: Basket
    variant_id: int
    quantity: int
    count: int
    capped: bool = False

    @property
    def holder(self) -> Holder:
        """Whose basket it is now: a guest's first one was made by the change itself."""
        return Holder(account=self.basket.account, key=self.basket.key)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose basket is meant: an account's, or that of the guest who holds a key."""

    account: User | None = None
    key: str = ""

    def baskets(self) -> QuerySet[Basket]:
        """The basket of this holder. A key never opens the basket of an account."""
        if self.account is not None:
            return Basket.objects.filter(account=self.account)
        return Basket.objects.filter(key=self.key, account__isnull=True) if self.key else Basket.objects.none()

    def lines(self) -> QuerySet[BasketLine]:
        if self.account is not None:
            return BasketLine.objects.filter(basket__account=self.account)
        if not self.key:
            return BasketLine.objects.none()
        return BasketLine.objects.filter(basket__key=self.key, basket__account__isnull=True)


def add(holder: Holder, variant_id: int, quantity: int) -> Change:
    """Put pieces in; a basket is made when there is none. What is in it already counts towards the stock."""
    with transaction.atomic():
        basket, lines = _locked(holder)
        return _put(basket, lines, variant_id, lines.get(variant_id, 0) + quantity)


def set_quantity(holder: Holder, variant_id: int, quantity: int) -> Change:
    """Have exactly so many pieces, or as many as there are. Zero takes the line out."""
    if quantity <= 0:
        return remove(holder, variant_id)
    with transaction.atomic():
        basket, lines = _locked(holder)
        return _put(basket, lines, variant_id, quantity)


def remove(holder: Holder, variant_id: int) -> Change:
    """Take a line out; one that is not there is gone already."""
    with transaction.atomic():
        basket, lines = _locked(holder)
        BasketLine.objects.filter(basket=basket, variant_id=variant_id).delete()
        lines.pop(variant_id, None)
        return Change(basket, variant_id, 0, sum(lines.values()))


def merge(guest_key: str, account: User) -> None:
    """Give a guest's basket to the account that signed in.

    The rule: quantities of the same variant add up, and stop at what is in stock and at the most that a line may hold.
    Nothing that was in either basket is lost for another reason. The guest's basket is gone afterwards.
    """
    with transaction.atomic():
        guest = Basket.objects.select_for_update().filter(key=guest_key, account__isnull=True).first()
        if guest is None:
            return
        brought = dict(guest.lines.values_list("variant_id", "quantity"))
        basket, lines = _locked(Holder(account=account))
        free = dict(Variant.objects.filter(pk__in=brought).values_list("pk", stock.free()))
        wanted = {
            variant_id: max(
                lines.get(variant_id, 0),
                min(lines.get(variant_id, 0) + quantity, free.get(variant_id, 0), MOST_PIECES),
            )
            for variant_id, quantity in brought.items()
        }
        BasketLine.objects.bulk_create(
            [BasketLine(basket=basket, variant_id=v, quantity=q) for v, q in sorted(wanted.items()) if q > 0],
            update_conflicts=True,
            unique_fields=["basket", "variant"],
            update_fields=["quantity"],
        )
        guest.delete()


def forget_old() -> int:
    """Remove the baskets of guests who have not touched them for 30 days; says how many."""
    before = timezone.now() - GUEST_BASKET_KEPT
    _rows, by_model = Basket.objects.filter(account__isnull=True, updated_at__lt=before).delete()
    return by_model.get("orders.Basket", 0)


def _locked(holder: Holder) -> tuple[Basket, dict[int, int]]:
    """The holder's basket, locked so that two tabs cannot both count on the same lines, and its quantities."""
    basket = holder.baskets().select_for_update().first()
    if basket is not None:
        return basket, dict(BasketLine.objects.filter(basket=basket).values_list("variant_id", "quantity"))
    if holder.account is None:
        return Basket.objects.create(), {}
    basket, made = Basket.objects.get_or_create(account=holder.account)
    # Another tab may have made it a moment ago.
    return basket, {} if made else dict(basket.lines.values_list("variant_id", "quantity"))


def _put(basket: Basket, lines: dict[int, int], variant_id: int, wished: int) -> Change:
    on_sale = Variant.objects.filter(pk=variant_id, active=True, product__status=Product.Status.ACTIVE)
    free = on_sale.values_list(stock.free(), flat=True).first()
    if not free:
        raise NotForSale
    if variant_id not in lines and len(lines) >= MOST_LINES:
        raise BasketFull
    quantity = min(wished, free, MOST_PIECES)
    if variant_id in lines:
        BasketLine.objects.filter(basket=basket, variant_id=variant_id).update(quantity=quantity)
    else:
        BasketLine.objects.create(basket=basket, variant_id=variant_id, quantity=quantity)
    basket.save(update_fields=["updated_at"])
    lines = lines | {variant_id: quantity}
    return Change(basket, variant_id, quantity, sum(lines.values()), capped=quantity < wished)
