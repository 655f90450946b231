"""From a placed order to the provider's page and back; what these pages show is the store's own record."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.domain import payment as payments
from orders.models import Order, Payment
from orders.payment.provider import PaymentError
from orders.views.own import own_order


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """The last page before the provider's.

    A page of our own stands between the checkout form and the provider, because the strict `form-action` of our pages
    keeps a browser from following a form's redirect to another site. It leads on by itself when it was just asked for
    (`?go`), and by its button otherwise, so that somebody who comes back from the provider is not sent there again.
    """
    order = own_order(request, number)
    if order.paid_at:
        return redirect("orders:thank_you", order.number)
    if request.method == "POST":
        try:
            payments.start_payment(order)
        except payments.NotPayable:
            return _to(reverse("orders:pay", args=[order.number]))
        except PaymentError:
            return _show(request, order, unavailable=True)
        return _to(reverse("orders:pay", args=[order.number]) + "?go")
    return _show(request, order)


def _show(request: HttpRequest, order: Order, *, unavailable: bool = False) -> HttpResponse:
    standing = _standing(order)
    latest = standing.pop("latest")
    is_open = latest is not None and latest.state == Payment.State.OPEN
    context = standing | {
        "pay_url": latest.pay_url if is_open and order.state == Order.State.PENDING_PAYMENT else "",
        "leads_on": "go" in request.GET,
        "unavailable": unavailable or (is_open and not latest.pay_url),
    }
    return render(request, "orders/pay.html", context, status=503 if unavailable else 200)


def _standing(order: Order, *, asked: bool = True) -> dict[str, Any]:
    """What is known of all payments of an order. Nobody is told that one failed while another may have taken money.

    Who comes from the provider's page may have paid a second ago, so bad news waits until the provider has been `asked`.
    """
    of_order = list(order.payments.all())
    states = {payment.state for payment in of_order}
    latest = of_order[0] if of_order else None
    returned = Payment.State.RETURNED in states
    # A payment that was settled since the order was read counts as being confirmed.
    confirmed = bool(states & {Payment.State.AUTHORISED, Payment.State.PAID})
    taken = returned or confirmed or Payment.State.PARKED in states
    return {
        "order": order,
        "latest": latest,
        "cancelled": asked and order.cancelled_at is not None and not returned,
        "returned": returned,
        "parked": Payment.State.PARKED in states,
        "held": confirmed,
        "refused": asked and latest is not None and latest.state == Payment.State.FAILED and not taken,
        "closed": asked and latest is not None and latest.state == Payment.State.CANCELLED and not taken,
    }


@login_not_required
@never_cache
@require_safe
def payment_return(request: HttpRequest, number: str) -> HttpResponse:
    """Where the provider sends the browser back to. It reads only; the confirmation is asked for by the page."""
    order = own_order(request, number)
    if order.paid_at:
        return redirect("orders:thank_you", order.number)
    return render(request, "orders/return.html", _standing(order, asked="asked" in request.GET))


@login_not_required
@require_POST
def payment_confirm(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the provider now, instead of waiting for its message."""
    order = own_order(request, number)
    try:
        payments.finalise_order(order.pk)
        asked = True
    except PaymentError:
        asked = False  # the page goes on waiting, and the provider's own message is on its way
    order.refresh_from_db()
    paid = order.paid_at is not None
    address = reverse("orders:thank_you" if paid else "orders:payment_return", args=[order.number])
    if not request.htmx:
        return _to(address if paid or not asked else address + "?asked")
    if paid:
        response = HttpResponse()
        response["HX-Redirect"] = address
        return response
    return render(request, "orders/_confirming.html", _standing(order, asked=asked))


@login_not_required
@never_cache
@require_safe
def thank_you(request: HttpRequest, number: str) -> HttpResponse:
    """For the browser that placed the order, once it is paid."""
    order = own_order(request, number)
    if not order.paid_at:
        return redirect("orders:payment_return", order.number)
    return render(request, "orders/thank_you.html", {"order": order, "lines": order.lines.all()})


def _to(address: str) -> HttpResponse:
    response = redirect(address)
    response.status_code = 303
    return response
