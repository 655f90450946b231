"""An import from the file to the store: what can be taken is taken, what cannot is named, and twice is the same as once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from catalogue.domain import reviews, search
from catalogue.domain.products import Draft, PriceDraft, TextDraft, VariantDraft, put
from catalogue.importers import dummyjson, neutral, shopify, spree, woocommerce
from catalogue.importers.neutral import ImportedPrice, ImportedProduct, ImportedText, Rejected
from catalogue.importers.reading import UnreadableFile, header_of, is_json, read_json, read_text, rows_of
from catalogue.models import Category, Price, Product, ProductText, Review, Variant
from privacy.imports import import_records

FORMATS = ("shopify", "woocommerce", "spree", "dummyjson")

Item = ImportedProduct | ImportedText | ImportedPrice | Rejected


@dataclass(slots=True)
class Report:
    """What came of an import; `rejected` names each row that was not taken."""

    format: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    prices: int = 0
    reviews: int = 0
    pictures_left_out: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def run(
    path: Path,
    *,
    format: str = "auto",
    currency: str = "USD",
    language: str = "en",
    dry_run: bool = False,
    progress: Callable[[Iterable[Item]], Iterable[Item]] = iter,
) -> Report:
    """Import one file. A dry run does everything and keeps nothing, so it says what a real one would."""
    text = read_text(path)
    report = Report(format=_detected(text) if format == "auto" else format)
    items = _items(text, report.format, currency)
    with transaction.atomic():
        seen: dict[str, int] = {}
        for item in progress(items):
            _take(item, report, seen, currency=currency, language=language, source=path.name)
        if dry_run:
            transaction.set_rollback(True)
    report.rejected.sort(key=lambda row: row.line)
    return report


def _detected(text: str) -> str:
    if is_json(text):
        return "dummyjson"
    header = header_of(text)
    for name, module in (("shopify", shopify), ("woocommerce", woocommerce), ("spree", spree)):
        if module.recognises(header):
            return name
    raise UnreadableFile(
        "The columns are of no export that is known here (Shopify, WooCommerce, Spree, DummyJSON). "
        "Name the format with --format, or export the products again."
    )


def _items(text: str, format: str, currency: str) -> Iterator[Item]:
    if format == "dummyjson":
        return dummyjson.products(dummyjson.items_of(read_json(text)), currency)
    if is_json(text):
        raise UnreadableFile(f"The file is JSON, and {format} exports are CSV. Use --format dummyjson or auto.")
    header = header_of(text)
    module = {"shopify": shopify, "woocommerce": woocommerce, "spree": spree}[format]
    if not module.recognises(header):
        raise UnreadableFile(f"The columns are not those of a {format} export: {', '.join(header[:6])} …")
    if module is spree and spree.is_translations(header):
        return spree.translations(rows_of(text))
    return module.products(rows_of(text), currency)


def _take(item: Item, report: Report, seen: dict[str, int], *, currency: str, language: str, source: str) -> None:
    if isinstance(item, Rejected):
        report.rejected.append(item)
        return
    try:
        with transaction.atomic():
            if isinstance(item, ImportedText):
                _take_text(item, report)
            elif isinstance(item, ImportedPrice):
                _take_price(item, report)
            else:
                _take_product(item, report, seen, currency, language, source)
    except ValidationError as error:
        report.rejected.append(Rejected(item.line, " ".join(error.messages)))
    except DatabaseError as error:
        # A value that no check above foresaw; what the database says of constraints names no person.
        report.rejected.append(Rejected(item.line, f"the store cannot keep it ({type(error).__name__})"))


def _take_text(item: ImportedText, report: Report) -> None:
    product = Product.objects.filter(slug=item.slug).first()
    if product is None:
        report.rejected.append(Rejected(item.line, f"there is no product “{item.slug}” in the store"))
        return
    values = {"name": item.name, "description": item.description}
    text, made = ProductText.objects.get_or_create(product=product, language=item.language, defaults=values)
    if made:
        report.new += 1
    elif any(getattr(text, name) != value for name, value in values.items()):
        ProductText.objects.filter(pk=text.pk).update(**values)
        report.changed += 1
    else:
        report.unchanged += 1
        return
    search.index([product.pk])


def _take_price(item: ImportedPrice, report: Report) -> None:
    variant = Variant.objects.filter(sku=item.sku).first()
    if variant is None:
        report.rejected.append(Rejected(item.line, f"there is no article “{item.sku}” in the store"))
        return
    values = {"amount": item.amount, "compare_at": item.compare_at}
    price, made = Price.objects.get_or_create(variant=variant, currency=item.currency, defaults=values)
    if made or any(getattr(price, name) != value for name, value in values.items()):
        Price.objects.filter(pk=price.pk).update(**values)
        report.prices += 1


def _take_product(
    item: ImportedProduct, report: Report, seen: dict[str, int], currency: str, language: str, source: str
) -> None:
    report.rejected += item.rejected
    if not item.name:
        report.rejected.append(Rejected(item.line, "the name is missing"))
        return
    item.slug = _own_slug(item)
    item.variants = [variant for variant in item.variants if _is_free(variant, item, seen, report)]
    if not item.variants:
        if not item.rejected:
            report.rejected.append(Rejected(item.line, "there is nothing in it that could be sold"))
        return
    existed = Product.objects.filter(slug=item.slug).exists()
    product, changed = put(_draft(item, currency, language))
    stored = _take_reviews(item, product, source)
    report.reviews += stored
    report.pictures_left_out += item.pictures
    if not existed:
        report.new += 1
    elif changed or stored:
        report.changed += 1
    else:
        report.unchanged += 1


def _own_slug(item: ImportedProduct) -> str:
    """The address of this product: another product of the same name keeps its own, and this one takes a longer one."""
    skus = [variant.sku for variant in item.variants]
    known = Variant.objects.filter(sku__in=skus).values_list("product__slug", flat=True).first()
    if known is not None and known.startswith(item.slug):
        return known
    taken = Variant.objects.filter(product__slug=item.slug).exclude(sku__in=skus).exists()
    return neutral.slug(f"{item.slug} {skus[0]}") if taken and skus else item.slug


def _is_free(variant: neutral.ImportedVariant, item: ImportedProduct, seen: dict[str, int], report: Report) -> bool:
    """Whether the article number is this product's own, in the file and in the store; a barcode of another is left out."""
    if variant.sku in seen:
        report.rejected.append(
            Rejected(variant.line, f"the article number “{variant.sku}” stands on line {seen[variant.sku]} already")
        )
        return False
    owner = Variant.objects.filter(sku=variant.sku).values_list("product__slug", flat=True).first()
    if owner is not None and owner != item.slug:
        report.rejected.append(Rejected(variant.line, f"the article number “{variant.sku}” belongs to “{owner}”"))
        return False
    seen[variant.sku] = variant.line
    if variant.barcode and Variant.objects.filter(barcode=variant.barcode).exclude(sku=variant.sku).exists():
        variant.barcode = ""
    return True


