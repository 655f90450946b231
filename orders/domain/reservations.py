"""Goods of an order while it waits for its money: held, kept for good, or given back. Nothing here changes an order's state.

Each verb is called inside the transaction that locked the order and decides its state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from catalogue.domain import stock
from orders.domain import offers

if TYPE_CHECKING:
    from orders.models import Order

# How long somebody may take to pay; the provider's own page closes earlier.
PAYABLE_FOR = timedelta(minutes=60)
# The provider may take so long to tell that they paid. Then the goods are free, by the database's clock and no task.
NEWS_WITHIN = timedelta(minutes=10)


def reserve(order: Order, pieces: Mapping[int, int]) -> dict[int, int]:
    """Hold the goods of a new order; the answer is empty, or what is free of each variant that is short.

    When something is short, let the transaction roll back.
    """
    return stock.hold(pieces, key=order.form_token, held_for=PAYABLE_FOR + NEWS_WITHIN)


def release(order: Order) -> bool:
    """Give back what is held for an order that is given up unpaid, and its offers; says whether any goods were.

    What was sold stays sold. Offers come before the goods, as when an order is placed, so that nobody waits in a
    circle.
    """
    offers.give_back(order)
    return stock.release(order.form_token) > 0


def keep(order: Order) -> bool:
    """Let the goods belong to the order that is being paid; to be called once, with its state.

    False when the hold ran out and somebody else has the goods: nothing was taken then, and the money goes back.
    """
    with transaction.atomic():
        short = stock.sell(_pieces(order), key=order.form_token)
        if short:
            transaction.set_rollback(True)
    return not short


def prolong(order: Order) -> bool:
    """Hold the goods for another while, since money is on its way or put aside for staff. False as in `keep`.

    Only an order that waits for its money holds anything; for any other there is nothing to do.
    """
    if order.state != order.State.PENDING_PAYMENT:
        return True
    with transaction.atomic():
        short = stock.prolong(_pieces(order), key=order.form_token, held_for=PAYABLE_FOR)
        if short:
            transaction.set_rollback(True)
    return not short


def restock(order: Order, pieces: Mapping[int, int]) -> None:
    """Put goods of a paid order back on the shelf, for instance when they were sent back whole; once for each return."""
    of_order = _pieces(order)
    stock.put_back({variant: quantity for variant, quantity in pieces.items() if variant in of_order})


def _pieces(order: Order) -> dict[int, int]:
    """The order's goods that still are in the catalogue; a variant that left it has no stock to be moved."""
    return dict(order.lines.exclude(variant=None).order_by().values_list("variant_id", "quantity"))
