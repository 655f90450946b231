"""The order desk: sales and payments to be read, buyers shown masked, refunds and odd payments decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalogue.pricing import formatted
from orders.desk_admin import OrderDesk
from orders.desk_bulk import CannotDo, may, shown_first
from orders.desk_due import DueFilter, in_a_queue
from orders.desk_pages import OrderPages
from orders.domain import oddities, refunding
from orders.domain.payment import Outcome, reconsider
from orders.models import (
    DeliveryAddress,
    OddPayment,
    Order,
    OrderAction,
    OrderContact,
    OrderLine,
    Payment,
    PaymentEvent,
    PaymentInstrument,
    Refund,
    ShippingRate,
    ShippingZone,
)
from orders.models.order import read_number
from orders.offers_admin import OfferAdmin
from orders.payment.provider import PaymentError
from orders.returns_admin import ReturnRequestAdmin
from orders.terms_admin import ExchangeRateAdmin, TaxRuleAdmin
from privacy.keeping import kept_apart_until
from privacy.staff import PersonalAdmin, PersonalInline, ReadOnly, staff_subject


class OrderLineInline(ReadOnly, admin.TabularInline):
    model = OrderLine
    extra = 0
    fields = ["sku", "name", "options", "unit_price", "quantity", "total"]


class OrderContactInline(PersonalInline):
    model = OrderContact


class DeliveryAddressInline(PersonalInline):
    model = DeliveryAddress


class PaymentInline(ReadOnly, admin.TabularInline):
    model = Payment
    extra = 0
    fields = ["provider", "amount", "currency", "state", "parked_because", "created_at", "settled_at"]
    readonly_fields = fields
    show_change_link = True


class OrderActionInline(ReadOnly, admin.TabularInline):
    model = OrderAction
    extra = 0
    fields = ["kind", "detail", "by", "done_at"]
    readonly_fields = fields


@admin.register(Order)
class OrderAdmin(OrderDesk, OrderPages, ReadOnly, admin.ModelAdmin):
    """Orders by what is waiting. A state changes by what happens to the order, not by hand."""

    list_display = ["number", "state", "fulfilment", "placed_at", "paid_at", "total", "currency", "language"]
    list_filter = [DueFilter, "state", "fulfilment", "currency", "placed_at"]
    date_hierarchy = "placed_at"
    search_fields = ["=number"]
    search_help_text = _("The whole order number, in any spelling.")
    inlines = [OrderLineInline, OrderContactInline, DeliveryAddressInline, PaymentInline, OrderActionInline]
    exclude = ["subject", "account", "form_token"]
    readonly_fields = ["buyer", "deeds"]

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """In a queue whoever has waited longest comes first."""
        return ["paid_at", "pk"] if in_a_queue(request) else super().get_ordering(request)

    @admin.display(description=_("buyer's details"))
    def buyer(self, order: Order) -> str:
        """Where the values of the buyer are: here, kept apart by a law, or gone."""
        if OrderContact.objects.filter(order=order).exists():
            return _("below, masked")
        until = kept_apart_until(OrderContact, order.pk)
        if until is None:
            return _("removed for good")
        way = reverse("admin:privacy_archivelook_open")
        link = f"{way}?{urlencode({'of': OrderContact._meta.db_table, 'belongs_to': order.pk})}"
        words = _("kept apart until %(day)s, only because a law says so") % {"day": date_format(until)}
        return format_html('{} · <a href="{}">{}</a>', words, link, _("open"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        return super().get_search_results(request, queryset, read_number(search_term) or search_term)


@admin.register(OrderContact)
class OrderContactAdmin(PersonalAdmin):
    list_display = ["__str__", "masked_email", "order"]
    fields = ["email", "order"]
    readonly_fields = ["order"]
    search_fields = ["=order__number"]
    list_select_related = ["order"]


@admin.register(DeliveryAddress)
class DeliveryAddressAdmin(PersonalAdmin):
    list_display = ["__str__", "masked_recipient", "masked_country", "order"]
    fields = ["recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2", "order"]
    readonly_fields = ["order"]
    search_fields = ["=order__number"]
    list_select_related = ["order"]


class PaymentInstrumentInline(PersonalInline):
    model = PaymentInstrument
    show_change_link = False


class RefundInline(ReadOnly, admin.TabularInline):
    model = Refund
    fk_name = "payment"
    extra = 0
    fields = ["amount", "currency", "reason", "state", "created_at", "decided_at", "done_at", "refused_because"]
    readonly_fields = fields


class PaymentEventInline(ReadOnly, admin.TabularInline):
    model = PaymentEvent
    extra = 0
    fields = ["event_id", "kind", "outcome", "happened_at", "received_at"]
    readonly_fields = fields


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):
    """Payments as the provider told of them. What does not agree with its order stands under "put aside for staff"."""

    list_display = ["__str__", "order", "state", "amount", "currency", "provider", "created_at", "parked_because"]
    list_filter = ["state", "provider", "created_at"]
    search_fields = ["=order__number", "=intent_id"]
    list_select_related = ["order"]
    exclude = ["pay_url"]
    inlines = [PaymentInstrumentInline, RefundInline, PaymentEventInline]
    actions = ["ask_the_provider"]

    @admin.action(description=_("Ask the provider about these payments"))
    def ask_the_provider(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        may(request, "orders.change_order")
        outcomes = []
        for payment in chosen:
            try:
                outcomes.append(reconsider(payment.pk))
            except PaymentError as error:
                self.message_user(request, str(error), messages.ERROR)
        paid = outcomes.count(Outcome.PAID)
        text = ngettext("%(count)s payment was found paid.", "%(count)s payments were found paid.", paid)
        self.message_user(request, text % {"count": paid})


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin):
    """Money on its way back. Above a sum one person proposes it and another releases it here."""

    list_display = ["__str__", "payment", "amount", "currency", "reason", "state", "needs_second", "created_at"]
    list_filter = ["state", "reason", "needs_second", "created_at"]
    search_fields = ["=payment__order__number", "=provider_refund_id"]
    list_select_related = ["payment"]
    actions = ["release", "reject"]

    @admin.action(description=_("Release: give this money back"))
    def release(self, request: HttpRequest, chosen: QuerySet[Refund]) -> HttpResponse | None:
        return self._decide(request, chosen, refunding.release, _("Give this money back?"))

    @admin.action(description=_("Do not give this money back"))
    def reject(self, request: HttpRequest, chosen: QuerySet[Refund]) -> HttpResponse | None:
        return self._decide(request, chosen, refunding.reject, _("Not give this money back?"))

    def _decide(
        self, request: HttpRequest, chosen: QuerySet[Refund], verb: Callable[..., Refund], title: str
    ) -> HttpResponse | None:
        may(request, "orders.change_refund")
        by = staff_subject(request)

        def decide(refund: Refund) -> None:
            self.log_change(request, verb(refund.pk, by=by), [{"changed": {"fields": ["state"]}}])

        return shown_first(
            request,
            chosen.select_related("payment__order"),
            title=title,
            preview=lambda refund: (
                f"{refund.payment.order} · {formatted(refund.money)} · {refund.get_reason_display()}"
                f" · {refund.get_state_display()}"
            ),
            do=decide,
        )


@admin.register(OddPayment)
class OddPaymentAdmin(ReadOnly, admin.ModelAdmin):
    """What the store and the provider do not agree about, and what to do about each."""

    list_display = ["kind", "says", "what_to_do", "payment", "times", "last_seen_at", "settled_at"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter), "kind"]
    search_fields = ["=key", "=payment__order__number"]
    list_select_related = ["payment"]
    actions = ["settle"]

    @admin.display(description=_("what to do"))
    def what_to_do(self, odd: OddPayment) -> str:
        return str(oddities.ADVICE.get(odd.kind, ""))

    @admin.action(description=_("I have dealt with it"))
    def settle(self, request: HttpRequest, chosen: QuerySet[OddPayment]) -> HttpResponse | None:
        may(request, "orders.change_oddpayment")
        by = staff_subject(request)

        def settle(odd: OddPayment) -> None:
            if not oddities.settle(odd.pk, by=by):
                raise CannotDo(_("Somebody has dealt with this already."))
            self.log_change(request, odd, [{"changed": {"fields": ["settled_at"]}}])

        return shown_first(
            request,
            chosen,
            title=_("Have you dealt with these?"),
            preview=lambda odd: f"{odd.says} {self.what_to_do(odd)}",
            do=settle,
        )


class ShippingRateInline(admin.TabularInline):
    model = ShippingRate
    extra = 0


@admin.register(ShippingZone)
class ShippingZoneAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "days_from", "days_to"]
    inlines = [ShippingRateInline]


# Registered where they are written; named here, so that this file is the whole of the desk.
__all__ = ["ExchangeRateAdmin", "OfferAdmin", "ReturnRequestAdmin", "TaxRuleAdmin"]
