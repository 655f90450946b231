"""What products are found by: words for what is typed right, pairs of letters for the middle of a word and for slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.db import connection

_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """A text as it is compared: composed, lower case, no accents on Latin letters."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(c for c in decomposed if not ("̀" <= c <= "ͯ"))
    return unicodedata.normalize("NFC", plain)


def words_of(text: str) -> list[str]:
    """The words of a text, folded."""
    return _WORD.findall(folded(text))


def grams_of(text: str) -> list[str]:
    """Every pair of neighbouring letters of the words of a text; a word of one letter stands for itself.

    Hangul is cut into its letters first, so that a slip inside one syllable costs one pair and not the whole syllable.
    """
    grams: set[str] = set()
    for word in (unicodedata.normalize("NFD", word) for word in words_of(text)):
        grams.update(word[i : i + 2] for i in range(len(word) - 1)) if len(word) > 1 else grams.add(word)
    return sorted(grams)


def index(product_ids: Iterable[int]) -> None:
    """Write the search entries of these products anew, in two statements however many."""
    ids = sorted(set(product_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.brand, array_to_string(p.tags, ' '), coalesce(c.names::text, ''), "
            "       coalesce(string_agg(t.name, ' '), ''), coalesce(string_agg(t.summary || ' ' || t.description, ' '), ''), "
            "       coalesce((SELECT string_agg(v.sku, ' ') FROM catalogue_variant v WHERE v.product_id = p.id), '') "
            "  FROM catalogue_product p LEFT JOIN catalogue_producttext t ON t.product_id = p.id "
            "  LEFT JOIN catalogue_category c ON c.id = p.category_id "
            " WHERE p.id = ANY(%s) GROUP BY p.id, c.names",
            [ids],
        )
        rows = [
            (
                pk,
                " ".join(words_of(f"{names} {brand} {skus}"))[:20_000],
                " ".join(words_of(f"{tags} {category}"))[:20_000],
                " ".join(words_of(prose))[:60_000],
                "{" + ",".join(f'"{g}"' for g in grams_of(f"{names} {brand}")) + "}",
            )
            for pk, brand, tags, category, names, prose, skus in cursor.fetchall()
        ]
        cursor.execute(
            "INSERT INTO catalogue_searchentry (product_id, words, grams) "
            "SELECT id, setweight(to_tsvector('simple', a), 'A') || setweight(to_tsvector('simple', b), 'B') "
            "       || setweight(to_tsvector('simple', c), 'C'), grams::varchar(2)[] "
            "  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) AS new (id, a, b, c, grams) "
            "ON CONFLICT (product_id) DO UPDATE SET words = EXCLUDED.words, grams = EXCLUDED.grams",
            [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], [], []],
        )
