"""The campaign of `make accept-optout`, small: people opt out by every road while workers are killed; without the lock it fails."""

import pytest
from django.conf import settings

from marketing.domain import sending
from tests.campaigns import optout

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

# Seconds of one mail in five: long enough that people come to it, however busy the machine is.
SLOWNESS = 0.4
_CHANGED = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "STORAGES", "ALLOWED_HOSTS")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A lease of seconds, and settings that are put back."""
    for name in _CHANGED:
        monkeypatch.setattr(settings, name, getattr(settings, name))
    monkeypatch.setattr(settings, "MARKETING_PER_MINUTE", {"email": 6_000_000})
    monkeypatch.setattr(settings, "MARKETING_SLOTS", 4)
    monkeypatch.setattr(sending, "PATIENCE_SECONDS", 0.2)
    # One that does not come to its end is red, and keeps nobody waiting for an hour.
    monkeypatch.setattr(optout, "PATIENCE", 240.0)
    monkeypatch.setattr(sending, "lease", lambda: sending.dt.timedelta(seconds=4))


def test_nothing_leaves_after_a_no_nobody_gets_two_and_what_is_unknown_was_in_a_dead_hand(tmp_path):
    found = optout.attempt(11, 150, 40, 2, tmp_path, celery=False, slowness=SLOWNESS)
    assert found.holds, str(found)
    assert len(found.acknowledged) >= 20
    assert found.latencies.keys() == {*optout.ROADS, optout.CENTRE}, found.by_road()
    assert found.kills == 2
    assert found.unknown <= 2 * settings.MARKETING_SLOTS


def test_without_the_lock_the_same_fails(tmp_path):
    found = optout.attempt(12, 200, 60, 0, tmp_path, celery=False, locked=False, slowness=SLOWNESS)
    assert found.late, str(found)
