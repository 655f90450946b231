"""What staff set: coupons, taxes of countries and exchange rates. What stands on an order already never changes with them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.models import Coupon, CouponAmount, ExchangeRate, TaxRule


class CouponAmountInline(admin.TabularInline):
    model = CouponAmount
    extra = 0


@admin.register(Coupon)
class CouponAdmin(admin.ModelAdmin):
    """Coupons with their limits and how often they were used, which nobody sets by hand."""

    list_display = ["code", "kind", "percent", "active", "starts_at", "ends_at", "used", "most", "most_each"]
    list_filter = ["active", "kind"]
    search_fields = ["code"]
    fields = ["code", "kind", "percent", "active", "starts_at", "ends_at", "most", "most_each", "used"]
    inlines = [CouponAmountInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Coupon | None = None) -> list[str]:
        return ["used"]

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        """Write what was typed and not the count, which may have grown since the page was read."""
        if change:
            obj.save(update_fields=[name for name in form.changed_data if name in form.fields])
        else:
            super().save_model(request, obj, form, change)


@admin.register(TaxRule)
class TaxRuleAdmin(admin.ModelAdmin):
    list_display = [
        "country",
        "kind",
        "name",
        "percent",
        "how",
        "hs_prefix",
        "free_up_to",
        "free_currency",
        "starts_on",
    ]
    list_filter = ["kind", "how", "country"]
    search_fields = ["=country", "hs_prefix"]


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    list_display = ["currency", "won", "starts_at", "source"]
    list_filter = ["currency"]