def _draft(item: ImportedProduct, currency: str, language: str) -> Draft:
    """The product as the file describes it; what the file is silent about stays as the store knows it."""
    known = Product.objects.filter(slug=item.slug).first() or Product()
    text = ProductText.objects.filter(product=known, language=language).first() if known.pk else None
    variants = {v.sku: v for v in Variant.objects.filter(product=known)} if known.pk else {}
    return Draft(
        slug=item.slug,
        texts={
            language: TextDraft(
                item.name,
                item.summary or (text.summary if text else ""),
                item.description or (text.description if text else ""),
            )
        },
        category=_category(item.categories, language) or known.category,
        brand=item.brand or known.brand,
        origin=known.origin,
        hs_code=known.hs_code,
        featured=known.featured,
        tags=item.tags or known.tags,
        status=Product.Status.ACTIVE if item.shown else Product.Status.DRAFT,
        variants=[
            VariantDraft(
                sku=variant.sku,
                prices={variant.currency or currency: PriceDraft(variant.price, variant.compare_at)},
                options=(before.options | {language: variant.options}) if variant.options else before.options,
                barcode=variant.barcode or before.barcode,
                weight_g=before.weight_g if variant.weight_g is None else variant.weight_g,
                stock=before.stock if variant.stock is None else variant.stock,
            )
            for variant in item.variants
            for before in [variants.get(variant.sku) or Variant()]
        ],
    )


def _category(names: list[str], language: str) -> Category | None:
    """The shelf that the file names, made when it is new; a second name is a shelf below the first."""
    shelf = None
    for name in names:
        slug = neutral.slug(name if shelf is None else f"{shelf.slug}-{name}")[:80]
        shelf, _ = Category.objects.get_or_create(
            slug=slug, defaults={"names": {language: name[:120]}, "parent": shelf}
        )
    return shelf


def _take_reviews(item: ImportedProduct, product: Product, source: str) -> int:
    """Reviews carry people's names and addresses, so they come in through the gate; one that is here already does not."""
    if not item.reviews:
        return 0
    known = set(Review.objects.filter(product=product).values_list("author_email", "author_name", "written_at"))
    fresh = [r for r in item.reviews if (r["author_email"], r["author_name"], r["written_at"]) not in known]
    rows = [{**review, "product": product, "shown_at": timezone.now()} for review in fresh]
    import_records(Review, rows, surface="import.reviews", source=source)
    reviews.refresh_ratings([product.pk])
    return len(rows)
