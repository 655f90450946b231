"""What may follow what after a sale, as data: the functions move by it, and the drawing in the docs is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from orders.models import Order, Parcel, ReturnRequest

START = "[*]"


@dataclass(frozen=True)
class Machine:
    """The states of one kind of row; `ways` names for each state those that may follow it."""

    name: str
    model: type[models.Model]
    field: str
    ways: Mapping[str, frozenset[str]]

    def allows(self, now: str, then: str) -> bool:
        """Whether `then` may follow `now`."""
        return then in self.ways.get(now, frozenset())

    def before(self, then: str) -> list[str]:
        """The states that `then` may follow."""
        return sorted(now for now, following in self.ways.items() if then in following)

    def move(self, pk: Any, to: str, **also: Any) -> bool:
        """Move one row, if it stands where that may follow; one statement, so of two who try one does it."""
        rows = self.model._default_manager.filter(pk=pk, **{f"{self.field}__in": self.before(to)})
        return rows.update(**{self.field: to}, **also) == 1

    def drawing(self) -> str:
        """The machine as a Mermaid state diagram."""
        lines = ["```mermaid", "stateDiagram-v2"]
        for now, following in self.ways.items():
            lines += [f"    {now} --> {then}" for then in sorted(following)]
        return "\n".join([*lines, "```"])


def _ways(**following: tuple[str, ...]) -> Mapping[str, frozenset[str]]:
    return {now: frozenset(str(then) for then in states) for now, states in following.items()}


_O, _F, _P, _R = Order.State, Order.Fulfilment, Parcel.State, ReturnRequest.State

ORDER = Machine(
    "order",
    Order,
    "state",
    _ways(pending_payment=(_O.PAID, _O.CANCELLED), paid=(_O.CANCELLED,), cancelled=()),
)
FULFILMENT = Machine(
    "fulfilment",
    Order,
    "fulfilment",
    _ways(
        waiting=(_F.PARTLY_SHIPPED, _F.SHIPPED),
        partly_shipped=(_F.SHIPPED, _F.WAITING),
        shipped=(_F.DELIVERED, _F.PARTLY_SHIPPED, _F.WAITING),
        delivered=(_F.PARTLY_SHIPPED, _F.SHIPPED, _F.WAITING),
    ),
)
PARCEL = Machine(
    "parcel",
    Parcel,
    "state",
    _ways(
        packed=(_P.REGISTERED, _P.UNPACKED),
        # A courier's messages come in any order: what was skipped is no reason to stand still.
        registered=(_P.HANDED_OVER, _P.DELIVERED, _P.RETURNED, _P.UNPACKED),
        handed_over=(_P.DELIVERED, _P.RETURNED),
        delivered=(),
        returned=(),
        unpacked=(),
    ),
)
RETURN = Machine(
    "return",
    ReturnRequest,
    "state",
    _ways(
        asked=(_R.AGREED, _R.DECLINED),
        agreed=(_R.RECEIVED, _R.DECLINED),
        received=(_R.REFUNDED,),
        refunded=(),
        declined=(),
    ),
)
MACHINES = (ORDER, FULFILMENT, PARCEL, RETURN)
