"""The checkout: one transaction, one order however often it is sent, and nothing kept of what was refused."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import User
from catalogue.models import Hold, Price, Variant
from orders.models import BasketLine, DeliveryAddress, Order, OrderContact, Payment
from orders.models.order import new_number, read_number
from privacy.cards import find_card_number
from privacy.models import Collection, ConsentEvent, Effect, Subject
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import ADDRESS, CONTACT, answers, buy, fill_basket, hidden, payment_of, variant

pytestmark = pytest.mark.usefixtures("store")


def _nothing_was_kept() -> None:
    for model in (Order, OrderContact, DeliveryAddress, Payment, Collection, Subject, Effect, ConsentEvent):
        assert not model.objects.exists(), model


def test_a_guest_buys_and_everything_personal_enters_by_one_collection(client: Client) -> None:
    tea, cup = variant("TEA", price="12.50"), variant("CUP", price="4.20")
    fill_basket(client, tea, quantity=2)
    order = buy(client, cup, no_marketing="on")
    assert [(x.sku, x.name, x.quantity, x.unit_price, x.total) for x in order.lines.order_by("sku")] == [
        ("CUP", "Tea CUP", 1, Decimal("4.20"), Decimal("4.20")),
        ("TEA", "Tea TEA", 2, Decimal("12.50"), Decimal("25.00")),
    ]
    assert (order.goods_total, order.shipping_total) == (Decimal("29.20"), Decimal("15.90"))
    assert order.total == Decimal("45.10")
    assert (order.currency, order.language, order.account) == ("USD", "en", None)
    collection = Collection.objects.get()
    assert collection.surface == "web.checkout"
    assert collection.subject_id == order.subject_id
    assert collection.notice_digest
    assert order.contact.email == "mina@example.com"
    assert order.delivery_address.phone == "+16502530000"
    assert order.contact.collection_id == order.delivery_address.collection_id == collection.pk
    assert set(ConsentEvent.objects.values_list("state", "subject")) == {("refused", order.subject_id)}
    # The box that was ticked, to be heeded for the address too.
    assert set(Effect.objects.values_list("kind", flat=True)) == {"marketing.heed_box"}
    assert list(Variant.objects.order_by("sku").values_list("stock", "held")) == [(9, 1), (8, 2)]
    assert set(Hold.objects.values_list("key", "quantity")) == {(order.form_token, 1), (order.form_token, 2)}
    assert not BasketLine.objects.exists()


def test_a_korean_page_sells_in_won_and_in_korean(client: Client) -> None:
    tea = variant()
    fill_basket(client, tea)
    korean = {
        "country": "KR",
        "postal_code": "06236",
        "state": "서울특별시",
        "city": "강남구",
        "street": "테헤란로 1",
        "phone": "010-1234-5678",
    }
    with translation.override("ko"):
        page = client.get("/ko/checkout/").content
        own = {name: hidden(page, name) for name in ("notice", "form_token", "seen_total")}
    response = client.post("/ko/checkout/", own | CONTACT | {"recipient": "김민아", **korean})
    assert response.status_code == 303, response.content.decode()
    order = Order.objects.get()
    assert (order.currency, order.language, order.total) == ("KRW", "ko", Decimal("15500"))
    assert order.lines.get().name == "차 TEA-1"
    assert response.headers["Location"].startswith("/ko/checkout/pay/")
    assert Collection.objects.get().notice_locale == "ko"


def test_the_payment_is_opened_after_the_order_and_the_page_leads_there(
    client: Client, provider: type[FakeProvider]
) -> None:
    fill_basket(client, variant())
    response = client.post("/checkout/", answers(client))
    order = Order.objects.get()
    assert response.headers["Location"] == f"/checkout/pay/{order.number}/?go"
    (request,) = provider.books.requests
    assert (request.reference, request.amount, request.currency) == (order.number, order.total, "USD")
    assert request.idempotency_key == str(payment_of(order).key)
    page = client.get(response.headers["Location"]).content.decode()
    assert '<meta http-equiv="refresh" content="0;url=https://pay.example/pi_1">' in page
    assert 'href="https://pay.example/pi_1"' in page
    came_back = client.get(f"/checkout/pay/{order.number}/").content.decode()
    assert "http-equiv" not in came_back


def test_a_provider_that_is_down_leaves_the_order_payable(client: Client, provider: type[FakeProvider]) -> None:
    provider.books.down = True
    order = buy(client, variant())
    page = client.get(f"/checkout/pay/{order.number}/")
    assert "does not answer" in page.content.decode()
    still = client.post(f"/checkout/pay/{order.number}/")
    assert still.status_code == 503
    provider.books.down = False
    again = client.post(f"/checkout/pay/{order.number}/")
    assert again.headers["Location"] == f"/checkout/pay/{order.number}/?go"
    assert payment_of(order).pay_url == "https://pay.example/pi_1"


def test_the_same_page_sent_twice_is_one_order(client: Client) -> None:
    tea = variant(stock=5)
    fill_basket(client, tea)
    sent = answers(client)
    first, second = client.post("/checkout/", sent), client.post("/checkout/", sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1
    assert Collection.objects.count() == 1
    tea.refresh_from_db()
    assert tea.stock == 4


def test_the_same_page_sent_again_after_the_basket_was_filled_anew_is_still_one_order(client: Client) -> None:
    tea = variant(stock=5)
    fill_basket(client, tea)
    sent = answers(client)
    client.post("/checkout/", sent)
    fill_basket(client, tea)
    assert client.post("/checkout/", sent).status_code == 303
    assert Order.objects.count() == 1
    tea.refresh_from_db()
    assert tea.stock == 4


def test_a_stale_notice_is_refused_and_shown_anew(client: Client) -> None:
    fill_basket(client, variant())
    refused = client.post("/checkout/", answers(client, notice="2020-01-01|en|0000:xx:yy"))
    assert refused.status_code == 422
    assert "policy has changed" in refused.content.decode()
    _nothing_was_kept()
    fresh = {name: hidden(refused.content, name) for name in ("notice", "form_token", "seen_total")}
    assert client.post("/checkout/", fresh | CONTACT | ADDRESS).status_code == 303


def test_stock_that_went_meanwhile_refuses_the_whole_order_and_names_the_line(client: Client) -> None:
    tea, cup = variant("TEA", stock=3), variant("CUP", stock=3)
    fill_basket(client, tea, cup, quantity=3)
    sent = answers(client)
    Variant.objects.filter(pk=cup.pk).update(stock=1)
    refused = client.post("/checkout/", sent)
    assert refused.status_code == 409
    assert "Only 1 is left" in refused.content.decode()
    _nothing_was_kept()
    assert list(Variant.objects.order_by("sku").values_list("stock", flat=True)) == [1, 3]
    assert BasketLine.objects.count() == 2


def test_a_price_that_changed_is_shown_before_it_is_charged(client: Client) -> None:
    tea = variant(price="10.00")
    fill_basket(client, tea)
    sent = answers(client)
    Price.objects.filter(variant=tea, currency="USD").update(amount="11.00")
    refused = client.post("/checkout/", sent)
    assert refused.status_code == 409
    assert "total has changed" in refused.content.decode()
    _nothing_was_kept()
    assert client.post("/checkout/", sent | {"seen_total": hidden(refused.content, "seen_total")}).status_code == 303
    assert Order.objects.get().goods_total == Decimal("11.00")


def test_a_price_in_the_form_is_not_believed(client: Client) -> None:
    fill_basket(client, variant(price="10.00"))
    assert client.post("/checkout/", answers(client, seen_total="0.01", total="0.01")).status_code == 409
    assert client.post("/checkout/", answers(client, seen_total="")).status_code == 303
    assert Order.objects.get().goods_total == Decimal("10.00")


def test_an_empty_basket_has_no_checkout(client: Client) -> None:
    assert client.get("/checkout/").headers["Location"] == "/basket/"
    assert client.post("/checkout/", {}).headers["Location"] == "/basket/"


def test_another_country_shows_its_own_lines_and_keeps_what_was_typed(client: Client) -> None:
    fill_basket(client, variant())
    page = client.post("/checkout/", answers(client) | {"country": "KR", "update": "1"})
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="mina@example.com"' in text
    assert 'value="Mina Kim"' in text
    assert "Province or metropolitan city" in text
    assert hidden(page.content, "seen_total") == "15.00"
    _nothing_was_kept()


def test_each_field_says_why_it_is_asked(client: Client) -> None:
    fill_basket(client, variant())
    text = client.get("/checkout/").content.decode()
    for name in ("email", "recipient", "phone", "street", "postal_code"):
        assert f'id="id_{name}_why"' in text
    assert "deliver your parcel" in text
    assert 'name="no_marketing"' in text
    assert not re.search(r'name="no_marketing"[^>]*checked', text)


@pytest.mark.parametrize("spelling", ["4242424242424242", "4242 4242 4242 4242", "card 4242-4242-4242-4242 please"])
@pytest.mark.parametrize("name", ["recipient", "street", "street_2", "city"])
def test_a_card_number_typed_into_the_address_is_refused(client: Client, name: str, spelling: str) -> None:
    fill_basket(client, variant())
    refused = client.post("/checkout/", answers(client, **{name: spelling}))
    assert refused.status_code == 422
    assert "looks like a card number" in refused.content.decode()
    _nothing_was_kept()


@pytest.mark.parametrize(
    "bent",
    [
        {"email": "no address"},
        {"email": "🍵@🍵.kr"},
        {"email": "a" * 300 + "@example.com"},
        {"email": "mina\x00@example.com"},
        {"email": ["a@example.com", "b"]},
        {"country": "XX"},
        {"country": "\x00"},
        {"country": ["US", "KR"]},
        {"recipient": "\x00"},
        {"recipient": "x" * 5000},
        {"recipient": ""},
        {"phone": "🍵"},
        {"phone": "1" * 500},
        {"postal_code": "'; DROP TABLE orders_order; --"},
        {"state": "\ud7ff\x00"},
        {"street": ""},
        {"form_token": ""},
        {"form_token": "x"},
        {"form_token": "\x00"},
        {"seen_total": "NaN"},
        {"seen_total": "-1"},
        {"seen_total": "1e400"},
        {"notice": "\x00"},
        {"notice": "x" * 100_000},
        {"no_marketing": "\x00"},
    ],
    ids=lambda bent: repr(bent)[:40],
)
def test_nothing_that_is_typed_breaks_the_checkout(client: Client, bent: dict[str, object]) -> None:
    fill_basket(client, variant())
    sent = answers(client, **bent)
    assert client.post("/checkout/", sent | {"update": "1"}).status_code == 200
    assert client.post("/checkout/", sent).status_code in (303, 409, 422)


def test_an_emoji_in_an_address_arrives_as_it_was_typed(client: Client) -> None:
    order = buy(client, variant(), recipient="Mina 🍵", street="1600 Amphitheatre 길")
    assert order.delivery_address.recipient == "Mina 🍵"


@pytest.mark.parametrize("address", ["x", "9" * 6000, "-1", "\x00", "99999999999999999999"])
def test_a_strange_choice_of_saved_address_is_no_choice(
    client: Client, django_user_model: type[User], address: str
) -> None:
    client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
    fill_basket(client, variant())
    assert client.get("/checkout/", {"address": address}).status_code == 200


def test_a_signed_in_buyer_needs_not_type_the_e_mail_address(client: Client, django_user_model: type[User]) -> None:
    account = django_user_model.objects.create_user("owner@example.com", "long enough words")
    client.force_login(account)
    fill_basket(client, variant())
    assert 'value="owner@example.com"' in client.get("/checkout/").content.decode()
    order = buy(client, variant("CUP"))
    assert (order.account, order.subject_id) == (account, account.subject_id)


def test_looking_at_the_checkout_keeps_nothing_and_opens_no_session(client: Client) -> None:
    fill_basket(client, variant())
    client.get("/checkout/")
    _nothing_was_kept()
    assert "sessionid" not in client.cookies


def test_another_visitor_sees_no_page_of_the_order(client: Client) -> None:
    order = buy(client, variant())
    stranger = Client()
    for path in ("checkout/pay", "checkout/return", "checkout/thank-you", "orders"):
        assert client.get(f"/{path}/{order.number}/").status_code in (200, 302)
        assert stranger.get(f"/{path}/{order.number}/").status_code == 404
    assert stranger.post(f"/checkout/return/{order.number}/confirm/").status_code == 404
    assert stranger.get("/orders/%00/").status_code == 404


def test_the_form_token_of_somebody_else_is_needed_to_get_their_order(client: Client) -> None:
    buy(client, variant())
    stranger = Client()
    fill_basket(stranger, variant("CUP"))
    stranger.post("/checkout/", answers(stranger, form_token=str(uuid.uuid4())))
    assert Order.objects.count() == 2


def test_order_numbers_are_read_in_any_spelling_and_never_look_like_a_card() -> None:
    for _ in range(2000):
        number = new_number()
        assert read_number(number.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == number
        assert find_card_number(number) is None
        assert find_card_number(number.replace("-", "")) is None
    for wrong in ("", "K24-", "K24-1111-2222-3333", "\x00", "🍵" * 20, "K24-UUUU-UUUU-UUUU-UUUU"):
        assert read_number(wrong) == ""
