"""The basket over the API is the same basket as on the pages."""

import pytest
from django.test import Client

from tests.orders.shop import fill_basket, variant

pytestmark = pytest.mark.usefixtures("store")
LINES = "/api/v1/basket/lines/"


def test_lines_are_added_changed_listed_and_removed(client: Client) -> None:
    tea = variant(stock=5)
    made = client.post(LINES, {"variant": tea.pk, "quantity": 2}, content_type="application/json")
    assert made.status_code == 201
    assert made.json() | {"problem": ""} == {
        "variant": tea.pk,
        "quantity": 2,
        "sku": "TEA-1",
        "name": "Tea TEA-1",
        "options": "",
        "unit_price": "12.50",
        "total": "25.00",
        "currency": "USD",
        "problem": "",
    }
    assert "Tea TEA-1" in client.get("/basket/").content.decode()
    changed = client.patch(f"{LINES}{tea.pk}/", {"quantity": 99}, content_type="application/json")
    assert changed.json()["quantity"] == 5
    assert client.delete(f"{LINES}{tea.pk}/").status_code == 204
    assert client.get(LINES).json() == []


def test_a_line_from_the_page_stands_in_the_api(client: Client) -> None:
    fill_basket(client, variant())
    assert [line["sku"] for line in client.get(LINES).json()] == ["TEA-1"]
    assert Client().get(LINES).json() == []


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        "1",
        "{",
        '{"variant": null}',
        '{"variant": []}',
        '{"variant": {"a": 1}}',
        '{"variant": -1}',
        '{"variant": 999999}',
        '{"variant": 1e400}',
        '{"variant": "\\u0000"}',
        '{"variant": 99999999999999999999}',
        '{"variant": 1, "quantity": -1}',
        '{"variant": 1, "quantity": true}',
        '{"variant": 1, "quantity": "🍵"}',
        '{"variant": 1, "quantity": 1e308}',
    ],
)
def test_nothing_that_is_sent_breaks_the_api(client: Client, body: str) -> None:
    assert client.post(LINES, body, content_type="application/json").status_code == 400
    assert client.patch(f"{LINES}1/", body, content_type="application/json").status_code in (200, 204, 400)
    assert client.delete(f"{LINES}{'9' * 18}/").status_code == 204
    assert client.delete(f"{LINES}{'9' * 30}/").status_code == 404
