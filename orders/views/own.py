"""Whose basket and whose order a request may see: the account's own, or what this very browser placed or looked up."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from orders import cookie
from orders.domain.basket import Holder
from orders.models import Order
from orders.models.order import read_number

_SESSION_KEY = "orders.mine"
_REMEMBERED = 20


def holder_of(request: HttpRequest) -> Holder:
    """Whose basket this is. A signed-in person has the account's, on every device."""
    if request.user.is_authenticated:
        return Holder(account=request.user)
    return Holder(key=cookie.guest_key(request))


def remember(request: HttpRequest, order: Order) -> None:
    """Let this browser open the order from now on, as long as its session lasts. An account needs no reminder."""
    if request.user.is_authenticated and order.account_id == request.user.pk:
        return
    known = [pk for pk in request.session.get(_SESSION_KEY, []) if pk != order.pk]
    request.session[_SESSION_KEY] = [*known, order.pk][-_REMEMBERED:]


def own_order(request: HttpRequest, number: str) -> Order:
    """The order with this number, when it is this visitor's; else there is no such page."""
    order = Order.objects.filter(number=read_number(number)).first()
    if order is None:
        raise Http404
    if request.user.is_authenticated and order.account_id == request.user.pk:
        return order
    if order.pk in request.session.get(_SESSION_KEY, []):
        return order
    raise Http404
