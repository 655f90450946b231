"""Pieces leave and return by conditional updates in a fixed order: nobody sells what is not there."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection


def take(quantities: Mapping[int, int]) -> dict[int, int]:
    """Take pieces of several variants; the answer is empty, or the stock of each that is short.

    Call it inside a transaction, and let that roll back when something is short: what could be taken has been. Rows are
    locked in the order of their keys, so two buyers of the same goods cannot wait for each other in a circle.
    """
    wanted = sorted((variant, quantity) for variant, quantity in quantities.items() if quantity > 0)
    if not wanted:
        return {}
    keys, pieces = (list(column) for column in zip(*wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
                SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (id, quantity)
            ), locked AS (
                SELECT variant.id FROM catalogue_variant AS variant JOIN wanted USING (id)
                 ORDER BY variant.id FOR UPDATE OF variant
            )
            UPDATE catalogue_variant AS variant SET stock = variant.stock - wanted.quantity
              FROM wanted JOIN locked USING (id)
             WHERE variant.id = wanted.id AND variant.stock >= wanted.quantity
            RETURNING variant.id
            """,
            [keys, pieces],
        )
        taken = {row[0] for row in cursor.fetchall()}
        missing = [key for key in keys if key not in taken]
        if not missing:
            return {}
        cursor.execute("SELECT id, stock FROM catalogue_variant WHERE id = ANY(%s)", [missing])
        left = dict(cursor.fetchall())
    return {key: left.get(key, 0) for key in missing}


def put_back(quantities: Mapping[int, int]) -> None:
    """Return pieces that were taken and not sold after all."""
    wanted = sorted((variant, quantity) for variant, quantity in quantities.items() if quantity > 0)
    if not wanted:
        return
    keys, pieces = (list(column) for column in zip(*wanted, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH wanted AS (
                SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (id, quantity)
            ), locked AS (
                SELECT variant.id FROM catalogue_variant AS variant JOIN wanted USING (id)
                 ORDER BY variant.id FOR UPDATE OF variant
            )
            UPDATE catalogue_variant AS variant SET stock = variant.stock + wanted.quantity
              FROM wanted JOIN locked USING (id) WHERE variant.id = wanted.id
            """,
            [keys, pieces],
        )
