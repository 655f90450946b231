"""Sending twice is ordering once: by the key of an API client, by the token of a page, one after another and at once."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from orders.domain import once
from orders.models import KeptAnswer, Order
from orders.tasks import forget_old_answers
from privacy.models import Collection
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import ADDRESS, CONTACT, answers, fill_basket, variant
from tests.orders.test_race import _at_once

ORDERS = "/api/v1/orders/"


def body_for(client: Client, **said: Any) -> dict[str, Any]:
    """What an app sends: the notice's token from OPTIONS, and what its user typed."""
    token = client.options(ORDERS).json()["notice"]["token"]
    return {"notice": token, **CONTACT, **ADDRESS, **said}


def send(client: Client, body: Any, key: str | None = '"8e03978e-40d5-43dd-bc93-6894a57f9324"') -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    sent = body if isinstance(body, str) else json.dumps(body)
    return client.post(ORDERS, sent, content_type="application/json", headers=headers)


@pytest.mark.usefixtures("store")
class TestTheKeyOfTheApi:
    def test_an_order_is_placed_and_told(self, client: Client) -> None:
        tea = variant(stock=5)
        fill_basket(client, tea, quantity=2)
        told = send(client, body_for(client, expected_total="36.90"))
        assert told.status_code == 201, told.json()
        order = Order.objects.get()
        assert told.json() | {"placed_at": "", "expires_at": ""} == {
            "number": order.number,
            "currency": "USD",
            "goods_total": "25.00",
            "shipping_total": "11.90",
            "tax_total": "0.00",
            "discount_total": "0.00",
            "total": "36.90",
            "lines": [
                {
                    **{"sku": "TEA-1", "name": "Tea TEA-1", "options": "", "unit_price": "12.50", "quantity": 2},
                    **{"total": "25.00", "discount": "0.00", "tax": "0.00"},
                }
            ],
            "discounts": [],
            "taxes": order.taxes,
            "placed_at": "",
            "expires_at": "",
            "pay_url": "https://pay.example/pi_1",
            "page": f"http://127.0.0.1:8000/checkout/pay/{order.number}/",
        }
        assert Collection.objects.get().surface == "api.checkout"
        assert client.get(f"/checkout/pay/{order.number}/").status_code == 200

    def test_the_same_key_and_body_get_the_same_answer(self, client: Client, provider: type[FakeProvider]) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        first = send(client, body)
        fill_basket(client, variant("CUP"))
        again = [send(client, body), send(client, dict(reversed(body.items()))), send(client, body)]
        assert [a.status_code for a in again] == [201, 201, 201]
        assert {a.content for a in again} == {first.content}
        assert Order.objects.count() == Collection.objects.count() == len(provider.books.requests) == 1

    @pytest.mark.parametrize(
        "change", [{"street": "2 Other Street"}, {"no_marketing": True}, {"email": "x@example.com"}]
    )
    def test_the_same_key_with_another_body_is_refused(self, client: Client, change: dict[str, Any]) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        send(client, body)
        fill_basket(client, variant("CUP"))
        refused = send(client, body | change)
        assert (refused.status_code, refused.headers["Content-Type"]) == (422, "application/problem+json")
        assert refused.json()["title"] == "The Idempotency-Key was used before"
        assert "new key" in refused.json()["detail"]
        assert Order.objects.count() == 1

    def test_another_key_is_another_order(self, client: Client) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        send(client, body)
        fill_basket(client, variant("CUP"))
        assert send(client, body, '"another"').status_code == 201
        assert Order.objects.count() == 2

    def test_a_stranger_with_the_same_key_and_body_gets_nothing_of_the_order(self, client: Client) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        send(client, body)
        for stranger in (Client(), Client()):
            refused = send(stranger, body)
            assert refused.status_code == 409
            assert "K24-" not in refused.content.decode()
        fill_basket(stranger, variant("CUP"))
        assert send(stranger, body).status_code == 201
        assert Order.objects.count() == 2

    @pytest.mark.parametrize("key", [None, "", " ", '""', '"half', "two words", '"a"; b', "k" * 256, '"\u00e9"'])
    def test_a_request_without_a_readable_key_is_told_so(self, client: Client, key: str | None) -> None:
        fill_basket(client, variant())
        refused = send(client, body_for(client), key)
        assert refused.status_code == 400
        assert "Idempotency-Key" in refused.json()["title"]
        assert not Order.objects.exists()

    def test_a_key_is_the_same_with_and_without_quotation_marks(self, client: Client) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        assert send(client, body, '"abc-1"').json() == send(client, body, "abc-1").json()

    def test_a_refusal_is_answered_the_same_until_there_is_a_new_key(self, client: Client) -> None:
        tea = variant(stock=3)
        fill_basket(client, tea, quantity=3)
        body = body_for(client)
        type(tea).objects.update(stock=1)
        first = send(client, body)
        assert (first.status_code, first.json()["lines"][0]["variant"]) == (409, tea.pk)
        type(tea).objects.update(stock=3)
        again = send(client, body)
        assert (again.status_code, again.json()) == (409, first.json())
        assert send(client, body, "new").status_code == 201
        assert not Collection.objects.exclude(pk=Order.objects.get().contact.collection_id).exists()

    def test_a_total_that_changed_is_told_with_the_new_one(self, client: Client) -> None:
        fill_basket(client, variant())
        refused = send(client, body_for(client, expected_total="1.00"))
        assert (refused.status_code, refused.json()["total"]) == (409, "24.40")
        assert not Order.objects.exists()

    def test_a_mistake_in_the_body_is_not_kept(self, client: Client) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        for wrong in (
            body | {"email": "no"},
            body | {"notice": "old"},
            body | {"country": "XX"},
            body | {"phone": "1"},
        ):
            assert send(client, wrong).status_code == 400
        assert not KeptAnswer.objects.exists()
        assert send(client, body).status_code == 201

    def test_after_a_day_the_key_is_free_whether_or_not_it_was_swept(self, client: Client) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        send(client, body)
        KeptAnswer.objects.update(kept_at=Now() - once.KEPT_FOR - timedelta(seconds=1))
        fill_basket(client, variant("CUP"))
        assert send(client, body).status_code == 201
        assert Order.objects.count() == 2
        assert KeptAnswer.objects.count() == 1

    def test_what_is_kept_goes_after_a_day_and_not_before(self, client: Client) -> None:
        assert timedelta(days=1) == once.KEPT_FOR
        fill_basket(client, variant())
        send(client, body_for(client))
        assert forget_old_answers() == 0
        KeptAnswer.objects.update(kept_at=Now() - once.KEPT_FOR)
        assert forget_old_answers() == 1
        assert Order.objects.count() == 1

    def test_nothing_that_was_typed_is_kept_with_the_key(self, client: Client) -> None:
        fill_basket(client, variant())
        send(client, body_for(client), '"mina@example.com"')
        row = KeptAnswer.objects.values().get()
        assert row["problem"] is None
        text = repr({name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()})
        assert "mina" not in text.lower()

    def test_a_provider_that_is_down_leaves_an_order_that_can_be_paid_later(
        self, client: Client, provider: type[FakeProvider]
    ) -> None:
        provider.books.down = True
        fill_basket(client, variant())
        told = send(client, body_for(client)).json()
        assert told["pay_url"] is None
        assert Order.objects.get().number in told["page"]

    @pytest.mark.parametrize(
        "body",
        ["", "{}", "[]", "null", "1", '"x"', "{", '{"email": "\\u0000"}', '{"email": "\\ud800"}', '{"a": 1e999}',
         '{"currency": "XXX"}', '{"expected_total": "NaN"}', '{"expected_total": 1e400}', "[" * 5000],
    )  # fmt: skip
    def test_nothing_that_is_sent_breaks_it(self, client: Client, body: str) -> None:
        fill_basket(client, variant())
        assert send(client, body).status_code == 400
        if body.startswith('{"'):
            whole = json.loads(body.replace("1e999", "1").replace("1e400", "1")) | body_for(client)
            assert send(client, json.dumps(whole | {"street": "\ud800"})).status_code == 400

    @pytest.mark.parametrize("field", ["recipient", "street", "city", "email"])
    def test_a_card_number_is_refused(self, client: Client, field: str) -> None:
        fill_basket(client, variant())
        assert send(client, body_for(client, **{field: "4242 4242 4242 4242"})).status_code == 400
        assert not KeptAnswer.objects.exists()


