"""Orders by what is due: which wait for a box, which for the courier, and which for an answer about a return."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderLine, Parcel, ReturnRequest

TO_PACK, TO_HAND_OVER, TO_ANSWER = "pack", "hand_over", "answer"


class DueFilter(admin.SimpleListFilter):
    """One queue of the desk; an order may wait in more than one."""

    title = _("what is due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (TO_PACK, _("to be packed")),
            (TO_HAND_OVER, _("packed, waits for the courier")),
            (TO_ANSWER, _("a return to be answered")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return due(queryset, self.value() or "")


def in_a_queue(request: HttpRequest) -> bool:
    """Whether somebody looks at one queue, and not at all orders."""
    return request.GET.get(DueFilter.parameter_name) in (TO_PACK, TO_HAND_OVER, TO_ANSWER)


def due(orders: QuerySet[Order], queue: str) -> QuerySet[Order]:
    """Those of the orders that wait in one queue; all of them without one."""
    if queue == TO_PACK:
        left = OrderLine.objects.filter(order=OuterRef("pk"), packed__lt=F("quantity"))
        on_the_way = [Order.Fulfilment.WAITING, Order.Fulfilment.PARTLY_SHIPPED]
        return orders.filter(Exists(left), state=Order.State.PAID, fulfilment__in=on_the_way)
    if queue == TO_HAND_OVER:
        waits = Parcel.objects.filter(order=OuterRef("pk"), state__in=[Parcel.State.PACKED, Parcel.State.REGISTERED])
        return orders.filter(Exists(waits))
    if queue == TO_ANSWER:
        asked = ReturnRequest.objects.filter(order=OuterRef("pk"), state=ReturnRequest.State.ASKED)
        return orders.filter(Exists(asked))
    return orders
