"""The address book: by each country's rules, for its owner only."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from accounts.addresses import AddressRules, clean_address
from accounts.models import SavedAddress
from privacy.models import Collection, ConsentEvent
from tests.support.pages import answer, hidden_inputs

SEOUL = {
    "country": "KR",
    "recipient": "Kim Minji",
    "phone": "010-2345-6789",
    "postal_code": "03051",
    "state": "Seoul",
    "city": "Jongno-gu",
    "street": "Sajik-ro 161",
    "street_2": "",
}
ON_PAGE = {**SEOUL, "state": "서울특별시"}


def refused(**values):
    with pytest.raises(ValidationError) as caught:
        clean_address({**SEOUL, **values})
    return set(caught.value.error_dict)


def test_an_address_is_stored_in_one_form():
    assert clean_address({**SEOUL, "country": "kr"}) == {**SEOUL, "state": "서울특별시", "phone": "+821023456789"}


def test_each_country_has_lines_names_and_rules_of_its_own():
    us, hongkong, germany = map(AddressRules.for_country, ("US", "HK", "DE"))
    assert us.order == ("street", "street_2", "city", "state", "postal_code")
    assert str(us.labels["postal_code"]) == "ZIP code"
    assert ("CA", "California") in us.states()
    assert not hongkong.asks("postal_code")
    assert germany.order.index("postal_code") < germany.order.index("city")
    assert not germany.asks("state")


def test_what_is_wrong_is_said_line_by_line():
    assert refused(recipient="", city="") == {"recipient", "city"}
    assert refused(postal_code="ABC") == {"postal_code"}
    assert refused(state="Bavaria") == {"state"}
    assert refused(phone="12") == {"phone"}
    assert refused(country="KP") == {"country"}
    assert refused(country="US", state="NY", postal_code="90210", phone="+12015550123") == {"postal_code"}
    assert refused(street="x" * 121) == {"street"}


@pytest.mark.parametrize("value", [None, 7, ["a"], {"a": 1}, True, "\x00", "😀" * 9999, "x" * 99_999, "--", "٣" * 5])
@pytest.mark.parametrize("field", list(SEOUL))
def test_anything_may_be_typed_anywhere(field, value):
    try:
        cleaned = clean_address({**SEOUL, field: value})
    except ValidationError as error:
        cleaned = {}
        told = error.error_dict
    assert all(isinstance(text, str) and len(text) <= 120 and "\x00" not in text for text in cleaned.values())
    assert cleaned or told


def test_a_line_that_the_country_lacks_comes_back_empty():
    cleaned = clean_address(
        {**SEOUL, "country": "HK", "state": "Kowloon", "postal_code": "999", "phone": "+85251234567"}
    )
    assert cleaned["postal_code"] == ""


@pytest.mark.django_db
def test_a_saved_address_names_the_collection_it_came_in_by(signed_in, account):
    response = answer(signed_in, reverse("accounts:add_address") + "?country=KR", {**ON_PAGE, "no_marketing": "on"})
    assert response.status_code == 302, response.content.decode()
    address = SavedAddress.objects.get()
    assert (address.account, address.phone, address.is_default) == (account, "+821023456789", True)
    assert address.collection.surface == "web.address_book"
    assert len(address.collection.fields) == 8
    assert {e.state for e in ConsentEvent.objects.filter(subject=account.subject)} == {"refused"}


@pytest.mark.django_db
def test_another_country_can_be_chosen_on_the_way_without_a_stale_notice(signed_in):
    url = reverse("accounts:add_address") + "?country=DE"
    shown = hidden_inputs(signed_in.get(url))
    page = signed_in.post(url, {**shown, **ON_PAGE, "show_country": "1"})
    assert page.status_code == 200
    assert "Sajik-ro 161" in page.content.decode()
    assert not SavedAddress.objects.exists()
    assert signed_in.post(url, {**shown, **ON_PAGE}).status_code == 302


@pytest.mark.django_db
def test_wrong_lines_are_answered_beside_the_line_and_nothing_is_written(signed_in):
    response = answer(signed_in, reverse("accounts:add_address"), {**ON_PAGE, "postal_code": "ABC", "recipient": ""})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"postal_code", "recipient"}
    assert not Collection.objects.filter(surface="web.address_book").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["\x00", "😀" * 300, "x" * 99_999, "4111 1111 1111 1111"])
@pytest.mark.parametrize("field", list(SEOUL))
def test_hostile_lines_never_crash_the_page(signed_in, field, value):
    for sent in (value, [value, value]):
        response = answer(signed_in, reverse("accounts:add_address"), {**ON_PAGE, field: sent})
        assert response.status_code in (302, 422)
    assert not SavedAddress.objects.filter(**{f"{field}__contains": "4111"}).exists()


@pytest.mark.django_db
def test_the_address_of_somebody_else_is_not_there(signed_in, strangers_address):
    for name in ("change_address", "remove_address", "put_address_first"):
        url = reverse(f"accounts:{name}", args=[strangers_address.pk])
        assert signed_in.post(url, ON_PAGE).status_code == 404
        assert signed_in.get(url).status_code in (404, 405)
    for method in ("get", "put", "patch", "delete"):
        response = getattr(signed_in, method)(
            f"/api/v1/addresses/{strangers_address.pk}/",
            **({} if method == "get" else {"data": json.dumps(SEOUL), "content_type": "application/json"}),
        )
        assert response.status_code == 404, method
    assert signed_in.get("/api/v1/addresses/").json()["results"] == []
    assert signed_in.get(f"/accounts/addresses/{10**30}/").status_code == 404
    assert signed_in.get(f"/api/v1/addresses/{10**30}/").status_code == 404


@pytest.mark.django_db
def test_one_address_is_first_and_an_heir_follows_it(signed_in, account):
    for street in ("One 1", "Two 2", "Three 3"):
        answer(signed_in, reverse("accounts:add_address") + "?country=KR", {**ON_PAGE, "street": street})
    one, _two, three = SavedAddress.objects.order_by("pk")
    signed_in.post(reverse("accounts:put_address_first", args=[three.pk]))
    assert list(SavedAddress.objects.filter(is_default=True)) == [three]
    signed_in.post(reverse("accounts:remove_address", args=[three.pk]))
    assert list(SavedAddress.objects.filter(is_default=True)) == [one]


@pytest.mark.django_db
def test_a_full_book_says_so(signed_in, account, monkeypatch):
    monkeypatch.setattr("accounts.domain.address_book.LIMIT", 0)
    response = answer(signed_in, reverse("accounts:add_address") + "?country=KR", ON_PAGE)
    assert response.status_code == 422


def api_token(client):
    return client.options("/api/v1/addresses/").json()["notice"]["token"]


@pytest.mark.django_db
def test_options_shows_the_notice_and_its_token_opens_the_door(signed_in, account):
    shown = signed_in.options("/api/v1/addresses/").json()["notice"]
    assert {line["field"] for line in shown["lines"]} == set(SEOUL)
    assert all(line["why"] and line["kept"] for line in shown["lines"])
    assert shown["no_marketing"]
    body = {**SEOUL, "notice": shown["token"], "no_marketing": True}
    response = signed_in.post("/api/v1/addresses/", body, content_type="application/json")
    assert response.status_code == 201, response.content
    assert "notice" not in response.json()
    address = SavedAddress.objects.get()
    assert address.collection.surface == "api.addresses"
    assert {e.method for e in ConsentEvent.objects.filter(subject=account.subject)} == {"api"}
    changed = signed_in.patch(
        f"/api/v1/addresses/{address.pk}/",
        {"city": "Mapo-gu", "notice": api_token(signed_in)},
        content_type="application/json",
    )
    assert changed.status_code == 200, changed.content
    assert signed_in.delete(f"/api/v1/addresses/{address.pk}/").status_code == 204


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"notice": ""},
        {"notice": "made:up:token"},
        {"notice": ["a"]},
        {"recipient": ["a"]},
        {"country": {"a": 1}},
        {"phone": None},
        {"street": "x" * 99_999},
        {"city": "\x00"},
        {"postal_code": 5},
        {"is_default": "maybe"},
    ],
)
def test_a_wrong_body_is_a_400_that_names_the_line(signed_in, change):
    body = {**SEOUL, "notice": api_token(signed_in), **change}
    response = signed_in.post("/api/v1/addresses/", json.dumps(body), content_type="application/json")
    assert response.status_code == 400, response.content
    assert not SavedAddress.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["[]", "7", "null", '"x"', "{", "[[[]]]"])
def test_a_body_that_is_no_address_at_all_is_a_400(signed_in, body):
    assert signed_in.post("/api/v1/addresses/", body, content_type="application/json").status_code == 400


@pytest.mark.django_db
def test_nobody_reads_addresses_without_signing_in(client):
    assert client.get("/api/v1/addresses/").status_code == 403
    assert client.get(reverse("accounts:addresses")).status_code == 302


def test_a_korean_page_asks_a_korean_address_from_the_largest_part_to_the_smallest():
    with translation.override("ko"):
        korean = AddressRules.for_country("KR").order
        american = AddressRules.for_country("US").order
    with translation.override("en"):
        english = AddressRules.for_country("KR").order
    assert korean.index("state") < korean.index("city") < korean.index("street")
    assert english.index("street") < english.index("city") < english.index("state")
    assert american.index("street") < american.index("city")
