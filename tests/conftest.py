"""A real PostgreSQL and a real Valkey under every test, which runs as the role that the store works under."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from kmall24 import engines, translations
from privacy.internal import policy, published
from tests import session
from tests.support import emptying, observing, prepared

# One browser, one kind of provider, one copy of the policy for every test that wants them.
pytest_plugins = [
    "tests.support.browser",
    "tests.support.dovecot",
    "tests.support.journal",
    "tests.support.payment_sandbox",
    "tests.support.policies",
    "tests.support.shopping",
]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        engines.ensure_running(disposable=True)
        translations.compile_all()
        if _has_workers(config):
            prepared.expect(settings.DATABASES["owner"]["TEST"]["NAME"])


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    if _has_workers(config):
        prepared.forget_it_in(connections["owner"])
    if session.leave():
        engines.erase()


def _has_workers(config: pytest.Config) -> bool:
    return bool(config.getoption("numprocesses", None))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the longest first, so that no worker is alone with one at the end. They are processes of their own."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Make the test database through the owner, who may, and point the store's own role at it, who may not."""
    owner = connections["owner"]
    store = connections["default"]
    name, own_name = store.settings_dict["NAME"], owner.settings_dict["TEST"]["NAME"]

    def migrate(database: str = own_name) -> None:
        owner.settings_dict["TEST"]["NAME"] = database
        owner.creation.create_test_db(
            verbosity=max(0, request.config.option.verbose - 1), autoclobber=True, serialize=False
        )

    emptying.take_over()
    with django_db_blocker.unblock():
        if hasattr(request.config, "workerinput"):
            prepared.copy(owner, own_name, migrate)
            owner.settings_dict["NAME"] = own_name
        else:
            migrate()
        store.close()
        settings.DATABASES["default"]["NAME"] = store.settings_dict["NAME"] = owner.settings_dict["NAME"]
    yield
    with django_db_blocker.unblock():
        for connection in connections.all(initialized_only=True):
            connection.close()
        owner.creation.destroy_test_db(name, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _pages_are_noted_by_their_own_templates(django_test_environment: None) -> None:
    observing.only_what_is_asked_for()


@pytest.fixture(autouse=True)
def _the_founding_policy_is_published() -> None:
    """A process knows what is published before its first page, and a test that published something leaves no trace of it."""
    published.know(
        published.Published(version, dt.date.fromisoformat(version), policy.digest_of(version), founding=True)
        for version in policy.founding()
    )


@pytest.fixture(autouse=True)
def _the_language_of_no_other_test() -> None:
    """A page leaves its language active in the thread that made it, and the next test would read it."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def valkey() -> Iterator[Any]:
    """This worker's own logical database, empty before the test and after it."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()
