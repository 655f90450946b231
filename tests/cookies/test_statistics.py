"""Statistics name nobody: what fewer than ten visitors stand behind is merged or left out, and staff see only that."""

import datetime as dt
import json
import re
from itertools import pairwise

import pytest
import redis
import time_machine
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone, translation

from cookies import queries
from cookies.chart import BASE, LABEL, WIDTH, draw
from cookies.domain.aggregate import aggregate
from cookies.domain.close_day import close_days
from cookies.domain.publish import publish_closed_days
from cookies.models import DailyCount, DailyVisitors, HourlyCount, ShownCount
from cookies.models.traffic import Dimension
from cookies.queries import Cell
from cookies.statistics_admin import Column
from cookies.traffic import store
from cookies.traffic.hit import Hit
from tests.cookies import waiting

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
    waiting.put(*[hit._replace(visitor=f"{page}{n}") for n in range(visitors)] * views_each)
    aggregate()


def _breakdown(dimension: str, first: dt.date, last: dt.date) -> list[Cell]:
    return [Cell(cell.value, cell.views) for cell in queries.period(first, last).cells.get(dimension, [])]


def _pages() -> list[Cell]:
    return _breakdown(Dimension.PAGE, TODAY, TODAY)


def _past(day: dt.date, dimension: str, /, **cells: tuple[int, int]) -> None:
    """Counts of a closed day: value=(page views, visitors)."""
    for value, (views, visitors) in cells.items():
        DailyCount.objects.create(day=day, dimension=dimension, value=value, count=views)
        DailyVisitors.objects.create(day=day, dimension=dimension, value=value, visitors=visitors)


def _whole(day: dt.date, visitors: int) -> None:
    DailyVisitors.objects.create(day=day, dimension="", value="", visitors=visitors)


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
            assert _breakdown(Dimension.PAGE, TODAY, TODAY + dt.timedelta(days=1)) == []

    def test_it_holds_the_same_after_the_day_is_closed(self):
        _visits("/a/", 30)
        _visits("/b/", 12)
        _visits("/small/", 1)
        before = _pages()
        with time_machine.travel(NOON + dt.timedelta(days=1), tick=False):
            close_days()
            assert store.open_days() == []
            assert _pages() == before
            assert publish_closed_days() == 1
            assert ShownCount.objects.exists()
            assert _pages() == before

    def test_less_is_shown_and_not_more_while_valkey_is_away(self, monkeypatch):
        _visits("/a/", 30)

        def away():
            raise redis.ConnectionError

        monkeypatch.setattr(store, "valkey", away)
        assert _pages() == []

    def test_a_day_of_few_visitors_has_no_number(self):
        _visits("/a/", 9)
        (day,) = queries.period(TODAY, TODAY).days
        assert (day.views, day.visitors) == (None, None)

    def test_a_day_is_the_stores_day(self):
        with time_machine.travel(NOON.replace(hour=0, minute=30), tick=False):
            _visits("/a/", 10)
        with time_machine.travel(NOON.replace(hour=23, minute=30), tick=False):
            _visits("/a/", 10)
        yesterday, today, tomorrow = queries.period(TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)).days
        assert (yesterday.views, today.views, tomorrow.views) == (0, 20, 0)
        assert today.visitors == 10


