"""Finding an order again, and who may see which."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from orders.domain import lookup
from orders.models import Order
from privacy.models import Collection, ConsentEvent
from privacy.outbox import deliver_due
from tests.orders.shop import buy, hidden, variant

pytestmark = pytest.mark.usefixtures("store")


def _ask(client: Client, number: str, email: str, **more: str) -> object:
    notice = hidden(client.get("/orders/").content, "notice")
    return client.post("/orders/", {"number": number, "email": email, "notice": notice} | more)


def _code(client: Client, number: str, code: str, **more: str) -> object:
    notice = hidden(client.get("/orders/").content, "notice")
    return client.post("/orders/code/", {"number": number, "code": code, "notice": notice} | more)


def _mailed() -> str:
    deliver_due()
    return re.search(r"^(\d{8})$", mail.outbox[-1].body, re.M)[1]


def test_a_guest_finds_the_order_by_number_and_the_code_in_its_mailbox(client: Client) -> None:
    order = buy(client, variant())
    stranger = Client()
    typed = order.number.lower().replace("-", " ")
    assert _ask(stranger, typed, " MINA@example.com ").status_code == 200
    assert stranger.get(f"/orders/{order.number}/").status_code == 404
    code = _mailed()
    assert mail.outbox[-1].to == ["mina@example.com"]
    found = _code(stranger, typed, f"{code[:4]} {code[4:]}")
    assert found.headers["Location"] == f"/orders/{order.number}/"
    assert "1600 Amphitheatre Parkway" in stranger.get(found.headers["Location"]).content.decode()


def test_right_and_wrong_get_the_same_answer_and_only_the_right_one_a_letter(client: Client) -> None:
    order = buy(client, variant())
    deliver_due()
    mail.outbox.clear()
    answers = [
        _ask(Client(), number, email)
        for number, email in (
            (order.number, "mina@example.com"),
            (order.number, "other@example.com"),
            ("K24-ABCD-ABCD-ABCD-ABCD", "mina@example.com"),
            ("🍵", "mina@example.com"),
        )
    ]
    assert {response.status_code for response in answers} == {200}
    bare = {re.sub(r'value="[^"]*"', "", response.content.decode()) for response in answers}
    assert len(bare) == 1
    deliver_due()
    assert [message.to for message in mail.outbox] == [["mina@example.com"]]


def test_right_and_wrong_cost_the_same_statements(client: Client) -> None:
    order = buy(client, variant())
    counts = set()
    for number, email in (
        (order.number, "mina@example.com"),
        (order.number, "x@example.com"),
        ("none", "x@example.com"),
    ):
        with CaptureQueriesContext(connection) as queries:
            lookup.ask(number, email)
        counts.add(len(queries))
    assert len(counts) == 1


def test_a_code_is_of_one_order_and_of_its_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order, other = buy(client, variant("TEA")), buy(client, variant("CUP"))
    now = lookup._slot()
    assert lookup.open_with(order.number, lookup.code(order.number, now)) == order
    assert lookup.open_with(order.number, lookup.code(order.number, now - 1)) == order
    for wrong in (lookup.code(other.number, now), lookup.code(order.number, now - 2), "", "0", "١٢٣٤٥٦٧٨"):
        assert lookup.open_with(order.number, wrong) is None
    assert lookup.open_with("", lookup.code("", now)) is None


def test_guessing_is_stopped_for_one_number_and_not_for_another(client: Client) -> None:
    order, other = buy(client, variant("TEA")), buy(client, variant("CUP"))
    for n in range(lookup.MOST_ATTEMPTS):
        assert _ask(Client(), order.number, f"guess{n}@example.com").status_code == 200
        assert _code(Client(), order.number, f"{n:08d}").status_code == 422
    assert _ask(Client(), order.number, "mina@example.com").status_code == 429
    right = lookup.code(order.number, lookup._slot())
    assert _code(Client(), order.number, right).status_code == 429
    assert _ask(Client(), other.number, "mina@example.com").status_code == 200


def test_the_box_ticked_at_the_look_up_counts_for_the_buyer(client: Client) -> None:
    order = buy(client, variant())
    _code(Client(), order.number, lookup.code(order.number, lookup._slot()), no_marketing="on")
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
    assert _code(client, number, email).status_code == 422


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
