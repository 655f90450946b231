"""Ten years of a small store: after every night on which something may change, what stands is what was promised."""

import dataclasses
import datetime as dt

import pytest

from privacy.internal import retention
from tests.campaigns.retention_life import plan
from tests.campaigns.retention_life.judging import life
from tests.support import aged

SEED = 20261123


def test_years_are_reckoned_as_the_calendar_has_them():
    leap = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)
    assert plan.years_later(leap, 5) == dt.datetime(2029, 2, 28, 12, tzinfo=dt.UTC)


@pytest.mark.django_db(transaction=True)
def test_none_early_and_none_more_than_a_day_late():
    with aged.owning() as owner:
        figures = life(SEED, orders=40, years=10, owner=owner, only_nights_with_events=True)
    assert figures.wrong == []
    assert figures.longest < dt.timedelta(days=1)
    assert figures.removed > 60
    assert figures.moved > 100


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_a_day_early_is_found(monkeypatch):
    """The judge would see it: one line of the reasons says one day less."""
    reasons = dict(retention.reasons())
    reasons["contract"] = dataclasses.replace(reasons["contract"], ends="P88D")
    monkeypatch.setattr(retention, "reasons", lambda: reasons)
    retention._rules.cache_clear()
    try:
        with aged.owning() as owner:
            figures = life(SEED, orders=10, years=2, owner=owner, only_nights_with_events=True)
    finally:
        monkeypatch.undo()
        retention._rules.cache_clear()
    assert [line for line in figures.wrong if "early" in line]
