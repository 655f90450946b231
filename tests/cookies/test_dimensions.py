"""What is counted beside the page: where visits begin and end, countries, robots, searches in vain, steps to an order."""

import uuid
from collections import Counter

import pytest
from crawleruseragents import CRAWLER_PATTERNS, CRAWLER_USER_AGENTS_DATA
from django.conf import settings as store_settings
from django.db.models import Sum
from django.test import Client
from django.urls import get_resolver

from cookies.domain.aggregate import aggregate
from cookies.domain.close_day import close_days
from cookies.models import DailyCount, DailyVisitors, HourlyCount, PurgeCertificate
from cookies.models.traffic import Step
from cookies.traffic import address, robots, store, visitor
from cookies.traffic.hit import Hit
from tests.campaigns.traffic_visits import expected, visits
from tests.cookies.conftest import CHROME
from tests.cookies.waiting import put

NOW = 480_000  # hours since 1970: 2024-10-04 00:00 UTC, 09:00 in Seoul
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

pytestmark = pytest.mark.django_db


@pytest.fixture
def permitting(browser, answer) -> Client:
    answer(browser, "accept")
    return browser


def _counts(dimension: str) -> dict[str, int]:
    return {c.value: c.count for c in HourlyCount.objects.filter(dimension=dimension) if c.count}


def _days(dimension: str) -> dict[str, int]:
    return {c.value: c.count for c in DailyCount.objects.filter(dimension=dimension) if c.count}


def _count(hits) -> None:
    hits.flush()
    aggregate()


class TestAVisit:
    def test_begins_where_it_got_its_name_and_ends_where_no_link_was_followed(self, permitting, hits):
        permitting.get("/search/", headers={"Referer": "https://blog.example/post"})
        permitting.get("/products/tea/", headers={"Referer": "http://testserver/search/?q=tea"})
        permitting.get("/", headers={"Referer": "http://testserver/products/tea/"})
        _count(hits)
        assert _counts("entry") == _days("entry") == {"/search/": 1}
        assert _counts("exit") == _days("exit") == {"/": 1}
        assert _counts("referrer") == {"blog.example": 1}

    def test_that_goes_on_in_another_hour_is_made_up_for_in_the_day(self, valkey):
        put(Hit(NOW, "v", "/", "", "phone", "en", entered=True))
        put(Hit(NOW + 1, "v", "/search/", "", "phone", "en", came_from="/"))
        aggregate()
        assert [(c.value, c.count) for c in HourlyCount.objects.filter(dimension="exit").order_by("hour", "value")] == [
            ("/", 1),
            ("/", -1),
            ("/search/", 1),
        ]
        assert DailyCount.objects.filter(dimension="exit", value="/").aggregate(n=Sum("count"))["n"] in (0, None)
        assert _days("exit") == {"/search/": 1}

    def test_takes_nothing_back_from_a_page_that_was_not_counted(self, browser, answer, hits):
        browser.get("/")
        answer(browser, "accept")
        browser.get("/search/", headers={"Referer": "http://testserver/"})
        _count(hits)
        assert _counts("exit") == {"/search/": 1}

    @pytest.mark.parametrize(
        ("path", "template"),
        [
            ("/", "/"),
            ("/ko/", "/"),
            ("/ko/products/marker/", "/products/<slug:slug>/"),
            ("/products/marker/?q=1", "/products/<slug:slug>/"),
            ("/nowhere/", ""),
            ("/products/a/b/", ""),
            ("/admin/", ""),
            ("/<>/", ""),
        ],
    )
    def test_knows_the_page_before_by_its_template_alone(self, rf, path, template):
        request = rf.get("/", headers={"Referer": f"http://testserver{path}"})
        assert address.origin_of(request) == ("", template)
        assert "marker" not in repr(address._known)

    def test_knows_every_page_of_the_store(self, settings):
        settings.ROOT_URLCONF = "kmall24.urls"
        for template in store_settings.TRAFFIC_FUNNEL:
            path = template.replace("<slug:slug>", "tea").replace("<str:number>", "K-1")
            assert address._template_at(path) == template
            assert address.template_of(get_resolver("kmall24.urls").resolve(path).route) == template


class TestTheCountry:
    def test_is_not_counted_unless_a_header_was_configured(self, permitting, hits):
        permitting.get("/", headers={"CF-IPCountry": "KR", "X-Country": "KR"})
        assert [hit.country for hit in hits.waiting] == [""]

    @pytest.mark.parametrize(
        ("sent", "kept"), [("KR", "KR"), ("XX", ""), ("T1", ""), ("kr", ""), ("Korea", ""), ("", ""), ("K\t", "")]
    )
    def test_comes_from_that_header_alone_and_is_two_letters(self, permitting, hits, settings, sent, kept):
        settings.TRAFFIC_COUNTRY_HEADER = "HTTP_X_COUNTRY"
        permitting.get("/", headers={"X-Country": sent, "CF-IPCountry": "DE"})
        assert [hit.country for hit in hits.waiting] == [kept]
        _count(hits)
        assert _counts("country") == ({kept: 1} if kept else {})