@pytest.mark.usefixtures("store")
class TestTheTokenOfThePage:
    def test_the_same_page_with_other_answers_is_told_apart(self, client: Client) -> None:
        fill_basket(client, variant())
        sent = answers(client)
        client.post("/checkout/", sent)
        order = Order.objects.get()
        for changed in ({"street": "2 Other Street"}, {"email": "x@example.com"}, {"no_marketing": "on"}):
            refused = client.post("/checkout/", sent | changed)
            assert refused.status_code == 422
            text = refused.content.decode()
            assert order.number in text
            assert "What you changed afterwards was not ordered" in text
        fill_basket(client, variant("CUP"))
        assert client.post("/checkout/", sent | {"street": "2 Other Street"}).status_code == 422
        assert Order.objects.count() == Collection.objects.count() == 1
        assert client.post("/checkout/", sent).status_code == 303

    def test_the_token_outlives_what_is_kept(self, client: Client) -> None:
        fill_basket(client, variant())
        sent = answers(client)
        first = client.post("/checkout/", sent)
        KeptAnswer.objects.all().delete()
        fill_basket(client, variant("CUP"))
        again = client.post("/checkout/", sent)
        assert again.headers["Location"] == first.headers["Location"]
        assert Order.objects.count() == 1


@pytest.mark.usefixtures("open_store")
class TestAtOnce:
    def test_eight_with_one_key_are_one_order_and_one_answer(self, client: Client) -> None:
        tea = variant(stock=5)
        fill_basket(client, tea)
        body = body_for(client)
        twins = [_twin(client) for _ in range(8)]
        told = _at_once(*[lambda c=c: send(c, body) for c in twins])
        assert {(a.status_code, a.json()["number"]) for a in told} == {(201, Order.objects.get().number)}
        assert KeptAnswer.objects.count() == Collection.objects.count() == 1
        tea.refresh_from_db()
        assert tea.stock == 4

    def test_two_bodies_with_one_key_are_one_order_and_one_error(self, client: Client) -> None:
        fill_basket(client, variant(stock=5))
        body, first, second = body_for(client), _twin(client), _twin(client)
        told = _at_once(lambda: send(first, body), lambda: send(second, body | {"street": "2 Other Street"}))
        assert sorted(a.status_code for a in told) == [201, 422]
        assert Order.objects.count() == 1

    def test_two_pages_with_one_token_and_other_answers_are_one_order(self, client: Client) -> None:
        fill_basket(client, variant(stock=5))
        sent, other = answers(client), _twin(client)
        told = _at_once(
            lambda: client.post("/checkout/", sent),
            lambda: other.post("/checkout/", sent | {"street": "2 Other Street"}),
        )
        assert sorted(a.status_code for a in told) == [303, 422]
        assert Order.objects.count() == 1

    def test_keys_at_once_from_baskets_that_are_filled_at_once(self, client: Client) -> None:
        """Whoever finds the basket filled again while the first still writes is stopped by the key itself."""
        tea = variant(stock=50)
        fill_basket(client, tea)
        body = body_for(client)

        def fill_and_send(c: Client) -> Any:
            c.post("/basket/add/", {"variant": tea.pk, "quantity": 1})
            return send(c, body)

        told = _at_once(*[lambda c=c: fill_and_send(c) for c in [_twin(client) for _ in range(6)]])
        assert {a.status_code for a in told} == {201}
        assert Order.objects.count() == 1

    def test_a_client_that_dies_between_order_and_answer_gets_it_the_next_time(
        self, client: Client, provider: type[FakeProvider], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill_basket(client, variant())
        body = body_for(client)
        client.raise_request_exception = False
        monkeypatch.setattr("orders.api_checkout.payments.start_payment", _die)
        assert send(client, body).status_code == 500
        monkeypatch.undo()
        told = send(client, body)
        assert (told.status_code, told.json()["number"]) == (201, Order.objects.get().number)
        assert told.json()["pay_url"], "the page at the provider is opened when it was not yet"


def _die(*_arguments: object) -> None:
    raise RuntimeError("killed")


def _twin(client: Client) -> Client:
    twin = Client()
    twin.cookies = client.cookies.copy()
    return twin


@pytest.mark.parametrize(
    ("header", "key"),
    [('"a b"', "a b"), ("a-b", "a-b"), (' "x\\"y\\\\z" ', 'x"y\\z'), (str(uuid.UUID(int=7)), str(uuid.UUID(int=7)))],
)
def test_a_key_is_read_as_the_draft_says(header: str, key: str) -> None:
    assert once.read_key(header) == key


def test_no_two_lists_of_parts_are_one_key() -> None:
    assert once.once("a", "b", "c", {}) != once.once("a", "bc", "", {})
    assert once.once("a", "b", "c", {"x": 1, "y": 2}) == once.once("a", "b", "c", {"y": 2, "x": 1})
