"""The race for the last pieces in small: `make accept-race` runs it at full size."""

from __future__ import annotations

from typing import Any

import pytest

from tests.campaigns.racing.crowd import crowd
from tests.campaigns.racing.guard import guard_switched_off
from tests.campaigns.racing.rush import differences, goods, oversold, rush

pytestmark = pytest.mark.usefixtures("open_store")
PIECES, TRIES, AT_ONCE = 60, 400, 24


def test_a_rush_sells_exactly_what_there_is_and_leaves_nothing_over() -> None:
    variants = [one.pk for one in goods(4, PIECES)]
    books = rush(24, TRIES, variants, at_once=AT_ONCE)
    assert differences(books, variants, PIECES) == []
    assert books.refused > 0, "there were enough for all, so nothing was fought over"


def test_the_same_rush_oversells_with_the_guard_switched_off() -> None:
    variants = [one.pk for one in goods(4, PIECES)]
    with guard_switched_off():
        books = rush(24, TRIES, variants, at_once=AT_ONCE)
    assert oversold(books, PIECES) > 0


@pytest.mark.parametrize("guarded", [True, False])
def test_a_crowd_over_http_buys_what_there_is(live_server: Any, guarded: bool) -> None:
    (one,) = goods(1, 3)
    page = f"/products/{one.product.slug}/"
    if guarded:
        assert crowd(live_server.url, page, [one.pk], 12) == {303: 3, 409: 9}
    else:
        with guard_switched_off():
            assert crowd(live_server.url, page, [one.pk], 12)[303] > 3
    one.refresh_from_db()
    assert (one.stock, one.held) == (0, 3) or not guarded
