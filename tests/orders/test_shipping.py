"""What a parcel costs: by zone and weight, to the gram, and a clear word where none can be sent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from djmoney.money import Money

from orders.domain import shipping, terms
from orders.domain.shipping_table import ZONES
from orders.models import Order, ShippingRate, ShippingZone
from tests.orders.shop import answers, fill_basket, hidden, variant

pytestmark = pytest.mark.usefixtures("store")


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.code)
def test_each_band_ends_at_its_gram(zone: object) -> None:
    country = zone.countries[0] if zone.countries else "BR"  # type: ignore[attr-defined]
    for currency, bands in zone.prices.items():  # type: ignore[attr-defined]
        read = terms.read(country, currency)
        for (up_to_g, price), above in zip(bands, [*bands[1:], None], strict=True):
            assert shipping.quote(read, up_to_g).price == Money(Decimal(price), currency)
            if above is not None:
                assert shipping.quote(read, up_to_g + 1).price == Money(Decimal(above[1]), currency)
                continue
            with pytest.raises(shipping.CannotShip) as refused:
                shipping.quote(read, up_to_g + 1)
            assert refused.value.heaviest_g == up_to_g


def test_a_zone_that_names_the_country_counts_before_the_one_for_all_others() -> None:
    own = ShippingZone.objects.create(code="own", name="Brazil", countries=["BR"], days_from=3, days_to=4)
    ShippingRate.objects.create(zone=own, up_to_g=500, currency="USD", price=Decimal("99.00"))
    read = terms.read("BR", "USD")
    assert shipping.quote(read, 400).price == Money("99.00", "USD")
    assert shipping.quote(read, 400).days_to == 4
    with pytest.raises(shipping.CannotShip):
        shipping.quote(read, 501)


def test_two_light_pieces_are_one_heavier_parcel(client: Client) -> None:
    tea = variant(weight_g=400)
    fill_basket(client, tea)
    one = Decimal(hidden(client.get("/checkout/").content, "seen_total"))
    client.post("/basket/update/", {"variant": tea.pk, "quantity": 10})
    ten = Decimal(hidden(client.get("/checkout/").content, "seen_total"))
    read = terms.read("US", "USD")
    parcel = {weight: shipping.quote(read, weight).price.amount for weight in (400, 4000)}
    assert parcel[4000] > parcel[400]
    assert one == Decimal("12.50") + parcel[400]
    assert ten == Decimal("125.00") + parcel[4000]


def test_what_is_too_heavy_is_said_on_the_page_and_over_the_api_and_is_not_ordered(client: Client) -> None:
    fill_basket(client, variant(weight_g=20_000))
    sent = answers(client)
    client.post("/basket/add/", {"variant": variant("CUP", weight_g=20_000).pk, "quantity": 1})
    refused = client.post("/checkout/", sent)
    assert refused.status_code in (409, 422)
    assert "may weigh 30 kg at most" in refused.content.decode()
    assert sent["street"] in refused.content.decode(), "nothing that was typed is lost"
    asked = client.get("/api/v1/basket/lines/bill/", {"country": "US", "currency": "USD"})
    assert asked.status_code == 422
    assert "30 kg" in asked.content.decode()
    assert not Order.objects.exists()
