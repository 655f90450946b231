"""One item of a file into the store, whole or not at all; what another item or another product holds already is refused."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from catalogue.domain import reviews, search
from catalogue.domain.products import Draft, PriceDraft, TextDraft, VariantDraft, put
from catalogue.importers import neutral
from catalogue.importers.neutral import ImportedPrice, ImportedProduct, ImportedText, ImportedVariant, Rejected
from catalogue.importers.report import Report
from catalogue.importers.shelves import Shelves
from catalogue.models import Price, Product, ProductText, Review, Variant
from privacy.imports import import_records

Item = ImportedProduct | ImportedText | ImportedPrice | Rejected


class Refused(Exception):
    """The item cannot be taken; the text says why."""


class Taker:
    """Takes the items of one file, one after the other, and writes down what came of each."""

    def __init__(self, report: Report, *, currency: str, language: str, source: str) -> None:
        self._report = report
        self._currency = currency
        self._language = language
        self._source = source
        self._shelves = Shelves(language)
        # What stood in this file before: the line of each key.
        self._seen: dict[tuple[str, ...], int] = {}

    def take(self, item: Item) -> None:
        if isinstance(item, Rejected):
            self._report.rejected.append(item)
            return
        if isinstance(item, ImportedProduct):
            self._report.rejected += item.rejected
        sold = list(item.variants) if isinstance(item, ImportedProduct) else []
        try:
            with transaction.atomic():
                if isinstance(item, ImportedProduct):
                    self._product(item)
                elif isinstance(item, ImportedText):
                    self._text(item)
                else:
                    self._price(item)
            return
        except Refused as refusal:
            reason = str(refusal)
        except ValidationError as error:
            reason = " ".join(error.messages)
        except DatabaseError as error:
            # A value that no check foresaw; the kind of error names no person, its text might.
            reason = f"the store cannot keep it ({type(error).__name__})"
        self._shelves.forget()
        told = {row.line for row in self._report.rejected[-len(sold) - 1 :]} if sold else set()
        if reason:
            self._reject(item, item.line, reason)
        for variant in sold:
            if variant.line != item.line and variant.line not in told:
                self._reject(item, variant.line, f"its product on line {item.line} was not taken")

    def _reject(self, item: Item, line: int, reason: str) -> None:
        self._report.rejected.append(Rejected(line, reason, getattr(item, "path", None)))

    def _first_time(self, line: int, what: str, *key: str) -> None:
        before = self._seen.setdefault(key, line)
        if before != line:
            raise Refused(f"{what} stands on line {before} already")

    def _text(self, item: ImportedText) -> None:
        self._first_time(item.line, f"the text of “{item.slug}” in “{item.language}”", "text", item.slug, item.language)
        product = Product.objects.filter(slug=item.slug).first()
        if product is None:
            raise Refused(f"there is no product “{item.slug}” in the store")
        values = {"name": item.name}
        if item.description:
            values["description"] = item.description
        text, made = ProductText.objects.get_or_create(product=product, language=item.language, defaults=values)
        if not made:
            if all(getattr(text, name) == value for name, value in values.items()):
                self._report.unchanged += 1
                return
            ProductText.objects.filter(pk=text.pk).update(**values)
        search.index([product.pk])
        if made:
            self._report.new += 1
        else:
            self._report.changed += 1

    def _price(self, item: ImportedPrice) -> None:
        self._first_time(item.line, f"the {item.currency} price of “{item.sku}”", "price", item.sku, item.currency)
        variant = Variant.objects.filter(sku=item.sku).first()
        if variant is None:
            raise Refused(f"there is no article “{item.sku}” in the store")
        values = {"amount": item.amount, "compare_at": item.compare_at}
        price, made = Price.objects.get_or_create(variant=variant, currency=item.currency, defaults=values)
        if not made:
            if all(getattr(price, name) == value for name, value in values.items()):
                return
            Price.objects.filter(pk=price.pk).update(**values)
        self._report.prices += 1

    def _product(self, item: ImportedProduct) -> None:
        if not item.name:
            raise Refused("the name is missing")
        if item.keyed:
            self._first_time(
                item.line, f"the product “{item.slug}”, whose rows must follow each other,", "product", item.slug
            )
        there = Variant.objects.filter(
            Q(sku__in=[v.sku for v in item.variants]) | Q(barcode__in=[v.barcode for v in item.variants if v.barcode])
        ).values_list("sku", "barcode", "product__slug")
        owners = {sku: slug for sku, _, slug in there}
        barcodes = {barcode: sku for sku, barcode, _ in there if barcode}
        slug, known = self._own_slug(item, owners)
        clashes: list[Rejected] = []
        notes: list[Rejected] = []
        free = list(self._free(item, slug, owners, clashes))
        if not free:
            self._report.rejected += clashes
            # Where each of its rows was refused, nothing is left to say of it.
            raise Refused("" if clashes or item.rejected else "there is nothing in it that could be sold")
        for variant in free:
            if variant.barcode and barcodes.setdefault(variant.barcode, variant.sku) != variant.sku:
                holder = barcodes[variant.barcode]
                text = f"the barcode “{variant.barcode}” is that of the article “{holder}” and was left out"
                notes.append(Rejected(variant.line, text, None if item.path is None else "meta.barcode"))
                variant.barcode = ""
        product, changed = put(self._draft(item, slug, free, known))
        stored = self._reviews(item, product)
        # Nothing below can fail, so what is counted has happened.
        self._seen.update((("sku", variant.sku), variant.line) for variant in free)
        self._report.rejected += clashes
        self._report.notes += item.notes + notes
        self._report.reviews += stored
        self._report.pictures_left_out += item.pictures
        if known is None:
            self._report.new += 1
        elif changed or stored:
            self._report.changed += 1
        else:
            self._report.unchanged += 1

    def _own_slug(self, item: ImportedProduct, owners: dict[str, str]) -> tuple[str, Product | None]:
        """The address of this product, and what stands there: of two products of one name the second takes a longer one."""
        slug = item.slug
        longer = {neutral.slug(f"{slug} {variant.sku}") for variant in item.variants}
        if slug not in owners.values() and (own := longer & set(owners.values())):
            slug = min(own)
        known = Product.objects.filter(slug=slug).first()
        taken = known is not None and not item.keyed and slug not in owners.values() and bool(item.variants)
        if taken and Variant.objects.filter(product=known).exists():
            slug = neutral.slug(f"{slug} {item.variants[0].sku}")
            known = Product.objects.filter(slug=slug).first()
        return slug, known

    def _free(
        self, item: ImportedProduct, slug: str, owners: dict[str, str], clashes: list[Rejected]
    ) -> Iterator[ImportedVariant]:
        """The variants whose article numbers are this product's own, in the file and in the store."""
        here: dict[str, int] = {}
        for variant in item.variants:
            before = self._seen.get(("sku", variant.sku)) or here.get(variant.sku)
            if before is not None:
                unit = "line" if item.path is None else "item"
                reason = f"the article number “{variant.sku}” stands on {unit} {before} already"
            elif owners.get(variant.sku, slug) != slug:
                reason = f"the article number “{variant.sku}” belongs to “{owners[variant.sku]}”"
            else:
                here[variant.sku] = variant.line
                yield variant
                continue
            clashes.append(Rejected(variant.line, reason, None if item.path is None else "sku"))

    def _draft(self, item: ImportedProduct, slug: str, sold: list[ImportedVariant], known: Product | None) -> Draft:
        """The product as the file describes it; what the file is silent about stays as the store knows it."""
        text, there = None, {}
        if known is not None:
            text = ProductText.objects.filter(product=known, language=self._language).first()
            # Locked in the order in which sales lock them: the stock that is read here is the stock that is written.
            locked = Variant.objects.select_for_update(no_key=True).filter(product=known).order_by("pk")
            there = {variant.sku: variant for variant in locked}
        before = known or Product()
        return Draft(
            slug=slug,
            texts={
                self._language: TextDraft(
                    item.name,
                    item.summary or (text.summary if text else ""),
                    item.description or (text.description if text else ""),
                )
            },
            category=self._shelves.find(item.categories) or before.category,
            brand=item.brand or before.brand,
            origin=before.origin,
            hs_code=before.hs_code,
            featured=before.featured,
            tags=item.tags or before.tags,
            status=Product.Status.ACTIVE if item.shown else Product.Status.DRAFT,
            variants=[self._variant_draft(variant, there.get(variant.sku) or Variant()) for variant in sold],
        )

    def _variant_draft(self, variant: ImportedVariant, before: Variant) -> VariantDraft:
        return VariantDraft(
            sku=variant.sku,
            prices={variant.currency or self._currency: PriceDraft(variant.price, variant.compare_at)},
            options=(before.options | {self._language: variant.options}) if variant.options else before.options,
            barcode=variant.barcode or before.barcode,
            weight_g=before.weight_g if variant.weight_g is None else variant.weight_g,
            stock=before.stock if variant.stock is None else variant.stock,
        )

    def _reviews(self, item: ImportedProduct, product: Product) -> int:
        """Reviews carry people's names and addresses, so they come in through the gate; one that is here already does not."""
        if not item.reviews:
            return 0
        known = set(Review.objects.filter(product=product).values_list("author_email", "author_name", "written_at"))
        fresh = [r for r in item.reviews if (r["author_email"], r["author_name"], r["written_at"]) not in known]
        if fresh:
            rows = [{**review, "product": product, "shown_at": timezone.now()} for review in fresh]
            import_records(Review, rows, surface="import.reviews", source=self._source)
            reviews.refresh_ratings([product.pk])
        return len(fresh)
