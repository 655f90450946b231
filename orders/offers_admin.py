"""Offers as staff set them. What stands on an order already never changes with them, and their counts are set by nobody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalogue.words_field import WordsField
from orders.models import Offer, OfferAmount, OfferUse


class OfferAmountInline(admin.TabularInline):
    model = OfferAmount
    extra = 0


class OfferForm(forms.ModelForm):
    """An offer with its name in each language."""

    names = WordsField(label=_("Name"), max_length=80, help_text=_("Shoppers read it."))

    class Meta:
        model = Offer
        fields = "__all__"  # noqa: DJ007 - the admin below lists them


@admin.register(Offer)
class OfferAdmin(admin.ModelAdmin):
    """Offers with their conditions, their limits, and on how many orders they were."""

    form = OfferForm

    list_display = [
        "__str__",
        "kind",
        "percent",
        "code",
        "category",
        "active",
        "starts_at",
        "ends_at",
        "orders",
        "most",
    ]
    list_filter = ["active", "kind"]
    list_select_related = ["category"]
    search_fields = ["code"]
    fieldsets = [
        (None, {"fields": ["names", "kind", "percent", ("buy", "get")]}),
        (_("For what, for whom"), {"fields": ["category", "first_order", "code"]}),
        (_("When, how often"), {"fields": ["active", "starts_at", "ends_at", "most", "most_each", "used"]}),
    ]
    readonly_fields = ["used"]
    inlines = [OfferAmountInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        counting = Count("uses", filter=Q(uses__given_back_at=None))
        return super().get_queryset(request).annotate(on_orders=counting)

    @admin.display(description=_("on orders"), ordering="on_orders")
    def orders(self, offer: Any) -> int:
        return offer.on_orders

    def save_model(self, request: HttpRequest, obj: Offer, form: Any, change: bool) -> None:
        """Write what was typed and not the count, which may have grown since the page was read.

        Where a limit is new, what was used before it counts.
        """
        if not change:
            super().save_model(request, obj, form, change)
            return
        limited = "most" in form.changed_data and form.initial.get("most") is None
        if limited and obj.most is not None:
            used = OfferUse.objects.filter(offer=obj, given_back_at=None).count()
            obj.used, obj.most = used, max(obj.most, used)
        named = [name for name in form.changed_data if name in form.fields]
        obj.save(update_fields=[*named, "used"] if limited else named)
