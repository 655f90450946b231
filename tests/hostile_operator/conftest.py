"""Whom the attempts are made upon: a person who wrote a letter, a person who said yes, a buyer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from orders.models import DeliveryAddress
from privacy import permission
from privacy.declaration import Purpose
from privacy.models import ConsentEvent, RequestMessage, Subject
from privacy.notice import Notice
from tests.orders.conftest import open_store, provider, store
from tests.orders.shop import buy, variant
from tests.support.people import letter
from tests.support.policies import plant, policy_folder
from tests.support.staff import superuser

__all__ = ["open_store", "plant", "policy_folder", "provider", "store"]


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def message(db: None) -> RequestMessage:
    return letter()


@pytest.fixture
def yes(db: None) -> ConsentEvent:
    """Somebody who permits marketing by e-mail, and whom nobody else may be taken for."""
    notice = Notice(asks=[Purpose.MARKETING_EMAIL], opt_out_box=False)
    return permission.grant(
        Subject.objects.create(),
        Purpose.MARKETING_EMAIL,
        "email",
        method="form",
        notice=notice.answered(notice.token()),
        surface="web.account",
    )


@pytest.fixture
def address(store: None) -> DeliveryAddress:
    return buy(Client(), variant()).delivery_address


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser who typed the password a minute ago."""
    return superuser()
