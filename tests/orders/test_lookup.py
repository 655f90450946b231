"""Finding an order again, and who may see which."""

import re

import pytest
from django.test import Client

from accounts.models import User
from orders.domain import lookup
from orders.models import LookupTally, Order
from privacy.models import Collection, ConsentEvent
from tests.orders.shop import buy, hidden, variant

pytestmark = pytest.mark.usefixtures("store")


def _ask(client: Client, number: str, email: str, **more: str) -> object:
    notice = hidden(client.get("/orders/").content, "notice")
    return client.post("/orders/", {"number": number, "email": email, "notice": notice} | more)


def _said(response: object) -> str:
    return " ".join(re.findall(r'role="alert">(.*?)</div>', response.content.decode(), re.S)).strip()


def test_a_guest_finds_the_order_by_number_and_address_in_any_spelling(client: Client) -> None:
    order = buy(client, variant())
    stranger = Client()
    found = _ask(stranger, order.number.lower().replace("-", " "), " MINA@example.com ")
    assert found.headers["Location"] == f"/orders/{order.number}/"
    page = stranger.get(found.headers["Location"]).content.decode()
    assert "1600 Amphitheatre Parkway" in page


def test_a_wrong_number_and_a_wrong_address_get_the_same_answer(
    client: Client, django_assert_num_queries: object
) -> None:
    order = buy(client, variant())
    wrong_address = _ask(Client(), order.number, "other@example.com")
    wrong_number = _ask(Client(), "K24-ABCD-ABCD-ABCD-ABCD", "mina@example.com")
    no_number = _ask(Client(), "🍵", "mina@example.com")
    assert wrong_address.status_code == wrong_number.status_code == no_number.status_code == 422
    assert _said(wrong_address) == _said(wrong_number) == _said(no_number) != ""
    for number in (order.number, "K24-ABCD-ABCD-ABCD-ABCD", "none"):
        with django_assert_num_queries(2):
            assert lookup.find(number, "other@example.com") is None


def test_guessing_addresses_for_one_number_is_stopped_and_asking_for_another_is_not(client: Client) -> None:
    order, other = buy(client, variant("TEA")), buy(client, variant("CUP"))
    for n in range(lookup.MOST_ATTEMPTS):
        assert _ask(Client(), order.number, f"guess{n}@example.com").status_code == 422
    assert _ask(Client(), order.number, "mina@example.com").status_code == 429
    assert _ask(Client(), other.number, "mina@example.com").status_code == 303
    assert LookupTally.objects.count() <= 2


def test_the_box_ticked_at_the_look_up_counts_for_the_buyer(client: Client) -> None:
    order = buy(client, variant())
    _ask(Client(), order.number, "mina@example.com", no_marketing="on")
    assert set(ConsentEvent.objects.values_list("subject", "surface")) == {(order.subject_id, "web.order_lookup")}


def test_a_look_up_collects_nothing(client: Client) -> None:
    order = buy(client, variant())
    before = Collection.objects.count()
    _ask(Client(), order.number, "mina@example.com")
    _ask(Client(), order.number, "other@example.com")
    assert Collection.objects.count() == before


@pytest.mark.parametrize("number", ["", "\x00", "9" * 5000, "4242 4242 4242 4242", "' OR 1=1 --"])
@pytest.mark.parametrize("email", ["", "\x00", "🍵", "a@b", "x" * 400])
def test_nothing_that_is_typed_breaks_the_look_up(client: Client, number: str, email: str) -> None:
    assert _ask(client, number, email).status_code == 422


def test_the_history_shows_the_orders_of_the_account_and_no_other(
    client: Client, django_user_model: type[User]
) -> None:
    mine = django_user_model.objects.create_user("a@example.com", "long enough words")
    others = django_user_model.objects.create_user("b@example.com", "long enough words")
    client.force_login(mine)
    order = buy(client, variant())
    page = client.get("/orders/history/").content.decode()
    assert order.number in page
    assert client.get(f"/orders/{order.number}/").status_code == 200
    stranger = Client()
    stranger.force_login(others)
    assert order.number not in stranger.get("/orders/history/").content.decode()
    assert stranger.get(f"/orders/{order.number}/").status_code == 404
    assert Client().get("/orders/history/").status_code == 302
    for page_number in ("0", "-1", "x", "99999999999999999999", "\x00"):
        assert client.get("/orders/history/", {"page": page_number}).status_code == 200
    assert Order.objects.get().account == mine
