"""Statistics name nobody: what fewer than ten visitors stand behind is merged or left out, and staff see only that."""

import datetime as dt
import re
import uuid

import pytest
import redis
import time_machine
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from cookies import queries
from cookies.chart import BASE, draw
from cookies.domain.aggregate import aggregate
from cookies.domain.close_day import close_days
from cookies.models.traffic import Dimension
from cookies.queries import Cell
from cookies.traffic import store
from cookies.traffic.hit import Hit, encode

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2027, 3, 10, 12, tzinfo=dt.timezone(dt.timedelta(hours=9)))
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _a_day():
    with time_machine.travel(NOON, tick=False):
        yield


def _visits(page: str, visitors: int, views_each: int = 1, **properties: object) -> None:
    hour = int(timezone.now().timestamp()) // 3600
    hit = Hit(hour, "", page, "", "phone", "en")._replace(**properties)
    lines = [encode(hit._replace(visitor=f"{page}{n}")) for n in range(visitors)] * views_each
    store.push(uuid.uuid4().hex, lines)
    aggregate()


def _pages() -> list[Cell]:
    return queries.breakdown(Dimension.PAGE, TODAY, TODAY)


class TestTheTenVisitors:
    def test_a_page_of_ten_is_shown(self):
        _visits("/a/", 10)
        assert _pages() == [Cell("/a/", 10)]

    def test_many_views_of_few_visitors_are_still_few(self):
        _visits("/a/", 9, views_each=50)
        assert _pages() == []

    def test_a_single_small_page_is_merged_with_one_that_hides_it(self):
        _visits("/a/", 30)
        _visits("/b/", 12)
        _visits("/small/", 1)
        assert _pages() == [Cell("/a/", 30), Cell(None, 13)]

    def test_behind_what_is_merged_stand_ten_visitors_too(self):
        _visits("/a/", 15)
        _visits("/small/", 2)
        assert _pages() == [Cell(None, 17)]

    def test_small_pages_alone_show_nothing(self):
        _visits("/b/", 9)
        _visits("/c/", 9)
        assert _pages() == []

    def test_nine_one_day_and_nine_the_next_do_not_make_ten(self):
        _visits("/a/", 9)
        with time_machine.travel(NOON + dt.timedelta(days=1), tick=False):
            _visits("/a/", 9)
            assert queries.breakdown(Dimension.PAGE, TODAY, TODAY + dt.timedelta(days=1)) == []

    def test_it_holds_the_same_after_the_day_is_closed(self):
        _visits("/a/", 30)
        _visits("/b/", 12)
        _visits("/small/", 1)
        before = _pages()
        with time_machine.travel(NOON + dt.timedelta(days=1), tick=False):
            close_days()
            assert store.open_days() == []
            assert _pages() == before

    def test_less_is_shown_and_not_more_while_valkey_is_away(self, monkeypatch):
        _visits("/a/", 30)

        def away():
            raise redis.ConnectionError

        monkeypatch.setattr(store, "valkey", away)
        assert _pages() == []

    def test_a_day_of_few_visitors_has_no_number(self):
        _visits("/a/", 9)
        (day,) = queries.by_day(TODAY, TODAY)
        assert (day.views, day.visitors) == (None, None)

    def test_a_day_is_the_stores_day(self):
        with time_machine.travel(NOON.replace(hour=0, minute=30), tick=False):
            _visits("/a/", 10)
        with time_machine.travel(NOON.replace(hour=23, minute=30), tick=False):
            _visits("/a/", 10)
        yesterday, today, tomorrow = queries.by_day(TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1))
        assert (yesterday.views, today.views, tomorrow.views) == (0, 20, 0)
        assert today.visitors == 10


class TestTheScreen:
    @pytest.fixture
    def staff(self, client):
        client.force_login(get_user_model().objects.create_superuser("staff@kmall24.example", "a long password"))
        return client

    def test_draws_the_chart_with_words_beside_it(self, staff):
        _visits("/a/", 30)
        page = staff.get(reverse("admin:cookies_hourlycount_changelist"), {"days": "7"}).content.decode()
        svg = re.search(r"<svg viewBox.*?</svg>", page, re.S).group()
        assert 'role="img"' in svg
        assert 'aria-labelledby="chart-title chart-description"' in svg
        assert svg.count("<rect") == 7
        assert "10 Mar: 30 page views" in svg
        assert "<script" not in svg
        assert " style=" not in svg

    def test_shows_no_single_hour_and_no_small_number(self, staff):
        _visits("/a/", 30)
        _visits("/b/", 20)
        _visits("/small-marker/", 3)
        assert b"small-marker" not in staff.get(reverse("admin:cookies_hourlycount_changelist")).content
        count = queries.HourlyCount.objects.filter(value="/small-marker/").get()
        single = staff.get(reverse("admin:cookies_hourlycount_change", args=[count.pk]))
        assert single.status_code == 403

    @pytest.mark.parametrize("days", ["", "0", "99999999999", "x", "-1", "٣٠"])
    def test_takes_no_harm_from_a_strange_period(self, staff, days):
        assert staff.get(reverse("admin:cookies_hourlycount_changelist"), {"days": days}).status_code == 200

    @pytest.mark.parametrize("name", ["purgecertificate_changelist", "hourlycount_changelist"])
    def test_can_be_read_and_not_written(self, staff, name):
        _visits("/a/", 10)
        assert staff.get(reverse(f"admin:cookies_{name}")).status_code == 200
        for address in ("hourlycount_add", "purgecertificate_add"):
            assert staff.get(reverse(f"admin:cookies_{address}")).status_code == 403

    def test_is_for_staff_with_the_right(self, client):
        member = get_user_model().objects.create_user("desk@kmall24.example", "a long password", is_staff=True)
        client.force_login(member)
        assert client.get(reverse("admin:cookies_hourlycount_changelist")).status_code == 403

    def test_the_declared_groups_cannot_be_changed_by_hand(self, staff):
        assert staff.get(reverse("admin:cookie_consent_cookiegroup_changelist")).status_code == 200
        assert staff.get(reverse("admin:cookie_consent_cookiegroup_add")).status_code == 403


def test_the_highest_bar_stays_in_the_drawing_and_none_is_below_nought():
    chart = draw([("a", 0, ""), ("b", 1, ""), ("c", 987_654, "")])
    assert all(bar.y >= 0 and bar.y + bar.height == pytest.approx(BASE) for bar in chart.bars)
    assert draw([]).bars == []
