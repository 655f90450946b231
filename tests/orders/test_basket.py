"""The basket: found by its cookie, never above the stock, cheap whatever is in it."""

import re

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts.models import User
from orders import cookie
from orders.models import Basket, BasketLine
from tests.orders.shop import fill_basket, variant

pytestmark = pytest.mark.usefixtures("store")


def _lines() -> dict[str, int]:
    return dict(BasketLine.objects.values_list("variant__sku", "quantity"))


def test_a_guest_finds_the_basket_again_by_its_cookie(client: Client) -> None:
    fill_basket(client, variant(), quantity=2)
    morsel = client.cookies["basket"]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", 30 * 24 * 3600)
    assert "Tea TEA-1" in client.get("/basket/").content.decode()
    assert "Tea TEA-1" not in Client().get("/basket/").content.decode()
    assert "sessionid" not in client.cookies


def test_adding_twice_adds_up_and_stops_at_the_stock(client: Client) -> None:
    tea = variant(stock=3)
    fill_basket(client, tea, tea)
    assert _lines() == {"TEA-1": 2}
    fill_basket(client, tea, quantity=5)
    assert _lines() == {"TEA-1": 3}


def test_a_forged_cookie_opens_no_basket(client: Client) -> None:
    fill_basket(client, variant())
    basket = Basket.objects.get()
    stranger = Client()
    stranger.cookies["basket"] = f"g:{basket.key}:1"
    assert "Tea TEA-1" not in stranger.get("/basket/").content.decode()
    stranger.cookies["basket"] = signing.get_cookie_signer(salt="basket" + "another").sign(f"g:{basket.key}:1")
    assert "Tea TEA-1" not in stranger.get("/basket/").content.decode()


def test_a_guest_cookie_never_opens_the_basket_of_an_account(client: Client, django_user_model: type[User]) -> None:
    tea, account = variant(), django_user_model.objects.create_user("a@example.com", "long enough words")
    client.force_login(account)
    fill_basket(client, tea)
    key = Basket.objects.get(account=account).key
    stranger = Client()
    stranger.cookies["basket"] = signing.get_cookie_signer(salt="basket" + "orders.basket").sign(f"g:{key}:1")
    assert "Tea TEA-1" not in stranger.get("/basket/").content.decode()
    stranger.post("/basket/remove/", {"variant": tea.pk})
    assert BasketLine.objects.filter(basket__account=account).exists()


def test_signing_in_brings_the_basket_along_by_adding_up_to_the_stock(
    client: Client, django_user_model: type[User]
) -> None:
    account = django_user_model.objects.create_user("a@example.com", "long enough words")
    tea, cup, jar = variant("TEA", stock=5), variant("CUP", stock=9), variant("JAR", stock=9)
    earlier = Basket.objects.create(account=account)
    BasketLine.objects.create(basket=earlier, variant=tea, quantity=3)
    BasketLine.objects.create(basket=earlier, variant=jar, quantity=1)
    fill_basket(client, tea, quantity=4)
    fill_basket(client, cup, quantity=2)
    client.post(reverse("account_login"), {"login": "a@example.com", "password": "long enough words"})
    assert "_auth_user_id" in client.session
    assert dict(account.basket.lines.values_list("variant__sku", "quantity")) == {"TEA": 5, "JAR": 1, "CUP": 2}
    assert Basket.objects.count() == 1
    assert cookie.badge(client.get("/basket/").wsgi_request) == 8


def test_quantity_zero_takes_the_line_out(client: Client) -> None:
    tea = variant()
    fill_basket(client, tea)
    client.post("/basket/update/", {"variant": tea.pk, "quantity": 0})
    assert _lines() == {}


def test_htmx_gets_the_piece_and_the_badge_and_everybody_else_the_page(client: Client) -> None:
    tea = variant()
    piece = client.post("/basket/add/", {"variant": tea.pk}, headers={"HX-Request": "true"})
    assert piece.status_code == 200
    assert 'hx-swap-oob="true"' in piece.content.decode()
    assert "<html" not in piece.content.decode()
    whole = client.post(
        "/basket/update/",
        {"variant": tea.pk, "quantity": 4},
        headers={"HX-Request": "true", "HX-Target": "basket"},
    )
    assert 'value="4"' in whole.content.decode()
    assert client.post("/basket/add/", {"variant": tea.pk}).headers["Location"] == "/basket/"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"variant": ""},
        {"variant": "\x00"},
        {"variant": "1\x00"},
        {"variant": "-1"},
        {"variant": "999999"},
        {"variant": "9" * 5000},
        {"variant": ["1", "2", "x"]},
        {"variant": "1e9"},
        {"variant": "١"},
        {"variant": "1", "quantity": "-5"},
        {"variant": "1", "quantity": "99999999999999999999"},
        {"variant": "1", "quantity": "1.5"},
        {"variant": "1", "quantity": "🍵"},
        {"variant[]": "1", "quantity[]": "1"},
    ],
)
def test_nothing_that_is_sent_to_the_basket_breaks_it(client: Client, sent: dict[str, object]) -> None:
    for name in ("basket_add", "basket_update", "basket_remove"):
        assert client.post(reverse(f"orders:{name}"), sent).status_code == 303
        response = client.post(reverse(f"orders:{name}"), sent, headers={"HX-Request": "true"})
        assert response.status_code == 200
    client.cookies["basket"] = "\x00nonsense:::"
    assert client.get("/basket/").status_code == 200
    assert not BasketLine.objects.exists()


def test_an_oversized_wish_is_told_and_not_kept(client: Client) -> None:
    tea = variant()
    client.post("/basket/add/", {"variant": tea.pk, "quantity": 10_000})
    assert _lines() == {}
    assert "whole number" in client.get("/basket/").content.decode()


def test_the_badge_needs_no_sql(client: Client, django_assert_num_queries: object) -> None:
    fill_basket(client, variant(), quantity=7)
    request = client.get("/basket/").wsgi_request
    with django_assert_num_queries(0):
        assert cookie.badge(request) == 7


@pytest.mark.parametrize("lines", [1, 20])
def test_the_basket_page_takes_at_most_4_sql(client: Client, django_assert_max_num_queries: object, lines: int) -> None:
    fill_basket(client, *(variant(f"SKU-{n}") for n in range(lines)))
    with django_assert_max_num_queries(4):
        page = client.get("/basket/").content.decode()
    assert len(re.findall("basket-line__actions", page)) == lines


@pytest.mark.parametrize("lines", [0, 1, 20])
def test_adding_takes_at_most_8_sql(client: Client, django_assert_max_num_queries: object, lines: int) -> None:
    fill_basket(client, *(variant(f"SKU-{n}") for n in range(lines)))
    tea = variant()
    with django_assert_max_num_queries(8):
        assert client.post("/basket/add/", {"variant": tea.pk}).status_code == 303
    with django_assert_max_num_queries(8):
        assert client.post("/basket/add/", {"variant": tea.pk}).status_code == 303
