"""Page views become counts exactly once and are then gone, wherever a worker is killed."""

import datetime as dt
import threading
from collections import Counter

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Sum
from django.db.utils import ProgrammingError
from django.utils import timezone

from cookies.domain import aggregate as aggregating
from cookies.domain.aggregate import aggregate, settle
from cookies.domain.close_day import close_days
from cookies.models import DailyVisitors, HourlyCount, PurgeCertificate
from cookies.tasks import aggregate_traffic
from cookies.tasks import close_day as close_day_task
from cookies.traffic import store, visitor
from cookies.traffic.hit import Hit, Tally, encode, encode_tally
from tests.cookies.waiting import SENDER, put, put_lines, waiting

NOW = 480_000  # hours since 1970: 2024-10-04 00:00 UTC


class Killed(BaseException):
    """What nothing catches, as if the process were gone."""


def _wait_in_valkey(number: int, *, sender: str = SENDER, **properties: object) -> None:
    hit = Hit(NOW, "key", "/", "", "phone", "en")
    put(*(hit._replace(visitor=f"v{n}", **properties) for n in range(number)), sender=sender)


def _views() -> int:
    return HourlyCount.objects.filter(dimension="page").aggregate(n=Sum("count"))["n"] or 0


def _certified() -> int:
    return PurgeCertificate.objects.aggregate(n=Sum("hits"))["n"] or 0


def everything_in(valkey) -> bytes:
    """Every key and every value of this Valkey database."""
    found = []
    for key in valkey.scan_iter(count=1000):
        found.append(key)
        found.append(valkey.dump(key) or b"")
        kind = valkey.type(key)
        if kind == b"list":
            found += valkey.lrange(key, 0, -1)
        elif kind == b"zset":
            found += valkey.zrange(key, 0, -1)
        elif kind == b"set":
            found += valkey.smembers(key)
        elif kind == b"string":
            found.append(valkey.get(key) or b"")
    return b"\n".join(found)


@pytest.mark.django_db
class TestCounting:
    def test_each_dimension_is_counted_by_itself(self, valkey):
        _wait_in_valkey(3, page="/products/<slug:slug>/", referrer="x.example")
        _wait_in_valkey(2, device="desktop", language="ko")
        assert aggregate_traffic() == 5
        counts = Counter({(c.dimension, c.value): c.count for c in HourlyCount.objects.all()})
        assert counts == {
            ("page", "/products/<slug:slug>/"): 3,
            ("page", "/"): 2,
            ("exit", "/products/<slug:slug>/"): 3,
            ("exit", "/"): 2,
            ("funnel", "product"): 3,
            ("referrer", "x.example"): 3,
            ("device", "phone"): 3,
            ("device", "desktop"): 2,
            ("language", "en"): 3,
            ("language", "ko"): 2,
        }

    def test_later_batches_add_to_the_same_hour(self, valkey):
        for _ in range(3):
            _wait_in_valkey(4)
            aggregate()
        assert _views() == _certified() == 12
        assert PurgeCertificate.objects.count() == 3

    def test_nothing_to_do_leaves_no_certificate(self, valkey):
        assert aggregate() == 0
        assert not PurgeCertificate.objects.exists()

    def test_a_damaged_line_is_removed_and_the_others_are_counted(self, valkey):
        _wait_in_valkey(2)
        put_lines("nonsense", "a\tb\tc", "-\t1\tx", "-\t480000\tx\ty\t1", "v\t99999999999\t/\t\tphone\ten\t\t\t\t")
        assert aggregate() == 2
        assert not store.batches()

    def test_a_flood_of_invented_referrers_makes_no_flood_of_rows(self, valkey):
        hits = [Hit(NOW, "k", "/", f"r{n}.example", "phone", "en") for n in range(1400)]
        put(*hits)
        aggregate()
        rows = HourlyCount.objects.filter(dimension="referrer")
        assert rows.count() == aggregating.REFERRERS_PER_DAY + 1
        put(*hits)
        put(hits[0]._replace(referrer="another.example"))
        aggregate()
        assert rows.count() == aggregating.REFERRERS_PER_DAY + 1
        assert rows.aggregate(n=Sum("count"))["n"] == 2801

    def test_dropped_page_views_are_told_and_not_counted_as_views(self, valkey):
        put_lines(encode_tally(Tally(NOW, "dropped", "", 7)))
        assert aggregate() == 0
        assert HourlyCount.objects.get(dimension="dropped").count == 7
        assert _views() == _certified() == 0


