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
    another product is refused (`ValidationError`). As many statements for one variant as for many.
    """
    own = {
        "brand": draft.brand,
        "category_id": draft.category.pk if draft.category else None,
        "status": draft.status,
        "origin": draft.origin,
        "hs_code": draft.hs_code,
        "featured": draft.featured,
        "tags": list(draft.tags),
    }
    product, made = Product.objects.get_or_create(slug=draft.slug, defaults=own)
    # `updated_at` changes with whatever else does.
    changed = made or _bring(product, own, "updated_at")
    changed |= _put_texts(product, draft, made)
    changed |= _put_variants(product, draft)
    if draft.illustration:
        alt = {language: text.name for language, text in draft.texts.items()}
        picture, drawn = ProductImage.objects.get_or_create(
            product=product, static_path=draft.illustration, defaults={"alt": alt}
        )
        changed |= drawn or _bring(picture, {"alt": alt})
    if changed:
        search.index([product.pk])
    return product, changed


def _put_texts(product: Product, draft: Draft, made: bool) -> bool:
    known = {} if made else {text.language: text for text in ProductText.objects.filter(product=product)}
    new, changed = [], False
    for language, text in draft.texts.items():
        values = {"name": text.name, "summary": text.summary, "description": text.description}
        if language in known:
            changed |= _bring(known[language], values)
        else:
            new.append(ProductText(product=product, language=language, **values))
    ProductText.objects.bulk_create(new)
    return changed or bool(new)


def _put_variants(product: Product, draft: Draft) -> bool:
    skus = [variant.sku for variant in draft.variants]
    if len(set(skus)) < len(skus):
        raise ValidationError("An article number stands twice in one product.")
    known = {variant.sku: variant for variant in Variant.objects.filter(sku__in=skus).select_related("product")}
    for variant in known.values():
        if variant.product_id != product.pk:
            raise ValidationError(
                f"The article number {variant.sku!r} belongs to the product {variant.product.slug!r}."
            )
    new, changed = [], False
    for position, described in enumerate(draft.variants):
        values = {
            "options": {language: dict(choice) for language, choice in described.options.items()},
            "barcode": described.barcode,
            "weight_g": described.weight_g,
            "stock": described.stock,
            "position": position,
            "active": True,
        }
        if described.sku in known:
            changed |= _bring(known[described.sku], values)
        else:
            new.append(Variant(product=product, sku=described.sku, **values))
    there = [variant.pk for variant in known.values()]
    # After the changes, since one of them may have set a barcode free.
    known |= {variant.sku: variant for variant in Variant.objects.bulk_create(new)}
    return _put_prices(draft, known, there) or changed or bool(new)


def _put_prices(draft: Draft, variants: Mapping[str, Variant], there: Sequence[int]) -> bool:
    """Bring the prices of these variants to what the draft says; only those `there` before can have had any."""
    known = {(p.variant_id, p.currency): p for p in Price.objects.filter(variant__in=there)} if there else {}
    new, changed = [], False
    for described in draft.variants:
        variant = variants[described.sku]
        for currency, price in described.prices.items():
            values = {"amount": price.amount, "compare_at": price.compare_at}
            if (variant.pk, currency) in known:
                changed |= _bring(known[variant.pk, currency], values)
            else:
                new.append(Price(variant=variant, currency=currency, **values))
    Price.objects.bulk_create(new)
    return changed or bool(new)


def _bring(row: models.Model, values: Mapping[str, Any], *also: str) -> bool:
    """Bring a row to its values and write those that differ; whether any did."""
    different = [name for name, value in values.items() if getattr(row, name) != value]
    if different:
        for name in different:
            setattr(row, name, values[name])
        row.save(update_fields=[*different, *also])
    return bool(different)
