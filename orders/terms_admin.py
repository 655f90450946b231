"""What staff set: taxes of countries and exchange rates. What stands on an order already never changes with them."""

from __future__ import annotations

from django.contrib import admin

from orders.models import ExchangeRate, TaxRule


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
