"""The checkout: one page that asks, shows what it comes to, and places the order."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from djmoney.money import Money

from accounts import queries as accounts
from accounts.addresses import ADDRESS_FIELDS
from catalogue.pricing import currency_for
from orders import cookie, queries
from orders.domain import checkout as placing
from orders.domain import once, shipping, terms
from orders.domain import payment as payments
from orders.domain.bill import Bill, draw_up
from orders.domain.coupons import CouponRefused
from orders.domain.offers import OfferGone
from orders.forms import CheckoutForm
from orders.models import Order, Payment
from orders.payment.provider import PaymentError
from orders.views.own import holder_of, remember


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """GET asks; POST with `update` shows the page for another country and keeps nothing; POST places the order."""
    if request.method != "POST":
        return _ask(request, CheckoutForm(initial=_known(request)))
    if "update" in request.POST:
        return _ask(request, CheckoutForm(initial=CheckoutForm(request.POST).typed()))
    form = CheckoutForm(request.POST)
    if not form.is_valid():
        if "form_token" in form.errors:
            form.add_error(None, _("This page is too old to be sent. Please check it and send it once more."))
        return _ask(request, form, status=422)
    return _place(request, form)


def _place(request: HttpRequest, form: CheckoutForm) -> HttpResponse:
    token = form.cleaned_data["form_token"]
    holder = holder_of(request)
    wish = placing.Wish(
        form_token=token,
        once=once.once(form.surface, "", str(token), form.said()),
        language=get_language(),
        currency=currency_for(request),
        seen_total=form.cleaned_data["seen_total"],
        coupon=form.cleaned_data["coupon"],
        contact=form.contact(),
        address=form.address(),
    )
    try:
        placed = placing.place_once(wish, door=lambda: form.collecting(request), holder=holder)
    except placing.AlreadyPlaced as second:
        return _lead_on(request, second.order)
    except once.AnotherBody as another:
        return _used_before(request, another.order)
    except placing.BasketEmpty:
        return redirect("orders:basket")
    except placing.LinesRefused as refused:
        form.add_error(
            None,
            _("Some of your goods are not available as you wish. Nothing was ordered; please look at your basket."),
        )
        return _ask(request, form, status=409, problems=refused.problems)
    except placing.TotalChanged:
        form.add_error(
            None, _("The total has changed since you opened this page. Please check it and send it once more.")
        )
        return _ask(request, form, status=409)
    except OfferGone:
        form.add_error(
            None,
            _(
                "An offer in this total has just been used up. Nothing was ordered; please check the new total and send it"
                " once more."
            ),
        )
        return _ask(request, form, status=409)
    except CouponRefused as refused:
        form.add_error("coupon", refused.sentence())
        return _ask(request, form, status=422)
    except shipping.CannotShip as refused:
        form.add_error("country", shipping.why_not(refused))
        return _ask(request, form, status=422)
    response = _lead_on(request, placed.order, placed.payment)
    cookie.write(response, None, 0)
    return response


def _lead_on(request: HttpRequest, order: Order, payment: Payment | None = None) -> HttpResponse:
    """To the page that leads to the provider; when that does not answer, the page says so and can try again."""
    remember(request, order)
    try:
        payments.start_payment(order, payment)
    except (PaymentError, payments.NotPayable):
        address = reverse("orders:pay", args=[order.number])
    else:
        address = reverse("orders:pay", args=[order.number]) + "?go"
    response = redirect(address)
    response.status_code = 303
    return response


def _used_before(request: HttpRequest, order: Order | None) -> HttpResponse:
    """The page was sent, changed, and sent again: the first is an order, the second is not."""
    if order is not None:
        remember(request, order)
    return render(request, "orders/used_before.html", {"order": order}, status=422)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the page comes to; `bill` is None where nothing can be sent. A coupon that is refused takes nothing off."""

    basket: queries.PricedBasket
    bill: Bill | None
    refusal: str = ""
    coupon_refusal: str = ""

    @property
    def total(self) -> Money:
        return self.bill.total if self.bill else self.basket.goods_total


def _ask(
    request: HttpRequest, form: CheckoutForm, *, status: int = 200, problems: dict[int, str] | None = None
) -> HttpResponse:
    basket = queries.basket_of(holder_of(request), language=get_language(), currency=currency_for(request))
    if not basket.lines:
        return redirect("orders:basket")
    if basket.problems and problems is None and request.method != "POST":
        messages.warning(request, _("Some of your goods are not available as you wish. Please look at your basket."))
        return redirect("orders:basket")
    account = request.user if request.user.is_authenticated else None
    applying = terms.read(
        form.address_rules.country, basket.currency, form.asked_coupon(), account=account, email=form.asked_email()
    )
    summary = _sum_up(basket, applying)
    # The page that goes out carries the sum that it shows, and a token of its own unless it was sent before.
    if form.is_bound:
        form.data = form.data.copy()
        form.data["seen_total"] = str(summary.total.amount)
        if "form_token" in form.errors or not form.data.get("form_token"):
            form.data["form_token"] = str(uuid.uuid4())
    else:
        form.initial |= {"form_token": uuid.uuid4(), "seen_total": summary.total.amount}
    context = {
        "form": form,
        "summary": summary,
        "problems": problems or {},
        "saved": list(accounts.addresses_of(request.user)) if request.user.is_authenticated else [],
    }
    template = "orders/_checkout.html" if request.htmx and request.htmx.target == "checkout" else "orders/checkout.html"
    return render(request, template, context, status=status)


def _sum_up(basket: queries.PricedBasket, applying: terms.Terms) -> Summary:
    try:
        try:
            return Summary(basket, draw_up(basket, applying, coupon_asked_for=bool(applying.typed)))
        except CouponRefused as refused:
            return Summary(basket, draw_up(basket, applying.without_code()), coupon_refusal=refused.sentence())
    except shipping.CannotShip as refused:
        return Summary(basket, None, shipping.why_not(refused))


def _known(request: HttpRequest) -> dict[str, Any]:
    """What a signed-in person need not type again: the address chosen by `?address=`, or the one used first."""
    if not request.user.is_authenticated:
        return {}
    known: dict[str, Any] = {"email": accounts.primary_email(request.user)}
    saved = list(accounts.addresses_of(request.user))
    wished = request.GET.get("address", "")
    key = int(wished) if wished.isascii() and wished.isdigit() and len(wished) < 19 else 0
    address = next((a for a in saved if a.pk == key), saved[0] if saved and wished != "new" else None)
    if address is not None:
        known |= {name: getattr(address, name) for name in ADDRESS_FIELDS} | {"chosen": address.pk}
    return known
