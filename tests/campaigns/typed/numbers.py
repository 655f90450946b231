"""Card numbers of every network in five spellings, and numbers that satisfy Luhn and are none."""

from __future__ import annotations

import random

from orders.models.order import ALPHABET

# First digits and length, as the networks issue them; 9 is what Korean banks issue for use at home.
_NETWORKS = (("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15), ("6011", 16), ("65", 16),
             ("36", 14), ("3528", 16), ("3589", 16), ("62", 16), ("62", 19), ("5018", 16), ("6304", 16), ("2200", 16),
             ("9410", 16), ("4", 19), ("4", 13))  # fmt: skip


def cards(draw: random.Random, number: int) -> list[str]:
    return [_with_check_digit(draw, *_NETWORKS[n % len(_NETWORKS)]) for n in range(number)]


def spellings(card: str) -> list[str]:
    groups = [card[i : i + 4] for i in range(0, len(card), 4)]
    return [
        card,
        " ".join(groups),
        "-".join(groups),
        "".join(chr(ord(digit) + 0xFEE0) for digit in card),  # as an East Asian keyboard writes them
        "\xa0".join(groups),  # as a page writes them
    ]


def halves(draw: random.Random, card: str) -> tuple[str, str]:
    """A card in two pieces, as somebody types it who runs out of room: between two groups, or anywhere when there are none."""
    spelled = draw.choice(spellings(card)[:3])
    joints = [place for place, sign in enumerate(spelled) if sign in " -"]
    # A telephone behind a postcode begins with 0, and is let alone (docs/decisions/0038).
    joints = joints or [place for place in range(4, len(spelled) - 3) if spelled[place] != "0"]
    cut = draw.choice(joints)
    return spelled[:cut], spelled[cut:].lstrip(" -")


def decoys(draw: random.Random) -> list[str]:
    """Twenty of the store's own: barcodes, and order numbers whose digits would make a card number."""
    barcodes = [_with_check_digit(draw, "880", 13) for _ in range(8)]
    barcodes += [_with_check_digit(draw, "880", 14) for _ in range(4)]
    return barcodes + [_order_number(draw) for _ in range(8)]


def is_luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _with_check_digit(draw: random.Random, prefix: str, length: int) -> str:
    body = prefix + "".join(str(draw.randint(0, 9)) for _ in range(length - 1 - len(prefix)))
    return next(f"{body}{digit}" for digit in range(10) if is_luhn(f"{body}{digit}"))


def _order_number(draw: random.Random) -> str:
    """As the store makes them, each group with a letter among its first three signs, and as many digits as that allows."""
    letters = [sign for sign in ALPHABET if sign.isalpha()]
    while True:
        groups = []
        for _ in range(4):
            signs = [str(draw.randint(0, 9)) for _ in range(4)]
            signs[draw.randint(0, 2)] = draw.choice(letters)
            groups.append("".join(signs))
        number = "K24-" + "-".join(groups)
        digits = "".join(sign for sign in number if sign.isdecimal())
        if 13 <= len(digits) <= 19 and is_luhn(digits):
            return number
