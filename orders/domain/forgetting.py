"""Whom the store erases, the courier and the payment provider are asked to forget too, by the names that they know."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orders.courier.registry import courier
from orders.payment.provider import Forgotten
from orders.payment.registry import provider
from privacy.errors import StillNeeded

# Several parcels, several answers: the one that says the most about what is left is told.
_WEIGHT = (Forgotten.KEPT_BY_LAW, Forgotten.FORGOTTEN, Forgotten.NOT_HELD)


def ask(to: str, known_as: Iterable[str]) -> str | None:
    """Ask one recipient to forget these parcels or payments, and say what it did; None where no machine can ask.

    That is so for other recipients, and for what was handed over without a name that could be asked by. All are asked before
    one that is still needed makes it wait (`StillNeeded`); asking again does no harm.
    """
    forget: Callable[[str], Forgotten]
    if to == "courier":
        forget = courier().forget
    elif to == "payment_provider":
        forget = provider().forget
    else:
        return None
    answers = {forget(name) for name in known_as}
    if not answers:
        return None
    if Forgotten.STILL_NEEDED in answers:
        raise StillNeeded(f"{to} has something under way for a person who was erased. It is asked again.")
    return next(answer.value for answer in _WEIGHT if answer in answers)
