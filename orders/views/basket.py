"""The basket page and the three things that can be done to a basket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalogue.pricing import currency_for
from orders import cookie, queries
from orders.domain import basket, terms
from orders.domain.basket import Change, Holder
from orders.domain.bill import Reduction, reduced
from orders.forms import AddForm, LineForm, QuantityForm
from orders.views.own import holder_of


@login_not_required
@never_cache
@require_safe
def basket_page(request: HttpRequest) -> HttpResponse:
    """What is in the basket, at today's prices. The cookie's count is mended when it is out of date."""
    shown = _read(request, holder_of(request))
    response = render(request, "orders/basket.html", {"basket": shown, "reductions": _reductions(request, shown)})
    remembered = cookie.read(request)
    if remembered.count != shown.count or remembered.owned != request.user.is_authenticated:
        cookie.write(response, holder_of(request).baskets().first(), shown.count)
    return response


@login_not_required
@require_POST
def basket_add(request: HttpRequest) -> HttpResponse:
    """Put pieces of one variant in."""
    form = AddForm(request.POST)
    if not form.is_valid():
        return _answer(request, None, messages.ERROR, form.first_error())
    variant_id, quantity = form.cleaned_data["variant"], form.cleaned_data["quantity"]
    return _change(request, lambda: basket.add(holder_of(request), variant_id, quantity), added=True)


@login_not_required
@require_POST
def basket_update(request: HttpRequest) -> HttpResponse:
    """Have exactly so many pieces of one variant."""
    form = QuantityForm(request.POST)
    if not form.is_valid():
        return _answer(request, None, messages.ERROR, form.first_error())
    variant_id, quantity = form.cleaned_data["variant"], form.cleaned_data["quantity"]
    return _change(request, lambda: basket.set_quantity(holder_of(request), variant_id, quantity))


@login_not_required
@require_POST
def basket_remove(request: HttpRequest) -> HttpResponse:
    """Take one variant out."""
    form = LineForm(request.POST)
    if not form.is_valid():
        return _answer(request, None, messages.ERROR, form.first_error())
    return _change(request, lambda: basket.remove(holder_of(request), form.cleaned_data["variant"]))


def _change(request: HttpRequest, verb: Any, *, added: bool = False) -> HttpResponse:
    try:
        change: Change = verb()
    except basket.NotForSale:
        return _answer(request, None, messages.ERROR, _("This has been sold out or is not sold any more."))
    except basket.BasketFull:
        return _answer(
            request,
            None,
            messages.ERROR,
            _("Your basket is full. Please order what is in it first, or take something out."),
        )
    if change.capped:
        text = ngettext(
            "There is no more than %(count)s of it, so your basket has %(count)s.",
            "There are no more than %(count)s of it, so your basket has %(count)s.",
            change.quantity,
        ) % {"count": change.quantity}
        return _answer(request, change, messages.WARNING, text)
    return _answer(
        request, change, messages.SUCCESS, _("It is in your basket.") if added else _("Your basket is up to date.")
    )


def _answer(request: HttpRequest, change: Change | None, level: int, text: str) -> HttpResponse:
    """A piece of the page for htmx, and the basket page for everybody else."""
    count = change.count if change else cookie.badge(request)
    if request.htmx and request.htmx.target == "basket":
        shown = _read(request, change.holder if change else holder_of(request))
        reductions = _reductions(request, shown)
        context = {"basket": shown, "reductions": reductions, "said": text, "level": _word(level)}
        response = render(request, "orders/_basket.html", context)
        count = shown.count
    elif request.htmx:
        response = render(request, "orders/_added.html", {"said": text, "level": _word(level), "count": count})
    else:
        messages.add_message(request, level, text)
        response = redirect("orders:basket")
        response.status_code = 303
    if change is not None:
        cookie.write(response, change.basket, count)
    return response


def _word(level: int) -> str:
    return "success" if level == messages.SUCCESS else "error"


def _read(request: HttpRequest, holder: Holder) -> queries.PricedBasket:
    return queries.basket_of(holder, language=get_language(), currency=currency_for(request))


def _reductions(request: HttpRequest, shown: queries.PricedBasket) -> list[Reduction]:
    """What offers take off, as far as it can be said before anybody says who and where."""
    if not shown.lines:
        return []
    account = request.user if request.user.is_authenticated else None
    return reduced(shown, terms.read("", shown.currency, account=account))
