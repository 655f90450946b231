"""`load_sample_catalogue`: the goods that were written for this project, so that a new store has something to sell."""

import tomllib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models.functions import Now

from catalogue.domain.products import Draft, PriceDraft, TextDraft, VariantDraft, put
from catalogue.models import Category, PriceHistory, Product

FOLDER = Path(__file__).resolve().parents[2] / "sample"


class Command(BaseCommand):
    help = "Load the sample catalogue; twice is the same as once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when the store has products already")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Product.objects.exists():
            self.stdout.write("The store has products already; the sample was left out.")
            return
        shelves = {}
        for row in _read("categories")["category"]:
            shelves[row["slug"]], _ = Category.objects.update_or_create(
                slug=row["slug"],
                defaults={"names": row["name"], "descriptions": row["description"], "position": row["order"]},
            )
        changed = 0
        for slug, shelf in shelves.items():
            for row in _read(slug)["product"]:
                draft = _draft(row, shelf)
                _sell_at_the_former_price(draft)
                changed += put(draft)[1]
        self.stdout.write(f"The sample catalogue is in: {changed} products were new or changed.")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _sell_at_the_former_price(draft: Draft) -> None:
    """Give new goods that are reduced the past that a reduction needs: 45 days at the price before."""
    reduced = [v for v in draft.variants if any(price.compare_at for price in v.prices.values())]
    if not reduced or Product.objects.filter(slug=draft.slug).exists():
        return
    before = [
        replace(v, prices={c: PriceDraft(price.compare_at or price.amount) for c, price in v.prices.items()})
        for v in draft.variants
    ]
    product, _changed = put(replace(draft, variants=before))
    # By their keys: joined to the goods, on a server that has no figures of new tables yet, each product took seconds.
    sold = list(product.variants.values_list("pk", flat=True))
    PriceHistory.objects.filter(variant__in=sold).update(since=Now() - timedelta(days=45))


def _draft(row: dict[str, Any], shelf: Category) -> Draft:
    return Draft(
        slug=row["slug"],
        category=shelf,
        brand=row["brand"],
        origin=row["origin"],
        hs_code=row["hs_code"],
        featured=row.get("featured", False),
        texts={
            language: TextDraft(name, row["summary"][language].strip(), row["description"][language].strip())
            for language, name in row["name"].items()
        },
        illustration=f"catalogue/sample/{row['slug']}.svg",
        variants=[
            VariantDraft(
                sku=variant["sku"],
                options=variant.get("options", {}),
                barcode=variant.get("barcode", ""),
                weight_g=variant["weight_g"],
                stock=variant["stock"],
                prices={
                    currency: PriceDraft(
                        Decimal(str(amount)),
                        Decimal(str(variant["compare_at"][currency])) if "compare_at" in variant else None,
                    )
                    for currency, amount in variant["price"].items()
                },
            )
            for variant in row["variant"]
        ],
    )
