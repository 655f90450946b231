"""What a shopper does, as a test drives it: through the real pages."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.test import Client

from catalogue.models import Price, Product, ProductText, Variant
from orders.models import Order, Payment

ADDRESS = {
    "recipient": "Mina Kim",
    "phone": "+1 650 253 0000",
    "country": "US",
    "postal_code": "94043",
    "state": "CA",
    "city": "Mountain View",
    "street": "1600 Amphitheatre Parkway",
    "street_2": "Floor 2",
}
CONTACT = {"email": "mina@example.com"}


def variant(sku: str = "TEA-1", *, stock: int = 10, price: str = "12.50", weight_g: int = 200) -> Variant:
    """Something to buy, with a price in both currencies and a name in both languages."""
    product = Product.objects.create(slug=sku.lower(), status=Product.Status.ACTIVE)
    ProductText.objects.create(product=product, language="en", name=f"Tea {sku}")
    ProductText.objects.create(product=product, language="ko", name=f"차 {sku}")
    made = Variant.objects.create(product=product, sku=sku, stock=stock, weight_g=weight_g)
    Price.objects.create(variant=made, currency="USD", amount=Decimal(price))
    Price.objects.create(variant=made, currency="KRW", amount=Decimal(price) * 1000)
    return made


def hidden(page: bytes, name: str) -> str:
    """The value of a hidden field of a page."""
    tag = next(t for t in re.findall(r"<input[^>]*>", page.decode()) if f'name="{name}"' in t)
    return re.search(r'value="([^"]*)"', tag)[1]


def answers(client: Client, path: str = "/checkout/", **typed: Any) -> dict[str, Any]:
    """What the checkout page would send: its own hidden values and what was typed."""
    page = client.get(path).content
    own = {name: hidden(page, name) for name in ("notice", "form_token", "seen_total")}
    return own | CONTACT | ADDRESS | typed


def fill_basket(client: Client, *goods: Variant, quantity: int = 1) -> None:
    for one in goods:
        assert client.post("/basket/add/", {"variant": one.pk, "quantity": quantity}).status_code == 303


def buy(client: Client, *goods: Variant, quantity: int = 1, **typed: Any) -> Order:
    """From an empty basket to an order that waits for its payment."""
    fill_basket(client, *goods, quantity=quantity)
    response = client.post("/checkout/", answers(client, **typed))
    assert response.status_code == 303, response.content.decode()
    return Order.objects.latest("pk")


def payment_of(order: Order) -> Payment:
    return order.payments.get()
