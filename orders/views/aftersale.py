"""What a buyer does after the sale: cancel, give something back, print the invoice."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.documents.papers import invoice_pdf
from orders.domain import cancelling, returns
from orders.forms_return import ReturnForm
from orders.models import Order
from orders.views.own import own_order
from privacy.gate import subject_of

UNPROCESSABLE = 422


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_order(request: HttpRequest, number: str) -> HttpResponse:
    """Ask once more, then cancel."""
    order = own_order(request, number)
    if request.method == "POST":
        try:
            cancelling.cancel(order.pk, by=order.subject or subject_of(request))
        except cancelling.CannotCancel as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Your order is cancelled, and the money is on its way back."))
        return redirect(order)
    return render(request, "orders/cancel.html", {"order": order, "can_cancel": cancelling.can_cancel(order)})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def return_goods(request: HttpRequest, number: str) -> HttpResponse:
    """Choose pieces, say why, and add photographs if they help."""
    order = own_order(request, number)
    form = ReturnForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        order=order,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with form.collecting(request, subject=order.subject or subject_of(request)) as collection:
                returns.ask(
                    order.pk,
                    form.pieces(),
                    reason=form.cleaned_data["reason"],
                    subject=collection.subject,
                    words=form.cleaned_data["words"],
                    photographs=form.cleaned_data["photographs"],
                )
        except returns.CannotReturn as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We have your wish and answer by e-mail."))
            return redirect(order)
    return render(
        request,
        "orders/return_goods.html",
        {"order": order, "form": form},
        status=UNPROCESSABLE if form.errors else 200,
    )


@login_not_required
@never_cache
@require_safe
def invoice(request: HttpRequest, number: str) -> HttpResponse:
    """The invoice of a paid order, for its owner."""
    order = own_order(request, number)
    if order.state == Order.State.PENDING_PAYMENT:
        messages.info(request, _("There is an invoice as soon as the order is paid."))
        return redirect(order)
    return HttpResponse(
        invoice_pdf(order),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{order.number}.pdf"'},
    )


@never_cache
@require_POST
def claim_order(request: HttpRequest, number: str) -> HttpResponse:
    """Add a guest's order to the account that is signed in, after an explicit yes."""
    from orders.domain import claiming

    order = own_order(request, number)
    if claiming.claim(order.pk, request.user):
        messages.success(request, _("This order is in your account now."))
    else:
        messages.error(
            request, _("This order was placed with another e-mail address than the confirmed ones of your account.")
        )
    return redirect(order)
