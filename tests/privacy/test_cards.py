"""A card number is found however it is typed, and what only looks like one is left alone."""

import pytest

from privacy.cards import find_card_number
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


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_found_in_every_spelling(card):
    for spelling in spellings(card):
        text = f"call me, {spelling}, thanks"
        assert find_card_number(text) == spelling
        assert spelling not in redact(text)


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
