"""What waits for the staff, as numbers with a way to each; everybody sees what their role lets them open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue.admin import LOW
from catalogue.models import Review, Variant
from orders.desk_due import TO_PACK, due
from orders.models import OddPayment, Order, Payment, Refund, ReturnRequest
from privacy.models import Effect, Erasure, RightsRequest

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Card:
    """One number that waits."""

    label: str
    number: int
    url: str
    urgent: bool = False


def cards_for(user: User) -> list[Card]:
    """The cards of one member of staff."""
    wanted: list[tuple[str, Any]] = [
        ("privacy.view_rightsrequest", _requests),
        ("orders.view_order", _orders),
        ("orders.view_payment", _parked_payments),
        ("orders.view_oddpayment", _odd_payments),
        ("orders.view_refund", _refunds),
        ("orders.view_returnrequest", _returns),
        ("catalogue.view_variant", _stock),
        ("catalogue.view_review", _reviews),
        ("privacy.view_effect", _stuck),
        ("privacy.view_erasure", _left_over),
    ]
    return [card for permission, cards in wanted if user.has_perm(permission) for card in cards()]


def _left_over() -> list[Card]:
    """An alarm, and shown only as one: after an erasure nothing is left."""
    left, address = Erasure.objects.filter(left_over__gt=0).count(), _list("privacy_erasure", "?left=some")
    return [Card(_("erased people of whom something is left"), left, address, urgent=True)] if left else []


def _list(name: str, query: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + query


def _requests() -> list[Card]:
    open_ones = RightsRequest.objects.filter(closed_at__isnull=True)
    now = timezone.now()
    overdue = open_ones.filter(expected_by__lt=now).count()
    soon = open_ones.filter(expected_by__gte=now, expected_by__lt=now + dt.timedelta(days=3)).count()
    address = _list("privacy_rightsrequest")
    return [
        Card(_("privacy requests open"), open_ones.count(), address),
        Card(_("privacy requests due within three days"), soon, f"{address}?queue=soon", urgent=soon > 0),
        Card(_("privacy requests overdue"), overdue, f"{address}?queue=overdue", urgent=overdue > 0),
    ]


def _orders() -> list[Card]:
    waiting = due(Order.objects.all(), TO_PACK).count()
    return [Card(_("orders to be packed"), waiting, _list("orders_order", f"?due={TO_PACK}"))]


def _returns() -> list[Card]:
    asked = ReturnRequest.objects.filter(state=ReturnRequest.State.ASKED).count()
    return [Card(_("returns to be answered"), asked, _list("orders_returnrequest", "?state__exact=asked"))]


def _parked_payments() -> list[Card]:
    parked = Payment.objects.filter(state=Payment.State.PARKED).count()
    address = _list("orders_payment", f"?state__exact={Payment.State.PARKED}")
    return [Card(_("payments to look at"), parked, address, urgent=parked > 0)]


def _odd_payments() -> list[Card]:
    odd = OddPayment.objects.filter(settled_at__isnull=True).count()
    address = _list("orders_oddpayment", "?settled_at__isempty=1")
    return [Card(_("odd payments to settle"), odd, address, urgent=odd > 0)]


def _refunds() -> list[Card]:
    waiting = Refund.objects.filter(state=Refund.State.PROPOSED).count()
    address = _list("orders_refund", f"?state__exact={Refund.State.PROPOSED}")
    return [Card(_("refunds that need a second person"), waiting, address)]


def _stock() -> list[Card]:
    low = Variant.objects.filter(active=True, stock__lte=LOW).count()
    return [Card(_("variants running out"), low, _list("catalogue_variant", "?level=low"))]


def _reviews() -> list[Card]:
    hidden = Review.objects.filter(shown_at__isnull=True).count()
    return [Card(_("reviews to look at"), hidden, _list("catalogue_review", "?shown_at__isempty=1"))]


def _stuck() -> list[Card]:
    stuck = Effect.objects.filter(parked_at__isnull=False, done_at__isnull=True).count()
    return [Card(_("outbox rows stuck"), stuck, _list("privacy_effect", "?parked_at__isempty=0"), urgent=stuck > 0)]
