"""Goods for one visitor's front page: those that were looked at, what stands beside them, and shelves that are liked."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from catalogue.cards import SHOWN, Card, as_cards, in_stock, priced, sold
from catalogue.models import Product
from catalogue.statements import Statement


def cards_of(slugs: Sequence[str], language: str, currency: str) -> list[Card]:
    """The goods with these names, in this order; what is not sold any more is left out. One statement."""
    found = {card.slug: card for card in _first(sold(language, currency).filter(slug__in=slugs), currency, len(slugs))}
    return [found[slug] for slug in slugs if slug in found]


def cards_on(
    shelves: Sequence[str], language: str, currency: str, *, without: Sequence[str] = (), most: int = 4
) -> list[Card]:
    """Some goods in stock of these shelves, the newest first. One statement."""
    rows = sold(language, currency).filter(
        Q(category__slug__in=shelves) | Q(category__parent__slug__in=shelves), priced(currency), in_stock()
    )
    rows = rows.exclude(slug__in=without).order_by("-featured", "-created_at", "-pk")
    return _first(rows, currency, most)


def cards_beside(slug: str, language: str, currency: str, *, without: Sequence[str] = (), most: int = 4) -> list[Card]:
    """Some goods in stock that stand on the shelf of this one. One statement."""
    shelf = Product.objects.filter(slug=slug).values("category")
    rows = sold(language, currency).filter(priced(currency), in_stock(), category__in=shelf)
    rows = rows.exclude(slug__in=[slug, *without]).order_by("-featured", "-created_at", "-pk")
    return _first(rows, currency, most)


def _first(rows: QuerySet[Product], currency: str, number: int) -> list[Card]:
    """So many of them, as the database wrote them."""
    return as_cards(Statement(rows.values_list(*SHOWN)).part({}, 0, number), currency)