class TestRobots:
    def test_that_name_themselves_are_counted_without_asking_and_nothing_else_of_them(self, hits):
        page = Client(headers={"User-Agent": GOOGLE}).get("/products/tea/")
        assert "traffic_log" not in page.cookies
        _count(hits)
        assert {c.dimension: (c.value, c.count) for c in HourlyCount.objects.all()} == {"robot": ("listed", 1)}
        assert PurgeCertificate.objects.get().hits == 0
        assert store.open_days() == []

    def test_are_told_apart_by_the_reason(self, permitting, hits):
        permitting.get("/", headers={"User-Agent": GOOGLE})
        permitting.get("/", headers={"User-Agent": "curl/8.9.1"})
        permitting.get("/", headers={"User-Agent": ""})
        permitting.get("/", headers={"Sec-Purpose": "prefetch;prerender"})
        permitting.get("/")
        _count(hits)
        assert _counts("robot") == {"listed": 2, "unnamed": 1, "ahead": 1}
        assert _counts("page") == {"/": 1}

    @pytest.mark.parametrize("headers", [{"User-Agent": ""}, {"Sec-Purpose": "prefetch"}, {"User-Agent": CHROME}])
    def test_that_may_be_people_are_not_even_counted_as_robots_without_permission(self, browser, hits, headers):
        browser.get("/", headers=headers)
        assert not hits.tallies
        assert not hits.waiting

    def test_are_found_just_as_the_list_itself_would(self):
        whole = CRAWLER_PATTERNS.case_insensitive
        agents = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry.get("instances", [])][::5]
        browsers = [
            CHROME,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
        ]
        assert len(agents) > 200
        for agent in [*agents, *browsers, *(agent.upper() for agent in agents[::10]), "", "ab", "ÄÖÜ" * 30]:
            assert robots.is_listed(agent) == bool(whole.search(agent)), agent


class TestASearchInVain:
    def test_is_counted_by_the_category_and_never_by_the_words(self, permitting, hits):
        permitting.get("/search/?q=marker-of-a-search&found=0")
        permitting.get("/search/?q=marker-of-a-search&found=0&category=tea")
        permitting.get("/search/?q=marker-of-a-search&found=0&category=a%09b")
        permitting.get("/search/?q=marker-of-a-search")
        assert "marker" not in repr(hits.waiting)
        _count(hits)
        assert _counts("no_result") == {"": 2, "tea": 1}
        assert _counts("page") == {"/search/": 4}


class TestTheFunnel:
    def test_has_the_steps_to_an_order_in_its_pages(self):
        assert set(store_settings.TRAFFIC_FUNNEL.values()) == set(Step.values)

    def test_counts_views_of_each_step_and_a_visitor_of_two_listings_once(self, valkey):
        hit = Hit(NOW, "v", "/products/", "", "phone", "en")
        put(hit, hit._replace(page="/search/"), hit._replace(page="/checkout/thank-you/<str:number>/", visitor="w"))
        aggregate()
        assert _counts("funnel") == {"listing": 2, "paid": 1}
        close_days()
        steps = {v.value: v.visitors for v in DailyVisitors.objects.filter(dimension="funnel")}
        assert steps == {"listing": 1, "paid": 1}


class TestManyVisits:
    NUMBER = 20_000

    def test_add_up_exactly_in_every_dimension_of_every_hour_and_day(self, valkey):
        made = list(visits(7, self.NUMBER, hour=NOW + 13))  # over the midnight of Seoul
        for place in range(0, len(made), 500):
            put(*made[place : place + 500], sender=f"a.{place % 3}.test")
        assert aggregate() == self.NUMBER
        hours = {(c.dimension, int(c.hour.timestamp()) // 3600, c.value): c.count for c in HourlyCount.objects.all()}
        assert {cell: number for cell, number in hours.items() if number} == expected(iter(made))
        by_day: Counter[tuple[str, str, str]] = Counter()
        for (dimension, hour, value), number in hours.items():
            by_day[dimension, "2024-10-04" if hour < NOW + 15 else "2024-10-05", value] += number
        days = {(c.dimension, c.day.isoformat(), c.value): c.count for c in DailyCount.objects.all()}
        assert {cell: n for cell, n in days.items() if n} == {cell: n for cell, n in by_day.items() if n}
        assert PurgeCertificate.objects.aggregate(n=Sum("hits"))["n"] == self.NUMBER

    def test_uniques_of_a_day_are_within_two_per_cent(self, valkey):
        made = list(visits(8, self.NUMBER, hour=NOW, hours=1))
        for place in range(0, len(made), 500):
            put(*made[place : place + 500])
        aggregate()
        close_days()
        shown = {(v.dimension, v.value): v.visitors for v in DailyVisitors.objects.all()}
        for dimension, of in (("page", lambda hit: hit.page), ("device", lambda hit: hit.device), ("", lambda hit: "")):
            for value in {of(hit) for hit in made}:
                exact = len({hit.visitor for hit in made if of(hit) == value})
                assert abs(shown[dimension, value] - exact) <= max(2, exact * 0.02), (dimension, value, exact)


def test_a_valkey_that_comes_back_empty_gives_all_processes_one_new_salt(valkey, hits, permitting):
    permitting.get("/")
    hits.flush()
    before = visitor.key_of("a" * 22, NOW)
    valkey.flushdb()
    permitting.get("/")
    hits.flush()
    after = visitor.key_of("a" * 22, NOW)
    visitor.forget_salt()
    assert after != before
    assert visitor.key_of("a" * 22, NOW) == after


def test_senders_that_died_are_forgotten_once_their_page_views_are_counted(valkey):
    put(Hit(NOW, "v", "/", "", "phone", "en"), sender="dead.1.x")
    valkey.zadd(store.SENDERS, {"dead.1.x": 1})
    assert aggregate() == 1
    assert store.senders() == []


def test_the_batch_of_one_process_is_counted_apart_from_those_of_others(valkey):
    for number in range(3):
        put(Hit(NOW, f"v{number}", "/", "", "phone", "en"), sender=f"host.{number}.x")
    store.claim("host.1.x")
    assert [batch.sender for batch in store.batches()] == ["host.1.x"]
    assert aggregate() == 3
    assert PurgeCertificate.objects.count() == 3
    assert uuid.UUID(store.life()) in set(PurgeCertificate.objects.values_list("valkey_life", flat=True))
