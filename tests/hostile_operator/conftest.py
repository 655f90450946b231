"""Whom the attempts are made upon: a person who wrote a letter, a person who said yes, a buyer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from orders.models import DeliveryAddress
from privacy import permission
from privacy.declaration import Purpose
from privacy.models import ConsentEvent, RequestMessage, ShownText, Subject
from privacy.notice import Notice
from tests.orders.conftest import open_store, provider, store
from tests.support import aged
from tests.support.people import letter
from tests.support.policies import plant, policy_folder
from tests.support.staff import superuser

# So that an attempt that nothing stopped says what it saw.
pytest.register_assert_rewrite(
    *(f"tests.hostile_operator.by_{by}" for by in ("admin", "paper", "pipes", "shell", "sql"))
)

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
    shown = notice.answered(notice.token())
    # As the store does once the transaction of the answer is over, which is not before the end of a test.
    ShownText.objects.get_or_create(
        digest=shown.digest, defaults={"policy_version": shown.version, "locale": shown.locale, "text": shown.text}
    )
    return permission.grant(
        Subject.objects.create(),
        Purpose.MARKETING_EMAIL,
        "email",
        method="form",
        notice=shown,
        surface="web.account",
    )


@pytest.fixture
def address(db: None) -> DeliveryAddress:
    """Where an order of mina@example.com goes."""
    return aged.order(placed_at=timezone.now()).delivery_address


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser who typed the password a minute ago."""
    return superuser()
