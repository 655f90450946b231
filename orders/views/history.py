"""Finding an order again: by number and e-mail address as a guest, in the list of an account when signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.countries import country_name
from orders import queries
from orders.domain import cancelling, claiming, lookup, returns, reviewing
from orders.forms import LookupCodeForm, LookupForm
from orders.models import Order, OrderContact
from orders.views.own import own_order, remember
from privacy.forms import PersonalForm
from privacy.gate import subject_of
from privacy.keeping import kept_apart_until

_ORDERS_PER_PAGE = 10


_TOO_OFTEN = _l("This number was asked for too often. Please try again in an hour.")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order_lookup(request: HttpRequest) -> HttpResponse:
    """Number and address bring a code to the order's mailbox. Right and wrong get one and the same answer."""
    form = LookupForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                lookup.ask(form.cleaned_data["number"], form.cleaned_data["email"])
            except lookup.TooManyLookups:
                status = 429
                form.add_error(None, _TOO_OFTEN)
            else:
                _record_the_box(request, form, None)
                asked = LookupCodeForm(initial={"number": form.cleaned_data["number"]})
                return render(request, "orders/lookup_code.html", {"form": asked})
    return render(request, "orders/lookup.html", {"form": form}, status=status)


@login_not_required
@never_cache
@require_POST
def order_lookup_code(request: HttpRequest) -> HttpResponse:
    """The code opens the order for this browser."""
    form, status = LookupCodeForm(request.POST), 422
    if form.is_valid():
        try:
            order = lookup.open_with(form.cleaned_data["number"], form.cleaned_data["code"])
        except lookup.TooManyLookups:
            status = 429
            form.add_error(None, _TOO_OFTEN)
        else:
            if order is not None:
                _record_the_box(request, form, order)
                remember(request, order)
                response = redirect(order)
                response.status_code = 303
                return response
            form.add_error("code", _("This code is not right, or too old. Please check it, or ask for another."))
    return render(request, "orders/lookup_code.html", {"form": form}, status=status)


def _record_the_box(request: HttpRequest, form: PersonalForm, order: Order | None) -> None:
    """Whoever proved an order says no for the person who placed it; anybody else for themselves."""
    if not form.cleaned_data["no_marketing"]:
        return
    proven = order.subject if order is not None else None
    with form.collecting(request, subject=proven or subject_of(request)):
        pass


@never_cache
@require_safe
def order_history(request: HttpRequest) -> HttpResponse:
    """The orders of the account that is signed in."""
    page = Paginator(queries.orders_of(request.user), _ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page": page})


@login_not_required
@never_cache
@require_safe
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One order, for its owner."""
    order = own_order(request, number)
    delivery, contact = getattr(order, "delivery_address", None), getattr(order, "contact", None)
    context = {
        "order": order,
        "lines": order.lines.all(),
        "contact": contact,
        "kept_until": None if contact else kept_apart_until(OrderContact, order.pk),
        "delivery": delivery,
        "country": country_name(delivery.country) if delivery else "",
        "instrument": queries.instrument_of(order),
        "parcels": order.parcels.exclude(state="unpacked").prefetch_related("lines__line"),
        "returns": order.returns.select_related("refund"),
        "can_cancel": cancelling.can_cancel(order),
        "bought": reviewing.bought(order),
        "can_return": bool(returns.returnable(order)),
        "can_claim": request.user.is_authenticated and claiming.can_claim(order, request.user),
    }
    return render(request, "orders/detail.html", context)
