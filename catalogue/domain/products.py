"""The single entry point for products: the sample, the importers and the admin all describe one as a `Draft` and put it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from catalogue.domain import search
from catalogue.models import Category, Price, Product, ProductImage, ProductText, Variant


@dataclass(frozen=True, slots=True)
class TextDraft:
    name: str
    summary: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PriceDraft:
    amount: Decimal
    compare_at: Decimal | None = None


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One choice; prices by currency code, options by language."""

    sku: str
    prices: Mapping[str, PriceDraft]
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    barcode: str = ""
    weight_g: int = 0
    stock: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A product as somebody describes it; texts by language."""

    slug: str
    texts: Mapping[str, TextDraft]
    variants: Sequence[VariantDraft]
    category: Category | None = None
    brand: str = ""
    origin: str = ""
    hs_code: str = ""
    featured: bool = False
    status: str = Product.Status.ACTIVE
    tags: Sequence[str] = ()
    illustration: str = ""


@transaction.atomic
def put(draft: Draft) -> tuple[Product, bool]:
    """Create a product or bring the one with this slug to what the draft says; the second is whether anything changed.

    A text or a variant that the draft does not name stays. Indexing for the search is part of it. An article number of
    another product is refused (`ValidationError`).
    """
    own = {
        "brand": draft.brand,
        "category": draft.category,
        "status": draft.status,
        "origin": draft.origin,
        "hs_code": draft.hs_code,
        "featured": draft.featured,
        "tags": list(draft.tags),
    }
    product, changed = Product.objects.get_or_create(slug=draft.slug, defaults=own)
    if not changed and any(getattr(product, name) != value for name, value in own.items()):
        changed = True
        for name, value in own.items():
            setattr(product, name, value)
        product.save()
    for language, text in draft.texts.items():
        changed |= _bring(
            ProductText,
            {"product": product, "language": language},
            {"name": text.name, "summary": text.summary, "description": text.description},
        )
    for position, variant in enumerate(draft.variants):
        changed |= _put_variant(product, variant, position)
    if draft.illustration:
        alt = {language: text.name for language, text in draft.texts.items()}
        changed |= _bring(ProductImage, {"product": product, "static_path": draft.illustration}, {"alt": alt})
    if changed:
        search.index([product.pk])
    return product, changed


def _put_variant(product: Product, draft: VariantDraft, position: int) -> bool:
    owner = (
        Variant.objects.filter(sku=draft.sku).exclude(product=product).values_list("product__slug", flat=True).first()
    )
    if owner is not None:
        raise ValidationError(f"The article number {draft.sku!r} belongs to the product {owner!r}.")
    changed = _bring(
        Variant,
        {"sku": draft.sku},
        {
            "product": product,
            "options": {language: dict(choice) for language, choice in draft.options.items()},
            "barcode": draft.barcode,
            "weight_g": draft.weight_g,
            "stock": draft.stock,
            "position": position,
            "active": True,
        },
    )
    variant = Variant.objects.get(sku=draft.sku)
    for currency, price in draft.prices.items():
        changed |= _bring(
            Price,
            {"variant": variant, "currency": currency},
            {"amount": price.amount, "compare_at": price.compare_at},
        )
    return changed


def _bring(model: type[models.Model], key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Bring one row to its values; whether it was made or changed."""
    row, made = model._default_manager.get_or_create(**key, defaults=values)
    if made:
        return True
    different = [name for name, value in values.items() if getattr(row, name) != value]
    if different:
        for name in different:
            setattr(row, name, values[name])
        row.save()
    return bool(different)
