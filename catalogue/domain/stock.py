"""Pieces leave and return by conditional updates in a fixed order: nobody sells what is not there.

The updates themselves stand in the database, as functions of the migration `holds`: one call is one statement, each
variant's row is locked for as short as can be, and the clock is the database's own for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, Now

from catalogue.models import Hold

# Pieces wished for by variant. In pairs a variant may be named twice, and is counted once with the sum.
Pieces = Mapping[int, int] | Iterable[tuple[int, int]]


def hold(pieces: Pieces, *, key: UUID, held_for: timedelta) -> dict[int, int]:
    """Take pieces from the free stock and keep them under a key for a while; the answer is empty, or what is free of each
    variant that is short.

    Call it inside a transaction, and let that roll back when something is short: what could be held has been. It is best
    the last thing before the commit, since everybody else who wants these goods waits for that.
    """
    variants, quantities = _columns(pieces)
    if not variants:
        return {}
    return _short(
        "SELECT * FROM catalogue_hold_all(%s::bigint[], %s::bigint[], %s, %s)", [variants, quantities, key, held_for]
    )


def prolong(pieces: Pieces, *, key: UUID, held_for: timedelta) -> dict[int, int]:
    """Keep them at least so long from now. What ran out and was not taken by others is held anew; else as `hold`."""
    variants, quantities = _columns(pieces)
    if not variants:
        return {}
    return _short(
        "SELECT * FROM catalogue_prolong(%s::bigint[], %s::bigint[], %s, %s)", [variants, quantities, key, held_for]
    )


def sell(pieces: Pieces, *, key: UUID) -> dict[int, int]:
    """Let pieces that are held under a key leave for good; else as `hold`.

    A hold that ran out a moment ago still sells, unless somebody else has its pieces and no others are free. Call it once
    for a sale: a hold that is gone is taken for one that ran out.
    """
    variants, quantities = _columns(pieces)
    if not variants:
        return {}
    return _short("SELECT * FROM catalogue_sell(%s::bigint[], %s::bigint[], %s)", [variants, quantities, key])


def release(key: UUID) -> int:
    """Give everything that is held under a key back to the free stock; says how many pieces. Twice is once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalogue_release(%s)", [key])
        return cursor.fetchone()[0]


def put_back(pieces: Pieces) -> None:
    """Return pieces that were sold and came back."""
    variants, quantities = _columns(pieces)
    if not variants:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH back AS (
                SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS back (id, quantity)
            ), locked AS (
                SELECT variant.id FROM catalogue_variant AS variant JOIN back USING (id)
                 ORDER BY variant.id FOR NO KEY UPDATE OF variant
            )
            UPDATE catalogue_variant AS variant SET stock = variant.stock + back.quantity
              FROM back JOIN locked USING (id) WHERE variant.id = back.id
            """,
            [variants, quantities],
        )


def reclaim_expired(limit: int = 500) -> int:
    """Bring what ran out back to the shelf; says how many pieces.

    Selling does so by itself, for the goods that are short. This keeps the numbers right for those who merely read them.
    """
    expired = Hold.objects.filter(expires_at__lte=Now()).order_by("variant_id").values_list("variant_id", flat=True)
    freed = 0
    for variant_id in list(expired.distinct()[:limit]):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT catalogue_reclaim(%s)", [variant_id])
            freed += cursor.fetchone()[0]
    return freed


def free() -> CombinedExpression:
    """What is free of a variant at this moment, for a query over variants: its stock, and holds that have run out."""
    expired = Hold.objects.filter(variant=OuterRef("pk"), expires_at__lte=Now()).order_by().values("variant")
    return F("stock") + Coalesce(
        Subquery(expired.annotate(pieces=Sum("quantity")).values("pieces"), output_field=IntegerField()), 0
    )


def freed_product() -> Case:
    """1 for a product of which something ran out of its hold, else 0: a look at few rows, however many products there are."""
    return Case(When(pk__in=freed(), then=1), default=0, output_field=IntegerField())


def freed() -> QuerySet[Hold, Any]:
    """The products of which something ran out of its hold."""
    return Hold.objects.filter(expires_at__lte=Now(), variant__active=True).values("variant__product")


def _columns(pieces: Pieces) -> tuple[list[int], list[int]]:
    wished: dict[int, int] = {}
    for variant, quantity in pieces.items() if isinstance(pieces, Mapping) else pieces:
        wished[variant] = wished.get(variant, 0) + quantity
    wished = {variant: quantity for variant, quantity in sorted(wished.items()) if quantity > 0}
    return list(wished), list(wished.values())


def _short(sql: str, parameters: list[Any]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return dict(cursor.fetchall())
