"""What the tests of accounts share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from privacy.gate import collecting

PASSWORD = "long-enough-and-odd-42"
SEOUL = {
    "country": "KR",
    "recipient": "Kim Minji",
    "phone": "+821023456789",
    "postal_code": "03051",
    "state": "서울특별시",
    "city": "Jongno-gu",
    "street": "Sajik-ro 161",
    "street_2": "",
}


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Rate limits count in the cache; one test must not use up another's."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def account(db: None) -> User:
    return User.objects.create_user("minji@example.com", PASSWORD)


@pytest.fixture
def other_account(db: None) -> User:
    return User.objects.create_user("other@example.com", PASSWORD)


@pytest.fixture
def signed_in(client: Client, account: User) -> Client:
    client.force_login(account)
    return client


@pytest.fixture
def strangers_address(other_account: User) -> Any:
    """An address in somebody else's book."""
    from accounts.domain.address_book import save_address
    from accounts.models import SavedAddress

    fields = [f"accounts.SavedAddress.{name}" for name in SEOUL]
    with collecting(surface="staff.console", subject=other_account.subject, fields=fields):
        address = save_address(other_account, SEOUL)
    assert SavedAddress.objects.get() == address
    return address
