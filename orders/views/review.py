"""What a buyer says of a product, from the page of the order that it came with."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.queries import profile_of
from catalogue.forms import ReviewForm
from orders.domain import reviewing
from orders.views.own import own_order
from privacy.gate import subject_of

UNPROCESSABLE = 422


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review_product(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """Write a review, or take the one back that stands."""
    order = own_order(request, number)
    product = reviewing.one_of(order, slug)
    if product is None:
        raise Http404(_("Only what was bought and paid with this order can be reviewed here."))
    if request.method == "POST" and "take_back" in request.POST:
        if reviewing.take_back(order, slug):
            messages.success(request, _("Your review is gone, with its photographs."))
        return redirect("orders:review", number=order.number, slug=slug)
    sent = request.method == "POST"
    profile = profile_of(request.user) if request.user.is_authenticated else None
    form = ReviewForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial={"author_name": profile.name if profile else ""},
    )
    if sent and form.is_valid():
        try:
            with form.collecting(request, subject=order.subject or subject_of(request)) as collection:
                reviewing.review(order.pk, slug, subject=collection.subject, said=form.review())
        except reviewing.CannotReview as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. Somebody of ours reads it before it is shown."))
            return redirect(order)
    return render(
        request,
        "orders/review.html",
        {"order": order, "product": product, "form": form},
        status=UNPROCESSABLE if form.errors else 200,
    )
