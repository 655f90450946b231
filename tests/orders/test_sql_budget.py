"""What placing an order costs the database, every statement counted, whatever is bought."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from orders.models import Order
from tests.orders.shop import answers, buy, fill_basket, variant

MOST = 24  # transaction control, evidence, the opt-out, the outbox and the session included


@pytest.mark.usefixtures("open_store")
@pytest.mark.parametrize("lines", [1, 25])
@pytest.mark.parametrize("buyer", ["new", "returning", "signed in"])
def test_placing_an_order_takes_at_most_24_sql(
    client: Client, lines: int, buyer: str, django_user_model: type[User]
) -> None:
    if buyer == "returning":
        buy(client, variant("EARLIER"), no_marketing="on")
    elif buyer == "signed in":
        client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
    fill_basket(client, *(variant(f"SKU-{n}") for n in range(lines)))
    sent = answers(client, no_marketing="on")
    with CaptureQueriesContext(connection) as queries:
        assert client.post("/checkout/", sent).status_code == 303
    assert Order.objects.latest("pk").lines.count() == lines
    assert len(queries) <= MOST, "\n".join(q["sql"][:110] for q in queries)
