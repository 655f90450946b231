"""Using offers: counted in the order's transaction by one statement, whose limits hold however many people order at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from orders.models import OfferTally

if TYPE_CHECKING:
    from accounts.models import User
    from orders.models import Order

# Who used what is forgotten so long after the offer's end.
TALLIES_KEPT_AFTER_END = timedelta(days=30)


class OfferGone(Exception):
    """An offer that was in the total has been used up, or ended, a moment ago; nothing was ordered.

    `by_you` says that it is this person who may not use it again.
    """

    def __init__(self, offer_id: int, *, by_you: bool = False) -> None:
        super().__init__("An offer has just been used up.")
        self.offer_id, self.by_you = offer_id, by_you


def account_as_person(account: User | None) -> bytes | None:
    """Who somebody is to an offer for first orders: a keyed hash of the account's number; None for a guest."""
    if account is None:
        return None
    return salted_hmac("orders.offers.account", str(account.pk), algorithm="sha256").digest()


def redeem(offer_ids: Iterable[int], order: Order, *, mailbox: bytes, account: bytes | None) -> None:
    """Count one use of each offer for this order, or refuse (`OfferGone`). One statement, before the goods are held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gone, by_person FROM orders_redeem_offers(%s, %s, %s, %s)",
            [sorted(offer_ids), order.pk, mailbox, account or mailbox],
        )
        refused = cursor.fetchone()
    if refused is not None:
        raise OfferGone(refused[0], by_you=refused[1])


def give_back(order: Order) -> bool:
    """Let the offers of an order that is given up be used again; says whether there was one. Twice is once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT orders_give_back_offers(%s)", [order.pk])
        return cursor.fetchone()[0] > 0


def forget_ended() -> int:
    """Remove who used which offer, some time after its end; says how many were removed."""
    return OfferTally.objects.filter(offer__ends_at__lte=Now() - TALLIES_KEPT_AFTER_END).delete()[0]
