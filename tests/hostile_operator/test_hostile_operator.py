"""Ways to break the policy, each tried for real: refused, or found. The list of them is docs/hostile-operator.md."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.hostile_operator import by_sql  # noqa: F401 - entered by being imported
from tests.hostile_operator.listing import markdown
from tests.hostile_operator.ways import WAYS, Way


def _parameter(way: Way) -> Any:
    marks = [pytest.mark.django_db(transaction=way.transactional)]
    if way.open_because:
        # When it is closed one day, the test says so, and the word comes off the list.
        marks.append(pytest.mark.xfail(strict=True, reason=way.open_because))
    return pytest.param(way, id=f"{way.by}: {way.name}", marks=marks)


@pytest.mark.parametrize("way", [_parameter(way) for way in WAYS])
def test_the_policy_holds_against(way: Way, request: pytest.FixtureRequest) -> None:
    way.attempt(**{name: request.getfixturevalue(name) for name in inspect.signature(way.attempt).parameters})