@pytest.mark.django_db(transaction=True)
class TestKilled:
    @pytest.mark.parametrize(
        "step",
        [
            "store.withdrawn",
            "store.chunks_of",
            "store.planted",
            "store.life",
            "_write",
            "store.add_visitors",
            "store.remove",
        ],
    )
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_at_any_step_each_hit_is_counted_once(self, valkey, monkeypatch, step, when):
        _wait_in_valkey(5)
        with monkeypatch.context() as dying:
            _die(dying, step, when)
            with pytest.raises(Killed):
                aggregate()
        _wait_in_valkey(3)
        aggregate()
        aggregate()
        assert _views() == _certified() == 8
        assert store.batches() == []
        assert not waiting()
        assert store.visitors_of("2024-10-04")["\t"] == 5

    def test_between_the_counts_and_the_commit_neither_stands(self, valkey, monkeypatch):
        _wait_in_valkey(5)
        with monkeypatch.context() as dying:
            get_or_create = PurgeCertificate.objects.get_or_create

            def certificate_then_death(**values):
                get_or_create(**values)
                raise Killed

            dying.setattr(PurgeCertificate.objects, "get_or_create", certificate_then_death)
            with pytest.raises(Killed):
                aggregate()
        assert _views() == _certified() == 0
        aggregate()
        assert _views() == _certified() == 5

    def test_right_after_the_claim_the_batch_is_found_again(self, valkey):
        _wait_in_valkey(5)
        store.claim(SENDER)
        assert aggregate() == 5

    def test_two_workers_with_the_same_batch_count_it_once(self, valkey, monkeypatch):
        _wait_in_valkey(50)
        batch = store.claim(SENDER)
        both_have_read = threading.Barrier(2, timeout=10)
        write = aggregating._write

        def write_together(*args):
            both_have_read.wait()
            return write(*args)

        monkeypatch.setattr(aggregating, "_write", write_together)
        counted = _at_once(lambda: settle(batch), lambda: settle(batch))
        assert sorted(counted) == [0, 50]
        assert _views() == _certified() == 50

    def test_two_workers_with_batches_of_the_same_hours_do_not_wait_for_each_other_for_ever(self, valkey):
        batches = []
        for pages in (["/a", "/b", "/c"], ["/c", "/b", "/a"]):
            for page in pages:
                _wait_in_valkey(20, page=page)
            batches.append(store.claim(SENDER))
        assert sorted(_at_once(*(lambda b=b: settle(b) for b in batches))) == [60, 60]
        assert _views() == _certified() == 120


@pytest.mark.django_db
class TestNothingIsLeft:
    def test_of_the_visitor_in_valkey_after_counting(self, browser, answer, hits, valkey):
        answer(browser, "accept")
        browser.get("/products/marker-of-a-product/")
        name = browser.cookies["traffic_log"].value
        key = hits.waiting[0].visitor
        hits.flush()
        assert key.encode() in everything_in(valkey), "a search that could not find it would prove nothing"
        aggregate()
        left = everything_in(valkey)
        for marker in (name, key, "marker-of-a-product"):
            assert marker.encode() not in left
        assert _views() == 1

    def test_that_could_recognise_anybody_after_the_day_is_closed(self, browser, answer, hits, valkey):
        answer(browser, "accept")
        browser.get("/")
        hits.flush()
        aggregate()
        with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
            assert close_day_task() == 1
        # What remains names no visitor: how often a process has handed something over, and Valkey's own life.
        left = {key.decode() for key in valkey.scan_iter()}
        assert left == {store.SENT % hits.sender, store.LIFE}

    def test_of_a_visit_that_withdraws_before_it_is_counted(self, browser, answer, hits, valkey):
        answer(browser, "accept")
        browser.get("/")
        hits.flush()
        store.claim(hits.sender)
        browser.get("/search/")
        hits.flush()
        browser.get("/")
        key = hits.waiting[0].visitor
        _wait_in_valkey(3)
        answer(browser, "decline")
        assert not hits.waiting
        assert store.batches()
        assert [chunk for batch in store.batches() for chunk in store.chunks_of(batch) if key in chunk] == []
        assert all(key not in line for line in waiting(hits.sender))
        aggregate()
        assert _views() == _certified() == 3

    def test_of_a_withdrawn_visit_whose_hits_come_late_from_another_process(self, browser, answer, hits, valkey):
        answer(browser, "accept")
        browser.get("/")
        late = [encode(hit) for hit in hits.waiting]
        answer(browser, "decline")
        put_lines(*late)
        assert aggregate() == 0
        assert PurgeCertificate.objects.get().withdrawn == 1
        assert _views() == 0

    def test_withdrawing_works_while_valkey_is_away(self, browser, answer, hits, monkeypatch):
        answer(browser, "accept")
        browser.get("/")

        def away():
            raise store.redis.ConnectionError

        monkeypatch.setattr(store, "valkey", away)
        assert answer(browser, "decline").status_code == 302
        assert not hits.waiting


@pytest.mark.django_db
class TestTheDay:
    def test_counts_each_visitor_of_a_day_once(self, valkey):
        for _ in range(3):
            _wait_in_valkey(40)
            aggregate()
        close_days()
        row = DailyVisitors.objects.get(dimension="")
        assert abs(row.visitors - 40) <= 1
        assert not row.partial
        assert store.open_days() == []

    def test_that_is_not_over_stays_open(self, valkey):
        hour = int(timezone.now().timestamp()) // 3600
        _wait_in_valkey(1, hour=hour)
        aggregate()
        assert close_days() == 0

    def test_on_which_valkey_was_lost_says_so(self, valkey):
        _wait_in_valkey(5)
        aggregate()
        valkey.flushdb()
        _wait_in_valkey(5, hour=NOW + 2)
        aggregate()
        close_days()
        assert DailyVisitors.objects.get(dimension="").partial

    def test_closed_twice_keeps_its_number(self, valkey):
        _wait_in_valkey(20)
        aggregate()
        close_days()
        _wait_in_valkey(2)
        aggregate()
        close_days()
        assert abs(DailyVisitors.objects.get(dimension="").visitors - 20) <= 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE cookies_purgecertificate SET hits = 0", "DELETE FROM cookies_purgecertificate"]
)
def test_a_certificate_cannot_be_changed_or_removed(statement, valkey):
    _wait_in_valkey(1)
    aggregate()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def _die(monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    holder, _dot, name = step.rpartition(".")
    target = store if holder else aggregating
    real = getattr(target, name)

    def dying(*args, **kwargs):
        if when == "before":
            raise Killed
        real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(target, name, dying)


def _at_once(*calls):
    results = [None] * len(calls)

    def run(index, call):
        try:
            results[index] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def test_the_name_of_a_visit_is_never_written_anywhere_but_in_the_browser(valkey):
    visitor.key_of("marker-marker-marker-m", NOW)
    assert b"marker" not in everything_in(valkey)
