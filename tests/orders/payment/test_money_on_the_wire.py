"""Amounts cross the wire as whole numbers of the currency's smallest unit, and nothing is rounded on the way."""

from decimal import Decimal

import pytest

from orders.payment.provider import from_minor, to_minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12000", "KRW", 12000), ("500", "JPY", 500), ("12.34", "USD", 1234), ("0.1", "EUR", 10), ("1.234", "KWD", 1234)],
)
def test_there_and_back(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.5", "KRW"), ("1.001", "USD"), ("NaN", "USD"), ("Infinity", "USD")]
)
def test_what_would_be_rounded_is_refused(amount, currency):
    with pytest.raises(ValueError, match=r"\w"):
        to_minor(Decimal(amount), currency)


def test_a_float_is_not_money():
    with pytest.raises(TypeError, match="never a float"):
        to_minor(0.1, "USD")


def test_an_unknown_currency_is_named():
    with pytest.raises(ValueError, match="'WON'"):
        to_minor(Decimal(1), "WON")
