"""Tracking numbers of postal items: two letters, eight digits, a check digit and the country (UPU standard S10)."""

from __future__ import annotations

import re

_FORM = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def check_digit(serial: str) -> int:
    """The check digit of eight digits: weighted sum, modulo 11, with 10 written as 0 and 11 as 5."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def number(service: str, serial: int, country: str = "KR") -> str:
    """The whole number, for instance EE123456785KR."""
    digits = f"{serial % 10**8:08d}"
    return f"{service}{digits}{check_digit(digits)}{country}"


def is_valid(tracking_number: str) -> bool:
    """Whether it has the form of S10 and its check digit is right. Two remainders share the digit 5, so few mistakes pass."""
    parts = _FORM.fullmatch(tracking_number)
    return bool(parts) and check_digit(parts[2]) == int(parts[3])