class TestPublishing:
    def test_two_periods_that_overlap_tell_nothing_of_a_few(self):
        """Nine views of a page on one day stay hidden, however the days around it are cut."""
        monday, tuesday = TODAY - dt.timedelta(days=9), TODAY - dt.timedelta(days=8)
        _past(monday, "page", big=(100, 50), secret=(40, 30), third=(20, 20))
        _past(tuesday, "page", big=(90, 45), secret=(3, 3), third=(25, 22))
        for day in (monday, tuesday):
            _whole(day, 90)
        for published in (False, True):
            if published:
                publish_closed_days()
            both, one = (dict(_cells(queries.period(monday, last))) for last in (tuesday, monday))
            assert one == {"big": 100, "secret": 40, "third": 20}
            assert both == {"big": 190, "secret": 40, "third": 20, None: 28}

    def test_a_day_is_published_once_and_what_comes_late_changes_nothing(self):
        day = TODAY - dt.timedelta(days=3)
        _past(day, "page", a=(100, 50))
        _whole(day, 50)
        assert [publish_closed_days(), publish_closed_days()] == [1, 0]
        DailyCount.objects.update(count=101)
        assert queries.period(day, day).views == 100

    def test_a_month_that_is_over_is_added_up_and_says_the_same(self):
        first = dt.date(2027, 1, 1)
        for offset in range(59):
            day = first + dt.timedelta(days=offset)
            _past(day, "page", a=(100 + offset, 50), b=(30, 3 + offset % 20), c=(60, 20))
            _past(day, "funnel", listing=(90, 40), paid=(12, 11))
            _whole(day, 70)
        publish_closed_days()
        months = ShownCount.objects.filter(span="month")
        assert set(months.values_list("start", flat=True)) == {first, dt.date(2027, 2, 1)}
        spans = [
            (first, dt.date(2027, 2, 28)),
            (dt.date(2027, 1, 5), dt.date(2027, 2, 28)),
            (first, dt.date(2027, 2, 3)),
        ]
        spans += [(dt.date(2027, 1, 31), dt.date(2027, 2, 1)), (dt.date(2026, 1, 1), TODAY), (first, first)]
        with_months = [queries.period(*span) for span in spans]
        months.delete()
        assert [queries.period(*span).cells for span in spans] == [shown.cells for shown in with_months]
        whole = with_months[0]
        assert whole.views == sum(190 + offset for offset in range(59))
        assert [(cell.value, cell.views, cell.visitors) for cell in whole.funnel] == [
            ("listing", 90 * 59, 40 * 59),
            ("paid", 12 * 59, 11 * 59),
        ]

    def test_exits_have_the_pages_visitors_behind_them_and_their_own_number(self):
        day = TODAY - dt.timedelta(days=3)
        _past(day, "page", a=(100, 50), b=(100, 50), c=(90, 9))
        for value, count in (("a", 40), ("b", 9), ("c", 30), ("d", -3)):
            DailyCount.objects.create(day=day, dimension="exit", value=value, count=count)
        _whole(day, 90)
        publish_closed_days()
        assert _cells(queries.period(day, day), "exit") == [(None, 79)]

    def test_a_year_takes_no_more_statements_than_a_week(self, django_assert_max_num_queries):
        first = TODAY - dt.timedelta(days=364)
        for offset in range(360):
            _past(first + dt.timedelta(days=offset), "page", a=(100, 50))
            _whole(first + dt.timedelta(days=offset), 50)
        publish_closed_days()
        for start in (first, TODAY - dt.timedelta(days=7)):
            with django_assert_max_num_queries(8):
                queries.period(start, TODAY)


class TestTheFile:
    def test_holds_the_screens_numbers_rounded_and_no_small_one(self, client):
        _sign_in(client)
        day = TODAY - dt.timedelta(days=3)
        _past(day, "page", big=(103, 50), second=(41, 20), tiny=(7, 7))
        _past(day, "referrer", **{"=cmd|evil.example": (50, 30)})
        _whole(day, 60)
        address = reverse("admin:cookies_hourlycount_changelist")
        query = {"first": day.isoformat(), "last": day.isoformat()}
        sheet = client.get(address, {**query, "format": "csv"})
        assert sheet["Content-Disposition"].startswith("attachment")
        lines = sheet.content.decode().splitlines()
        assert "dimension,page,big,105,50" in lines
        assert "dimension,page,(other),50," in lines
        assert any("'=cmd" in line for line in lines)
        data = json.loads(client.get(address, {**query, "format": "json"}).content)
        assert data["fewest_visitors"] == queries.FEWEST_VISITORS
        assert {row["page_views"] % queries.ROUNDED_TO for row in data["rows"]} == {0}
        for file in (sheet.content, client.get(address, query).content):
            assert b"tiny" not in file

    def test_is_for_those_who_may_see_the_screen(self, client):
        client.force_login(
            get_user_model().objects.create_user("desk@kmall24.example", "a long password", is_staff=True)
        )
        assert client.get(reverse("admin:cookies_hourlycount_changelist"), {"format": "csv"}).status_code == 403


def _cells(shown: queries.Period, dimension: str = "page") -> list[tuple[str | None, int]]:
    return [(cell.value, cell.views) for cell in shown.cells.get(dimension, [])]


def _sign_in(client) -> None:
    client.force_login(get_user_model().objects.create_superuser("staff@kmall24.example", "a long password"))


