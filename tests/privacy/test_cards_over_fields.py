"""A card number that begins in one field and ends in the next is found, and numbers that merely meet there are let alone."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import SavedAddress
from catalogue.models import Review
from orders.models import DeliveryAddress, Order
from privacy.cards import find_card_number_over, without_card_numbers_over
from privacy.declaration import Category, declaration_of, personal_fields
from privacy.imports import import_records
from privacy.internal.desk import receiving
from privacy.models import RequestMessage
from tests.campaigns.typed import numbers
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import ADDRESS, CONTACT, answers, fill_basket, variant
from tests.support.pages import answer

CARDS = [
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "36700102000000",
    "9410123456789010",
]


def halves(card: str) -> Iterator[tuple[str, str]]:
    """A card in two pieces, in the spellings of people who run out of room."""
    groups = [card[:4], card[4:10], card[10:]] if len(card) < 16 else [card[i : i + 4] for i in range(0, len(card), 4)]
    for cut in range(1, len(groups)):
        for joint in (" ", "-", "\xa0", ""):
            yield joint.join(groups[:cut]), joint.join(groups[cut:])
    yield card[:5], card[5:]
    yield card[:11], card[11:]
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in card)
    yield wide[:8], wide[8:]


def pieces(texts: list[str]) -> str:
    return "".join(re.sub(r"\D", "", texts[p.text][p.start : p.end]) for p in find_card_number_over(texts))


@pytest.mark.parametrize("card", CARDS)
def test_the_two_pieces_of_a_card_number_are_found(card: str) -> None:
    for first, second in halves(card):
        for texts in (
            [first, second],
            ["Mina Kim", first, "", second, "thank you"],
            [f"my card is {first}", f"{second} 12/27 123"],
            [f"카드번호 {first}", f"{second}입니다"],
            [f"visa {first} ", f" {second}, please"],
            ["2 pieces", f"{first}-", second],
        ):
            assert "".join(c for c in pieces(texts) if c).translate(_NARROW) == card, texts


_NARROW = {0xFF10 + n: str(n) for n in range(10)}


@pytest.mark.parametrize("parts", [("35280", "00542228066"), ("9410548", "015118907"), ("450041", "0823465842")])
def test_a_piece_that_begins_with_nought_is_no_telephone_for_that(parts: tuple[str, str]) -> None:
    assert pieces(list(parts)) == "".join(parts)


def test_a_number_over_four_fields_is_found() -> None:
    assert pieces(["4111", "1111", "1111", "1111"]) == CARDS[0]
    assert find_card_number_over(["4111", "1111", "or so", "1111", "1111"]) == []


def test_of_a_long_text_the_beginning_and_the_end_go_on_in_others() -> None:
    long = "1111 1111 " + "words " * 1000 + "4111 1111"
    assert pieces([long, "1111 1111"]) == pieces(["4111 1111", long]) == CARDS[0]
    assert find_card_number_over(["4111 1111", "words " * 1000 + "1111 1111"]) == []
    first, second = without_card_numbers_over([long, "1111 1111 is mine"])
    assert (first[-8:], second[-8:]) == ("•" * 8, " is mine")
    assert first.startswith("1111 1111 words")


@pytest.mark.parametrize(
    "texts",
    [
        ["+82 10 1234 5678", "04524"],
        ["+1 650 253 0000", "94043", "CA"],
        ["347 555 2671", "10000"],  # as an American Express begins, and satisfies Luhn
        ["415-555-2671", "94043-1234"],
        ["010-4234-5678", "1234 5678"],
        ["K24-4A11-1B11-1C11-4111", "010 1234 5678"],
        ["K24-4A11-1B11-1C11-4111", "821012345671"],  # which satisfies Luhn together
        ["+4111 1111", "1111 1111"],
        ["EE-4111 1111", "1111 1111"],
        ["4111 1111", "1111 1111-KR"],
        ["order 1234567890123", "8801234500015"],
        ["tracking EE123456785KR", "4111 1111 1111"],
        ["Teheran-ro 4111", "1111", "06236"],
        ["2026-11-27 04:16", "4111 1111 1111"],
        ["4111 1111 1111 1112", "1111"],
        ["4111 1111", "and then 1111 1111"],
        ["4111 1111a", "1111 1111"],
        ["4111 1111", "1111 1112"],
        ["room 4111 1111", "+1111 1111"],
        ["3333-01-1234567", "1234"],
        ["4111111111111111"],
        ["", ""],
        [],
    ],
)
def test_numbers_that_only_meet_are_let_alone(texts: list[str]) -> None:
    assert find_card_number_over(texts) == []


def test_the_stores_own_numbers_pass_beside_one_another_and_beside_others() -> None:
    """Each of the twenty decoys before and after each other one, telephones, postcodes and dates; and many by chance."""
    draw = random.Random(20261127)
    decoys = numbers.decoys(draw)
    assert len(decoys) == 20
    others = ["+82 10 1234 5678", "010-1234-5678", "02-6000-0114", "04524", "94043-1234", "2026-11-27", "3", "1101-1"]
    for first, second in itertools.permutations([*decoys, *others], 2):
        assert find_card_number_over([first, second]) == [], (first, second)
        assert find_card_number_over([f"about {first}", f"{second}, please"]) == [], (first, second)


def test_a_thousand_telephones_beside_a_thousand_postcodes_raise_no_alarm() -> None:
    draw = random.Random(4)

    def digits(count: int) -> str:
        return "".join(draw.choices("0123456789", k=count))

    alarms = 0
    for _ in range(1000):
        telephones = (f"010-{digits(4)}-{digits(4)}", f"({digits(3)}) {digits(3)}-{digits(4)}", f"+82 10 {digits(4)} {digits(4)}",
                      f"+49 {digits(3)} {digits(7)}", f"0{digits(1)} {digits(3)} {digits(4)}",
                      f"010{digits(8)}")  # fmt: skip
        for telephone in telephones:
            alarms += bool(find_card_number_over([telephone, digits(5)]))
            alarms += bool(find_card_number_over([digits(5), telephone]))
    assert alarms == 0


def test_both_pieces_are_struck_out_where_nobody_can_be_asked() -> None:
    assert without_card_numbers_over(["It is 4111 1111", "1111 1111, expires 12/27"], "X") == [
        "It is X",
        "X, expires 12/27",
    ]
    assert without_card_numbers_over(["4111 1111 1111 1111", "4111 1111", "11111111"], "X") == ["X", "X", "X"]


@pytest.mark.usefixtures("store")
class TestNothingOfItEnters:
    FIRST, SECOND = "4111 1111", "1111 1111"

    @pytest.mark.parametrize(
        ("one", "other"),
        [("street", "street_2"), ("recipient", "street"), ("city", "street"), ("street_2", "recipient")],
    )
    def test_by_the_checkout_page(self, client: Client, one: str, other: str) -> None:
        fill_basket(client, variant())
        page = client.get("/checkout/").content.decode()
        first, second = sorted((one, other), key=lambda name: page.index(f'name="{name}"'))
        typed = answers(client, **{"street_2": "", first: f"Somewhere {self.FIRST}", second: f"{self.SECOND} Nowhere"})
        between = page[page.index(f'name="{first}"') : page.index(f'name="{second}"')]
        for name in set(re.findall(r'name="(\w+)"', between)) & {"state", "city", "street", "street_2", "coupon"} - {
            first
        }:
            typed[name] = ""
        said = client.post("/checkout/", typed)
        assert said.status_code == 422
        assert "together look like a card number" in said.content.decode()
        assert not Order.objects.exists()

    def test_by_the_api(self, client: Client) -> None:
        fill_basket(client, variant())
        address = "/api/v1/orders/"
        notice = client.options(address).json()["notice"]["token"]
        parted = {"street": f"Building {self.FIRST}", "street_2": f"{self.SECOND} Floor 2"}
        for body in (
            CONTACT | ADDRESS | parted | {"notice": notice},
            # As they were sent, and not as they are described.
            {"recipient": "Mina", "coupon": self.FIRST, "city": self.SECOND} | {"notice": notice},
            {"street": 41111111, "street_2": 11111111, "notice": notice},
        ):
            said = client.post(address, json.dumps(body), "application/json", headers={"Idempotency-Key": '"a"'})
            assert said.status_code == 400
            assert "together look like a card number" in said.content.decode()
        assert not Order.objects.exists()

    def test_by_an_address_book(self, client: Client, django_user_model: Any) -> None:
        account = django_user_model.objects.create_user("mina@example.com", "a long password")
        client.force_login(account)
        typed = answer(
            client, reverse("accounts:add_address"), ADDRESS | {"street": self.FIRST, "street_2": self.SECOND}
        )
        assert typed.status_code == 422
        assert not SavedAddress.objects.exists()

    def test_by_the_subject_and_the_body_of_a_letter(self) -> None:
        letter = EmailMessage()
        letter["From"], letter["To"] = "mina@example.com", "privacy@kmall24.com"
        letter["Subject"] = f"My card {self.FIRST}"
        letter.set_content(f"{self.SECOND} is still with you. Remove it.")
        receiving.receive_letter(letter.as_bytes())
        kept = RequestMessage.objects.get()
        assert "1111" not in kept.heading + kept.body
        assert "Remove it." in kept.body

    def test_by_a_record_of_the_desk(self) -> None:
        with pytest.raises(ValidationError, match="together look like"):
            DeliveryAddress(street=self.FIRST, street_2=self.SECOND).clean()

    def test_by_an_import(self) -> None:
        (kept,) = import_records(
            Review,
            [
                {
                    "product": variant().product,
                    "rating": 5,
                    "author_name": "Mina",
                    "title": f"Paid with {self.FIRST}",
                    "body": self.SECOND,
                }
            ],
            surface="import.reviews",
            source="old.csv",
        )
        assert "1111" not in kept.title + kept.body


def test_only_telephones_and_postcodes_are_numbers_of_their_own() -> None:
    left_out = {
        field.name
        for model in (DeliveryAddress, SavedAddress)
        for field in personal_fields(model)
        if declaration_of(field).category in (Category.PHONE, Category.POSTAL_CODE)
    }
    assert left_out == {"phone", "postal_code"}
