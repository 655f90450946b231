"""Finding an order again: by number and e-mail address as a guest, in the list of an account when signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.countries import country_name
from orders import queries
from orders.domain import cancelling, claiming, lookup, returns
from orders.forms import LookupForm
from orders.models import Order, OrderContact
from orders.views.own import own_order, remember
from privacy.gate import subject_of
from privacy.keeping import kept_apart_until

_ORDERS_PER_PAGE = 10


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order_lookup(request: HttpRequest) -> HttpResponse:
    """A wrong number and a wrong address get one and the same answer."""
    form = LookupForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                order = lookup.find(form.cleaned_data["number"], form.cleaned_data["email"])
            except lookup.TooManyLookups:
                status = 429
                form.add_error(None, _("This number was asked for too often. Please try again in an hour."))
            else:
                if form.cleaned_data["no_marketing"]:
                    _record_the_box(request, form, order)
                if order is not None:
                    remember(request, order)
                    response = redirect(order)
                    response.status_code = 303
                    return response
                form.add_error(
                    None, _("We have no order with this number and e-mail address. Please check both and try again.")
                )
    return render(request, "orders/lookup.html", {"form": form}, status=status)


def _record_the_box(request: HttpRequest, form: LookupForm, order: Order | None) -> None:
    """Whoever proved an order says no for the person who placed it; anybody else for themselves."""
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
        "can_return": bool(returns.returnable(order)),
        "can_claim": request.user.is_authenticated and claiming.can_claim(order, request.user),
    }
    return render(request, "orders/detail.html", context)
