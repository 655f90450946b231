"""A card number is found however it is typed, and what only looks like one is left alone."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import CharField, JSONField, TextField

from privacy.cards import find_card_number, find_security_code, refuse_card_number, without_card_numbers
from privacy.redaction import redact

CARDS = [
    "4242424242424242",
    "4000002500003155",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "3566002020360505",
    "6200000000000005",
]


def spellings(card):
    groups = [card[i : i + 4] for i in range(0, len(card), 4)]
    yield card
    yield " ".join(groups)
    yield "-".join(groups)
    yield "".join(chr(ord(c) + 0xFEE0) for c in card)
    yield " - ".join(groups)


LONG = {
    "words": "Please correct my name, order K24-1234 of 2026-11-01. " * 20_000,
    "one word": "x" * 1_000_000,
    "numbers": "1234567890 " * 20_000,
    "numbers without a gap": "1234567890" * 50_000,
    "lines of an attachment": "QmFzZTY0IGlzIDY0IHNpZ25z4242/12\n" * 30_000,
    "hangul": "카드번호는 모르겠습니다 " * 50_000,
}


@pytest.mark.parametrize("around", LONG.values(), ids=LONG)
def test_a_card_number_is_found_in_the_middle_of_a_long_letter(around):
    """Each of these would take minutes if every number were held against all that follow it."""
    for spelling in spellings(CARDS[0]):
        assert find_card_number(f"{around}\n카드번호{spelling}은\n{around}") == spelling
    assert find_card_number(around) is None


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_found_in_every_spelling(card):
    for spelling in spellings(card):
        text = f"call me, {spelling}, thanks"
        assert find_card_number(text) == spelling
        assert spelling not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "{} 12/34 123",
        "{} 123",
        "2 {}",
        "pay with visa{} please",
        "카드번호{}입니다",
        "{}CVC123",
        "12/27\n{}\n999",
        "tel. +82 10 1234 5678, {}, thanks",
    ],
)
@pytest.mark.parametrize("card", ["4242424242424242", "4242 4242 4242 4242", "378282246310005", "9410-1234-5678-9010"])
def test_a_card_number_is_found_among_what_stands_beside_it(text, card):
    assert find_card_number(text.format(card)) == card
    assert card not in redact(text.format(card))


@pytest.mark.parametrize(
    "text",
    [
        "4242\u200b4242\u200b4242\u200b4242",
        "4242\xa04242\xa04242\xa04242",
        "4242‑4242‑4242‑4242",
        "4242 – 4242 – 4242 – 4242",
    ],
)
def test_signs_that_nobody_sees_hide_no_card_number(text):
    assert find_card_number(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "CVC: 123",
        "the security code is 9876.",
        "보안코드 123",
        "CVC번호는 １２３",
        "セキュリティコード：123",
        "cvv2=1234",
    ],
)
def test_a_security_code_that_is_called_one_is_found(text):
    assert find_security_code(text)
    with pytest.raises(ValidationError):
        refuse_card_number(text)
    assert find_security_code(without_card_numbers(text)) is None


@pytest.mark.parametrize("text", ["your security code 123456", "room 123", "cvc", "model CVC12345", "code 123"])
def test_other_short_numbers_are_no_security_codes(text):
    assert find_security_code(text) is None


@pytest.mark.parametrize(
    "innocent",
    [
        "8801234500015",
        "+82 10 1234 5678",
        "2026-11-23 04:16:05",
        "4242424242424241",
        "K24-4242-4242-4242-4242X",
        "order 1234567890123",
        "",
        "550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_what_is_no_card_number_passes(innocent):
    assert find_card_number(innocent) is None


@pytest.mark.parametrize(
    "model", [m for m in apps.get_models() if m._meta.app_label not in ("sessions", "contenttypes")]
)
def test_no_text_of_any_model_takes_a_card_number_from_a_form(model):
    for field in model._meta.local_fields:
        if isinstance(field, CharField | TextField) and not field.choices:
            with pytest.raises(ValidationError):
                field.run_validators("4242 4242 4242 4242")
        if isinstance(field, JSONField):
            with pytest.raises(ValidationError):
                field.run_validators({"en": ["take 4242424242424242"]})


def test_no_migration_knows_of_it():
    assert "validators" not in apps.get_model("auth.Group")._meta.get_field("name").deconstruct()[3]
