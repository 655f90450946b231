"""The goods as staff see them: products with their texts, variants and prices; what is running out; reviews, masked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalogue.domain import reviews, search
from catalogue.forms_staff import CategoryForm, ImageForm, VariantForm
from catalogue.models import Category, Price, Product, ProductImage, ProductText, Review, ReviewPhotograph, Variant
from privacy.photographs import as_jpeg
from privacy.staff import PersonalAdmin

# So few pieces are "low"; staff see them first.
LOW = 5


class TextInline(admin.StackedInline):
    model = ProductText
    extra = 0


class VariantInline(admin.StackedInline):
    model = Variant
    form = VariantForm
    extra = 0
    fields = [("sku", "barcode"), "options", ("stock", "weight_g", "position"), "active"]
    show_change_link = True


class ImageInline(admin.StackedInline):
    model = ProductImage
    form = ImageForm
    extra = 0
    fields = [("static_path", "position"), "alt"]


class PriceInline(admin.TabularInline):
    model = Price
    extra = 0


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    form = CategoryForm
    list_display = ["slug", "name", "parent", "position"]
    list_editable = ["position"]
    search_fields = ["slug"]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["picture", "slug", "brand", "category", "status", "featured", "rating_average"]
    list_display_links = ["slug"]
    list_per_page = 50
    list_filter = ["status", "featured", "category"]
    list_select_related = ["category"]
    search_fields = ["slug", "brand", "texts__name", "variants__sku"]
    inlines = [TextInline, VariantInline, ImageInline]
    prepopulated_fields = {"slug": ["brand"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("images")

    @admin.display(description=_("picture"))
    def picture(self, product: Product) -> str:
        image = next(iter(product.images.all()), None)
        return format_html('<img src="{}" alt="" width="44" height="44">', image.url) if image else ""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        search.index([form.instance.pk])


class StockLevel(admin.SimpleListFilter):
    title = _("stock")
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("out", _("sold out")), ("low", _("running out")), ("enough", _("enough"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Variant]) -> QuerySet[Variant]:
        match self.value():
            case "out":
                return queryset.filter(stock=0)
            case "low":
                return queryset.filter(stock__gt=0, stock__lte=LOW)
            case "enough":
                return queryset.filter(stock__gt=LOW)
        return queryset


@admin.register(Variant)
class VariantAdmin(admin.ModelAdmin):
    """Stock, the scarcest first."""

    form = VariantForm
    list_display = ["sku", "product", "stock", "active", "weight_g"]
    list_filter = [StockLevel, "active", "product__category"]
    list_select_related = ["product"]
    search_fields = ["sku", "barcode", "product__slug"]
    ordering = ["stock", "sku"]
    raw_id_fields = ["product"]
    inlines = [PriceInline]


@admin.register(Review)
class ReviewAdmin(PersonalAdmin):
    """Reviews are looked at before they are shown, photographs with them; who wrote them is masked."""

    list_display = [
        *("product", "rating", "title", "photograph_count", "masked_author_name", "masked_author_email"),
        *("verified", "written_at", "shown_at"),
    ]
    list_filter = ["rating", ("shown_at", admin.EmptyFieldListFilter)]
    list_select_related = ["product"]
    fields = [
        "product",
        "rating",
        "title",
        "body",
        "pictures",
        "masked_author_name",
        "masked_author_email",
        "verified",
        "written_at",
        "shown_at",
    ]
    readonly_fields = [f for f in fields if f not in ("title", "body")]
    actions = ["show", "hide"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).annotate(photograph_number=models.Count("photographs"))

    @admin.display(description=_("photographs"))
    def photograph_count(self, review: Review) -> int:
        return review.photograph_number

    @admin.display(description=_("photographs"))
    def pictures(self, review: Review) -> str:
        """What is to be shown, with the words for those who cannot see it."""
        shown = review.photographs.only("key", "shows")
        return format_html_join(
            "",
            '<figure class="moderated"><img src="{}" alt="{}" width="320"><figcaption>{}</figcaption></figure>',
            (
                (reverse("admin:catalogue_review_photograph", args=[p.key]), p.shows, p.shows or _("not described"))
                for p in shown
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.photograph)
        return [path("photograph/<uuid:key>.jpg", view, name="catalogue_review_photograph"), *super().get_urls()]

    def photograph(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """A photograph that waits to be shown: its author has offered it to everybody, so whoever decides sees it whole."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kept = get_object_or_404(ReviewPhotograph.objects.only("jpeg"), key=key)
        return HttpResponse(as_jpeg(kept.jpeg), content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @admin.action(description=_("Show these reviews"), permissions=["change"])
    def show(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        count = reviews.show(queryset)
        self.message_user(request, ngettext("%d review is shown.", "%d reviews are shown.", count) % count)

    @admin.action(description=_("Hide these reviews"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        count = reviews.hide(queryset)
        self.message_user(request, ngettext("%d review is hidden.", "%d reviews are hidden.", count) % count)
