"""A store with shipping rates, and a payment provider that a test can bend."""

from collections.abc import Iterator
from typing import Any

import pytest

from orders.domain.shipping import ensure_rates
from orders.domain.tax_table import ensure_taxes
from tests.orders.fake_provider import Books, FakeProvider


@pytest.fixture
def provider(settings: Any) -> Iterator[type[FakeProvider]]:
    settings.PAYMENT_PROVIDER = "tests.orders.fake_provider.FakeProvider"
    FakeProvider.books = Books()
    yield FakeProvider
    FakeProvider.books = Books()


@pytest.fixture
def store(db: None, provider: type[FakeProvider]) -> None:
    """Ready to sell; inside a transaction that is rolled back."""
    ensure_rates()
    ensure_taxes()


@pytest.fixture
def open_store(transactional_db: None, provider: type[FakeProvider]) -> None:
    """Ready to sell to several connections at once; emptied afterwards."""
    ensure_rates()
    ensure_taxes()
