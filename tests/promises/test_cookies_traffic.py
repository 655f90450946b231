"""cookies.traffic, use.improvement: pages are counted with permission only, and after counting nothing of a visitor is left."""

import re
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cookies import question
from cookies.domain.prove_removal import prove_removal
from cookies.models import HourlyCount, PurgeCertificate
from cookies.tasks import aggregate_traffic
from cookies.traffic import store as waiting
from kmall24 import engines
from tests.orders.shop import variant
from tests.promises.test_collect_payment import places_in_the_database

pytestmark = pytest.mark.usefixtures("store")

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 MarkerOfABrowser"
PAGES = ["/", "/products/", "/products/tea-1/", "/search/?q=marker-of-a-search", "/cookies/"]


def visitor(address: str = "203.0.113.77") -> Client:
    return Client(headers={"User-Agent": BROWSER}, REMOTE_ADDR=address)


def answer(browser: Client, how: str, **groups: str) -> None:
    sent = {"notice": question.token(), **(groups or {"all_groups": "true"})}
    assert browser.post(f"/cookies/{how}/", sent).status_code == 302


def browse(browser: Client) -> None:
    for path in PAGES:
        assert browser.get(path, headers={"Referer": "https://blog.example/marker-of-a-referrer"}).status_code == 200


def counted() -> int:
    return HourlyCount.objects.filter(dimension="page").aggregate(n=Sum("count"))["n"] or 0


def certified() -> int:
    return PurgeCertificate.objects.aggregate(n=Sum("hits"))["n"] or 0


def everything_in(valkey: Any) -> str:
    """Every key and every value, read by its type."""
    read = {
        b"list": lambda key: valkey.lrange(key, 0, -1),
        b"set": valkey.smembers,
        b"zset": lambda key: valkey.zrange(key, 0, -1),
        b"hash": valkey.hgetall,
        b"string": valkey.get,
    }
    keys = list(valkey.scan_iter(count=1000))
    return " ".join(f"{key} {read[valkey.type(key)](key)} {valkey.dump(key)}" for key in keys)


@pytest.mark.parametrize("groups", [None, {}, {"cookie_groups": "preferences"}])
def test_without_this_very_permission_nothing_is_counted(hits, valkey, groups):
    variant()
    browser = visitor()
    if groups is not None:
        answer(browser, "accept" if groups else "decline", **groups)
    browse(browser)
    assert not hits.waiting
    assert hits.flush()
    assert aggregate_traffic() == 0
    assert not HourlyCount.objects.exists()
    assert not PurgeCertificate.objects.exists()
    assert everything_in(valkey) == ""


def test_with_it_each_page_is_counted_once_and_the_certificate_says_as_many(hits, valkey):
    variant()
    first, second = visitor(), visitor("203.0.113.78")
    for browser in (first, second):
        answer(browser, "accept")
        browse(browser)
    assert hits.flush()
    assert aggregate_traffic() == 2 * len(PAGES)
    assert counted() == certified() == 2 * len(PAGES)
    browse(first)
    hits.flush()
    aggregate_traffic()
    assert aggregate_traffic() == 0
    assert counted() == certified() == 3 * len(PAGES)


def test_after_counting_nothing_of_a_visitor_is_left_anywhere(hits, valkey):
    variant()
    browser = visitor()
    answer(browser, "accept")
    browse(browser)
    name = browser.cookies["traffic_log"].value
    key = hits.waiting[0].visitor
    hits.flush()
    assert key in everything_in(valkey), "a search that could not find it would prove nothing"
    aggregate_traffic()

    assert waiting.batches() == []
    assert waiting.oldest() == 0
    left = everything_in(valkey)
    for marker in (name, key, "MarkerOfABrowser", "203.0.113.77", "marker-of-a"):
        assert marker not in left, marker
        assert places_in_the_database(re.escape(marker)) == [], marker


def test_what_is_counted_names_pages_and_nobody(hits, valkey):
    variant()
    browser = visitor()
    answer(browser, "accept")
    browse(browser)
    hits.flush()
    aggregate_traffic()
    pages = set(HourlyCount.objects.filter(dimension="page").values_list("value", flat=True))
    assert pages == {"/", "/products/", "/products/<slug:slug>/", "/search/", "/cookies/"}
    assert set(HourlyCount.objects.filter(dimension="referrer").values_list("value", flat=True)) == {"blog.example"}
    assert set(HourlyCount.objects.values_list("dimension", flat=True)) == {
        *("page", "entry", "exit", "referrer", "device", "language", "funnel", "no_result"),
    }
    assert set(HourlyCount.objects.filter(dimension="no_result").values_list("value", flat=True)) == {""}
    columns = {field.name for model in (HourlyCount, PurgeCertificate) for field in model._meta.concrete_fields}
    assert not columns & {"subject", "visitor", "session", "ip", "address", "user", "account", "user_agent"}


def test_who_takes_the_permission_back_before_counting_is_not_counted(hits, valkey):
    variant()
    gone, stays = visitor(), visitor("203.0.113.78")
    for browser in (gone, stays):
        answer(browser, "accept")
        browse(browser)
        hits.flush()
    answer(gone, "decline")
    aggregate_traffic()
    assert counted() == certified() == len(PAGES)


def test_a_counted_page_costs_the_database_no_more_than_another(hits, valkey):
    variant()
    declining, permitting = visitor(), visitor()
    answer(declining, "decline")
    answer(permitting, "accept")
    declining.get("/products/")

    def cost(browser: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get("/products/")
        return len(queries)

    assert cost(permitting) == cost(declining)
    assert hits.waiting


def test_a_planted_visitor_goes_through_the_whole_store_and_is_found_nowhere(hits, valkey, settings, tmp_path):
    settings.TRAFFIC_TRACES = {"state": [tmp_path], "database": [engines.place().directory / "postgres"]}
    outcome = prove_removal(rows=True)
    assert outcome.holds, outcome.places
    assert outcome.proof.certificate.planted == 2
    assert min(place.files for place in outcome.places if place.name in ("database", "rows", "valkey")) > 0
    assert counted() == 0, "it is nobody, so no statistics count it"

    log = tmp_path / "web.log"
    leaking = prove_removal(before_search=lambda planted: log.write_text(f"GET /search/?q={planted.marker}"))
    assert not leaking.holds, "a search that could not find it would prove nothing"
