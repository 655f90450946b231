"""Ways to break the policy, each tried for real: refused, or found. The list of them is docs/hostile-operator.md."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from tests.hostile_operator.listing import PAGE, markdown
from tests.hostile_operator.ways import WAYS, Way, refused


def _parameter(way: Way) -> Any:
    marks = [pytest.mark.django_db(transaction=way.transactional)]
    if way.open_because:
        # When it is closed one day, the test says so, and the word comes off the list.
        marks.append(pytest.mark.xfail(strict=True, reason=way.open_because))
    return pytest.param(way, id=f"{way.by}: {way.name}", marks=marks)


@pytest.mark.parametrize("way", [_parameter(way) for way in WAYS])
def test_the_policy_holds_against(way: Way, request: pytest.FixtureRequest) -> None:
    way.attempt(**{name: request.getfixturevalue(name) for name in inspect.signature(way.attempt).parameters})


def test_the_list_names_every_way_and_no_other() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run python -m tests.hostile_operator"


def test_there_are_at_least_fifty_ways_and_each_says_what_stops_it_or_why_nothing_does() -> None:
    assert len([way for way in WAYS if not way.open_because]) >= 50
    assert len({way.name for way in WAYS}) == len(WAYS)
    for way in WAYS:
        assert bool(way.stopped_by) != bool(way.open_because), way


def test_every_check_that_is_named_as_finding_something_is_one_of_the_stores() -> None:
    from privacy.internal import checks

    ids = {i for name in checks.__all__ for i in re.findall(r"\b[EW]\d{3}\b", getattr(checks, name).__doc__ or "")}
    ids |= {"E002", "E003", "E004", "E005"}
    for way in WAYS:
        for named in re.findall(r"privacy\.(E\d+)", way.stopped_by):
            assert named in ids, way


@pytest.mark.django_db
def test_an_attempt_that_nothing_stops_fails() -> None:
    with pytest.raises(pytest.fail.Exception), refused("anything"):
        pass
