"""The order desk: sales and payments to be read, buyers shown masked, shipping prices to be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from orders.domain.payment import Outcome, finalise
from orders.models import (
    DeliveryAddress,
    Order,
    OrderContact,
    OrderLine,
    Payment,
    PaymentEvent,
    PaymentInstrument,
    ShippingRate,
    ShippingZone,
)
from orders.models.order import read_number
from orders.payment.provider import PaymentError
from privacy.staff import PersonalAdmin, PersonalInline


class _ReadOnly:
    """Rows that staff look at and never write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OrderLineInline(_ReadOnly, admin.TabularInline):
    model = OrderLine
    extra = 0
    fields = ["sku", "name", "options", "unit_price", "quantity", "total"]


class OrderContactInline(PersonalInline):
    model = OrderContact


class DeliveryAddressInline(PersonalInline):
    model = DeliveryAddress


class PaymentInline(_ReadOnly, admin.TabularInline):
    model = Payment
    extra = 0
    fields = ["provider", "amount", "currency", "state", "parked_because", "created_at", "settled_at"]
    readonly_fields = fields
    show_change_link = True


@admin.register(Order)
class OrderAdmin(_ReadOnly, admin.ModelAdmin):
    """Orders by what is waiting. A state changes by what happens to the order, not by hand."""

    list_display = ["number", "state", "placed_at", "paid_at", "total", "currency", "language"]
    list_filter = ["state", "currency", "placed_at"]
    date_hierarchy = "placed_at"
    search_fields = ["=number"]
    search_help_text = _("The whole order number, in any spelling.")
    inlines = [OrderLineInline, OrderContactInline, DeliveryAddressInline, PaymentInline]
    exclude = ["subject", "account", "form_token"]

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


class PaymentEventInline(_ReadOnly, admin.TabularInline):
    model = PaymentEvent
    extra = 0
    fields = ["event_id", "kind", "outcome", "happened_at", "received_at"]
    readonly_fields = fields


@admin.register(Payment)
class PaymentAdmin(_ReadOnly, admin.ModelAdmin):
    """Payments as the provider told of them. What does not agree with its order stands under "put aside for staff"."""

    list_display = ["__str__", "order", "state", "amount", "currency", "provider", "created_at", "parked_because"]
    list_filter = ["state", "provider", "created_at"]
    search_fields = ["=order__number", "=intent_id"]
    list_select_related = ["order"]
    exclude = ["pay_url"]
    inlines = [PaymentInstrumentInline, PaymentEventInline]
    actions = ["ask_the_provider"]

    @admin.action(description=_("Ask the provider about these payments"))
    def ask_the_provider(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        outcomes = []
        for payment in chosen:
            try:
                outcomes.append(finalise(payment.pk))
            except PaymentError as error:
                self.message_user(request, str(error), messages.ERROR)
        paid = outcomes.count(Outcome.PAID)
        text = ngettext("%(count)s payment was found paid.", "%(count)s payments were found paid.", paid)
        self.message_user(request, text % {"count": paid})


class ShippingRateInline(admin.TabularInline):
    model = ShippingRate
    extra = 0


@admin.register(ShippingZone)
class ShippingZoneAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "days_from", "days_to"]
    inlines = [ShippingRateInline]