class TestTheScreen:
    @pytest.fixture
    def staff(self, client):
        _sign_in(client)
        return client

    def test_draws_the_chart_with_words_beside_it(self, staff):
        _visits("/a/", 30)
        page = staff.get(reverse("admin:cookies_hourlycount_changelist"), {"days": "7"}).content.decode()
        svg = re.search(r'<svg class="chart".*?</svg>', page, re.S).group()
        assert 'role="img"' in svg
        assert 'aria-labelledby="chart-title chart-description"' in svg
        assert svg.count("<rect") == 7
        assert "March 10: 30 page views" in svg
        assert "<script" not in svg
        assert " style=" not in svg

    def test_a_long_period_is_drawn_by_week_with_the_same_sum(self, staff):
        first = TODAY - dt.timedelta(days=364)
        for offset in range(0, 360, 2):
            _past(first + dt.timedelta(days=offset), "page", a=(100, 50))
            _whole(first + dt.timedelta(days=offset), 50)
        publish_closed_days()
        answer = staff.get(reverse("admin:cookies_hourlycount_changelist"), {"days": "365"})
        columns = [column for column, _views, _visitors in answer.context["days"]]
        assert sum(column.views for column in columns) == answer.context["shown"].views == 18_000
        assert [(a.first - b.last).days for a, b in pairwise(columns)] == [1] * (len(columns) - 1)
        page = answer.content.decode()
        assert "Page views by week" in page
        assert re.search(r'<svg class="chart".*?</svg>', page, re.S).group().count("<rect") == len(columns) == 53

    def test_shows_no_single_hour_and_no_small_number(self, staff):
        _visits("/a/", 30)
        _visits("/b/", 20)
        _visits("/small-marker/", 3)
        assert b"small-marker" not in staff.get(reverse("admin:cookies_hourlycount_changelist")).content
        count = HourlyCount.objects.get(value="/small-marker/", dimension="page")
        single = staff.get(reverse("admin:cookies_hourlycount_change", args=[count.pk]))
        assert single.status_code == 403

    @pytest.mark.parametrize("days", ["", "0", "99999999999", "x", "-1", "٣٠"])
    def test_takes_no_harm_from_a_strange_period(self, staff, days):
        assert staff.get(reverse("admin:cookies_hourlycount_changelist"), {"days": days}).status_code == 200

    @pytest.mark.parametrize(
        ("first", "last", "says"),
        [
            ("2027-03-02", "2027-03-01", "swap them"),
            ("2000-01-01", "2027-03-01", "three years"),
            ("0001-01-01", "0001-01-02", "store was open"),
            ("x", "", "valid date"),
            ("2027-02-30", "2027-03-01", "valid date"),
        ],
    )
    def test_says_what_is_wrong_with_a_period(self, staff, first, last, says):
        page = staff.get(reverse("admin:cookies_hourlycount_changelist"), {"first": first, "last": last})
        assert page.status_code == 200
        assert says in page.content.decode()

    def test_compares_with_the_period_before(self, staff):
        for offset, views in ((3, 150), (4, 100)):
            day = TODAY - dt.timedelta(days=offset)
            _past(day, "page", a=(views, 50))
            _whole(day, 50)
        day = (TODAY - dt.timedelta(days=3)).isoformat()
        page = staff.get(reverse("admin:cookies_hourlycount_changelist"), {"first": day, "last": day}).content.decode()
        assert "+50 %" in page

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


@pytest.mark.parametrize("days", [1, 7, 8, 30, 62])
def test_no_label_leaves_the_drawing_and_some_are_written(days):
    bars = draw([("November 26", 1, "")] * days).bars
    labelled = [bar for bar in bars if bar.label]
    assert 1 <= len(labelled) <= 8
    assert all(bar.x + LABEL <= WIDTH + bar.width for bar in labelled)


def test_the_highest_bar_stays_in_the_drawing_and_none_is_below_nought():
    chart = draw([("a", 0, ""), ("b", 1, ""), ("c", 987_654, "")])
    assert all(bar.y >= 0 and bar.y + bar.height == pytest.approx(BASE) for bar in chart.bars)
    assert draw([]).bars == []


@pytest.mark.parametrize(
    ("language", "day", "week"),
    [("en", "March 1", "March 1 – March 7"), ("ko", "3월 1일", "3월 1일 – 3월 7일")],
)
def test_a_day_and_a_week_are_named_as_the_reader_does(language, day, week):
    first = dt.date(2027, 3, 1)
    with translation.override(language):
        assert str(Column(first, first, 1, 1, partial=False)) == day
        assert str(Column(first, first + dt.timedelta(days=6), 1, 1, partial=False)) == week
