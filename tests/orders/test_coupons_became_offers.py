"""What a store had of coupons is there as offers after the migration: amounts, limits, who used them, and on which order."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client

from orders.domain.coupons import person_of
from orders.models import Offer, OfferTally, OfferUse
from tests.orders.shop import answers, buy, fill_basket, variant
from tests.orders.test_offers import offer

MOVE = import_module("orders.migrations.0012_coupons_become_offers").MOVE

# As they were; in the session alone, where they are found before any other.
BEFORE = """
CREATE TEMP TABLE orders_coupon (id bigint, code text, kind text, percent numeric, starts_at timestamptz, ends_at timestamptz,
    active boolean, most integer, most_each integer, used integer) ON COMMIT DROP;
CREATE TEMP TABLE orders_couponamount (coupon_id bigint, currency text, amount numeric, minimum numeric) ON COMMIT DROP;
CREATE TEMP TABLE orders_coupontally (id bigint, coupon_id bigint, person bytea, used integer, most integer) ON COMMIT DROP;
CREATE TEMP TABLE orders_couponuse (coupon_id bigint, order_id bigint, tally_id bigint, used_at timestamptz,
    given_back_at timestamptz) ON COMMIT DROP;
INSERT INTO orders_coupon VALUES
    (7, 'SPRING', 'percent', 10, now() - interval '1 day', NULL, true, 5, 1, 1),
    (8, 'FIVE', 'amount', 0, now() - interval '1 day', now() + interval '1 day', true, NULL, NULL, 1),
    (9, 'TWICE', 'free_shipping', 0, now() - interval '1 day', NULL, true, NULL, NULL, 0);
INSERT INTO orders_couponamount VALUES (8, 'USD', 5, 20), (8, 'KRW', 5000, 0);
INSERT INTO orders_coupontally VALUES (3, 7, %(person)s, 1, 1);
INSERT INTO orders_couponuse VALUES
    (7, %(first)s, 3, now() - interval '1 hour', NULL), (8, %(second)s, NULL, now() - interval '1 hour', now());
"""


@pytest.mark.usefixtures("store")
def test_coupons_keep_what_they_were(client: Client) -> None:
    taken = offer("Twice", code="TWICE")
    first, second = (buy(client, variant(sku), email="x@example.com", seen_total="") for sku in ("A", "B"))
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, {"person": person_of("mina@example.com"), "first": first.pk, "second": second.pk})
        cursor.execute(MOVE)
    spring, five, twice = (Offer.objects.get(code=code, active=True) for code in ("SPRING", "FIVE", "TWICE"))
    assert (spring.kind, spring.percent, spring.most, spring.most_each, spring.used) == ("percent", 10, 5, 1, 1)
    assert spring.uses.get().order == first
    assert spring.uses.get().tally == OfferTally.objects.get()
    assert list(five.amounts.order_by("currency").values_list("currency", "amount", "minimum")) == [
        ("KRW", Decimal(5000), Decimal(0)),
        ("USD", Decimal(5), Decimal(20)),
    ]
    assert (five.uses.get().order, five.used) == (second, 0)
    assert five.uses.get().given_back_at is not None
    # The coupon counted where both had the code, and does so still.
    assert twice.kind == "free_shipping"
    taken.refresh_from_db()
    assert (taken.active, taken.code) == (False, f"TWICE-{taken.pk}")
    # Who used theirs up has used it up.
    fill_basket(client, variant("C"))
    again = client.post("/checkout/", answers(client, coupon="SPRING", email="Mina+x@example.com", seen_total=""))
    assert "as often as one person may" in again.content.decode()
    order = buy(Client(), variant("D"), coupon="SPRING", email="jun@example.com", seen_total="")
    assert [row["name"] for row in order.reductions] == ["Coupon SPRING"]
    assert OfferUse.objects.filter(offer=spring).count() == 2
