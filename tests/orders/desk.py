"""What staff do at the order desk, as a test drives it: through the pages of the admin."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders.domain import parcels, returns
from orders.models import Order, OrderAction, Parcel, ReturnRequest
from tests.orders.fake_courier import scan


def act(staff: Client, model: str, action: str, *rows: Any, confirmed: bool = True, app: str = "orders") -> Any:
    """Choose rows on a list, choose an action, and say yes to what it shows."""
    sent = {"action": action, "_selected_action": [row.pk for row in rows]}
    address = reverse(f"admin:{app}_{model}_changelist")
    return staff.post(address, sent | ({"confirmed": "1"} if confirmed else {}))


def last_action() -> tuple[str, bool]:
    """What was written down last, and whether it says by whom."""
    row = OrderAction.objects.order_by("-pk").first()
    assert row is not None
    return row.kind, row.by is not None


def arrive(parcel: Parcel) -> Order:
    """A parcel that the courier delivered just now."""
    parcels.heard(scan(parcel.tracking_number, "delivered", at=timezone.now()), courier_name="fake")
    return parcel.order


def asked_back(order: Order, pieces: int = 1, *, reason: str = "damaged") -> ReturnRequest:
    """A return without words, of some pieces of the first line."""
    line = order.lines.order_by("pk").first()
    assert line is not None
    assert order.subject is not None
    return returns.ask(order.pk, {line.pk: pieces}, reason=reason, subject=order.subject)
