"""Two pages of the order desk: some pieces into a parcel of their own, and a part of the money given back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.domain import parcels, refunding
from orders.models import Order, Payment, Refund
from privacy.staff import staff_subject

# These are the store's own reasons, which no person gives.
_BY_ITSELF = (Refund.Reason.SECOND_PAYMENT, Refund.Reason.TOO_LATE)
_REASONS = [(reason.value, reason.label) for reason in Refund.Reason if reason not in _BY_ITSELF]


class PackForm(forms.Form):
    """How many pieces of each line go into this parcel."""

    not_collected: ClassVar = dict.fromkeys(("line",), "Numbers of pieces; they say nothing of anybody.")

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {line.pk: f"{line.name} {line.options}".strip() for line in order.lines.all()}
        for pk, left in parcels.left_to_pack(order).items():
            self.fields[f"line_{pk}"] = forms.IntegerField(
                label=_("%(name)s (%(left)s left)") % {"name": names[pk], "left": left},
                min_value=0,
                max_value=left,
                initial=left,
            )

    def pieces(self) -> dict[int, int]:
        """Line → number, as `parcels.pack` takes it."""
        typed = {int(name.removeprefix("line_")): number for name, number in self.cleaned_data.items()}
        return {pk: number for pk, number in typed.items() if number}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(_("Choose at least one piece of this order."))
        return cleaned


class GiveBackForm(forms.Form):
    """Which sum of which payment goes back, and why."""

    not_collected: ClassVar = dict.fromkeys(
        ("payment", "amount", "reason"), "A sum and one of a few reasons; they say nothing of anybody."
    )

    payment = forms.ModelChoiceField(Payment.objects.none(), label=gettext_lazy("Payment"), empty_label=None)
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), max_digits=12, decimal_places=2, min_value=Decimal("0.01")
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=_REASONS)

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paid = order.payments.filter(state=Payment.State.PAID)
        self.fields["payment"].queryset = paid
        self.fields["payment"].label_from_instance = _what_is_left


def _what_is_left(payment: Payment) -> str:
    return _("%(left)s %(currency)s left of %(payment)s") % {
        "payment": payment,
        "left": payment.returnable,
        "currency": payment.currency,
    }


class OrderPages:
    """Beside the actions for many orders at once; mixed into the admin of orders."""

    def get_urls(self) -> list[URLPattern]:
        def page(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"orders_order_{name}")  # type: ignore[attr-defined]

        return [page("pack", self.pack), page("give_back", self.give_back), *super().get_urls()]  # type: ignore[misc]

    @admin.display(description=gettext_lazy("what can be done"))
    def deeds(self, order: Order) -> SafeString:
        pages = [
            (self._page(order, "pack"), _("Pack some of it")),
            (self._page(order, "give_back"), _("Give money back")),
        ]
        # What the buyer waits for, beside what staff may do of themselves.
        pages += [
            (reverse("admin:orders_returnrequest_judge", args=[row.pk]), f"{row}: {row.get_state_display()}")
            for row in order.returns.filter(closed_at=None)
        ]
        return format_html_join(" · ", '<a href="{}">{}</a>', pages)

    def pack(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A parcel with some of the pieces; the rest waits for another one."""
        order = self._order(request, pk, "orders.add_parcel")
        form = PackForm(order, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                parcel = parcels.pack(order.pk, form.pieces(), by=staff_subject(request))
            except parcels.CannotPack as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Packed: %(parcel)s. The courier is told.") % {"parcel": parcel})
                return redirect(self._page(order, "change"))
        return self._shown(request, order, form, _("Pack some of it"), _("Pack"))

    def give_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A part of a payment, or all of it; above a sum a second person has to agree."""
        order = self._order(request, pk, "orders.add_refund")
        form = GiveBackForm(order, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            try:
                refund = refunding.propose(
                    said["payment"].pk, said["amount"], reason=said["reason"], by=staff_subject(request)
                )
            except refunding.CannotRefund as refusal:
                form.add_error("amount", str(refusal))
            else:
                messages.success(
                    request,
                    _("Somebody else has to release this refund before it goes.")
                    if refund.needs_second
                    else _("%(amount)s %(currency)s are on their way back.")
                    % {"amount": refund.amount, "currency": refund.currency},
                )
                return redirect(self._page(order, "change"))
        return self._shown(request, order, form, _("Give money back"), _("Give back"))

    @staticmethod
    def _order(request: HttpRequest, pk: int, permission: str) -> Order:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return get_object_or_404(Order, pk=pk)

    @staticmethod
    def _page(order: Order, name: str) -> str:
        return reverse(f"admin:orders_order_{name}", args=[order.pk])

    @staticmethod
    def _shown(request: HttpRequest, order: Order, form: forms.Form, title: str, button: str) -> HttpResponse:
        around = admin.site.each_context(request)
        told = {"title": title, "order": order, "form": form, "button": button, "opts": Order._meta}
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/orders/deed.html", around | told, status=status)
