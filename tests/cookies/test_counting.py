"""What becomes a hit and what never does: permission, robots, kinds of pages, and what of a page view is kept."""

import os
import subprocess
import sys

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory

from cookies import consent
from cookies.traffic import address, buffer, capture, store, visitor
from cookies.traffic.hit import Hit, Tally, decode, encode
from tests.cookies.conftest import CHROME
from tests.cookies.waiting import waiting


@pytest.fixture
def permitting(browser, answer, db) -> Client:
    """A browser whose owner has permitted the traffic log and nothing else."""
    answer(browser, "choose", cookie_groups=["traffic_log"])
    return browser


class TestPermission:
    @pytest.mark.django_db
    def test_without_an_answer_nothing_is_counted_and_no_name_is_given(self, browser, hits):
        page = browser.get("/")
        assert page.status_code == 200
        assert not hits.waiting
        assert "traffic_log" not in page.cookies

    @pytest.mark.django_db
    @pytest.mark.parametrize("groups", [[], ["preferences"]])
    def test_without_this_very_permission_nothing_is_counted(self, browser, answer, hits, groups):
        answer(browser, "choose", cookie_groups=groups)
        browser.cookies["traffic_log"] = "a" * 22
        browser.get("/")
        assert not hits.waiting

    def test_with_it_the_page_is_counted(self, permitting, hits):
        permitting.get("/")
        assert [hit.page for hit in hits.waiting] == ["/"]


class TestWhatIsKept:
    def test_the_template_and_never_the_path_or_the_query(self, permitting, hits, valkey):
        permitting.get(
            "/products/secret-marker/?q=secret-marker", headers={"Referer": "https://x.example/secret-marker?q=1"}
        )
        permitting.get("/ko/products/secret-marker/")
        assert [(h.page, h.language) for h in hits.waiting] == [
            ("/products/<slug:slug>/", "en"),
            ("/products/<slug:slug>/", "ko"),
        ]
        assert hits.waiting[0].referrer == "x.example"
        hits.flush()
        lines = waiting(hits.sender)
        assert len(lines) == 2
        for line in lines:
            assert "secret-marker" not in line
            assert "Mozilla" not in line
            assert "127.0.0.1" not in line

    def test_one_visit_has_one_key_which_is_not_its_name(self, permitting, hits):
        permitting.get("/")
        permitting.get("/search/")
        keys = {hit.visitor for hit in hits.waiting}
        assert len(keys) == 1
        assert permitting.cookies["traffic_log"].value not in keys

    def test_another_day_has_another_key(self, valkey):
        assert visitor.key_of("a" * 22, 480_000) != visitor.key_of("a" * 22, 480_024)

    def test_all_processes_of_a_day_share_its_salt(self, valkey):
        first = visitor.key_of("a" * 22, 480_000)
        visitor.forget_salt()
        assert visitor.key_of("a" * 22, 480_000) == first
        assert 0 < valkey.ttl(store.SALT % "2024-10-04") <= store.SALT_LIVES

    @pytest.mark.parametrize("sent", ["short", "b" * 23, "ü" * 22, "a\tb" + "c" * 19])
    def test_a_name_that_is_not_ours_is_replaced(self, permitting, hits, sent):
        permitting.cookies["traffic_log"] = sent
        page = permitting.get("/")
        assert len(page.cookies["traffic_log"].value) == 22
        assert len(hits.waiting) == 1

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("https://www.Search.example/find?q=me", "search.example"),
            ("http://testserver/products/", ""),
            ("android-app://com.example/", ""),
            ("https://[broken", ""),
            ("https://a\tb.example/", "ab.example"),
            ("https://localhost/", ""),
            (f"https://{'a' * 120}.example/", ""),
            ("", ""),
        ],
    )
    def test_of_the_referrer_only_another_sites_host(self, sent, kept):
        assert address.origin_of(RequestFactory().get("/", headers={"Referer": sent}))[0] == kept

    @pytest.mark.parametrize(
        ("agent", "device"),
        [
            (CHROME, "desktop"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "phone"),
            ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130.0 Mobile Safari/537.36", "phone"),
            ("Mozilla/5.0 (Linux; Android 14; SM-X710) Chrome/130.0 Safari/537.36", "tablet"),
            ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1", "tablet"),
        ],
    )
    def test_of_the_browser_only_the_class_of_device(self, agent, device):
        assert capture.device_class(agent) == device

    def test_a_hit_comes_back_from_its_line(self):
        hit = Hit(480_000, "abc", "/products/<slug:slug>/", "", "phone", "ko")
        assert decode(encode(hit)) == hit


class TestWhatIsNoPageView:
    @pytest.mark.parametrize(
        "agent",
        [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Linux; Android 6.0.1) Chrome/130 Mobile Safari/537.36 (compatible; bingbot/2.0)",
            "curl/8.9.1",
            "",
        ],
    )
    def test_a_robot_and_what_names_no_browser(self, permitting, hits, agent):
        permitting.get("/", headers={"User-Agent": agent})
        assert not hits.waiting

    @pytest.mark.parametrize("path", ["/api/v1/things/", "/document/", "/gone/", "/admin/", "/nowhere/"])
    def test_other_addresses_than_pages(self, permitting, hits, path):
        permitting.get(path)
        assert not hits.waiting

    def test_other_requests_than_a_persons_click(self, permitting, hits):
        permitting.head("/")
        permitting.get("/", headers={"HX-Request": "true"})
        permitting.get("/", headers={"Sec-Purpose": "prefetch;prerender"})
        assert not hits.waiting
        permitting.get("/", headers={"HX-Request": "true", "HX-Boosted": "true"})
        assert len(hits.waiting) == 1

    def test_a_page_that_staff_look_at(self, rf, permitting, hits, monkeypatch):
        request = rf.get("/", headers={"User-Agent": CHROME})
        request.resolver_match = permitting.get("/").resolver_match
        monkeypatch.setattr(consent, "permits", lambda *_: True)
        hits.reset()
        staff = AnonymousUser()
        staff.is_staff = True
        request._cached_user = staff
        capture.observe(request, HttpResponse())
        assert not hits.waiting
        request._cached_user = AnonymousUser()
        capture.observe(request, HttpResponse())
        assert len(hits.waiting) == 1


def test_counting_asks_the_database_nothing(permitting, django_assert_num_queries, hits):
    with django_assert_num_queries(0):
        permitting.get("/")
        hits.flush()
    assert not hits.waiting


class TestTheBuffer:
    HIT = Hit(480_000, "key", "/", "", "phone", "en")

    def test_hands_everything_over_in_commands_of_five_hundred(self, valkey, hits, monkeypatch):
        commands = []
        push = store.push
        monkeypatch.setattr(store, "push", lambda *sent: (commands.append(len(sent[-1])), push(*sent)))
        for _ in range(1200):
            hits.add(self.HIT)
        assert hits.flush()
        assert commands == [500, 500, 200]
        assert len(waiting(hits.sender)) == 1200

    def test_is_bounded_while_valkey_is_away_and_says_how_many_it_dropped(self, valkey, monkeypatch):
        small = buffer.HitBuffer(limit=100, in_background=False)
        with monkeypatch.context() as away:
            away.setattr(store, "valkey", _nobody_there)
            for number in range(250):
                small.add(self.HIT._replace(visitor=str(number)))
            assert not small.flush()
            assert len(small.waiting) <= 100
        assert small.flush()
        lines = [decode(line) for line in waiting(small.sender)]
        assert [line.visitor for line in lines if isinstance(line, Hit)] == [str(n) for n in range(150, 250)]
        assert [line for line in lines if isinstance(line, Tally)] == [Tally(480_000, "dropped", "", 150)]

    def test_a_hand_over_whose_answer_was_lost_arrives_once(self, valkey, hits, monkeypatch):
        push = store.push

        def answer_lost(*sent):
            push(*sent)
            raise redis.TimeoutError

        hits.add(self.HIT)
        with monkeypatch.context() as flaky:
            flaky.setattr(store, "push", answer_lost)
            assert not hits.flush()
        assert hits.flush()
        assert len(waiting(hits.sender)) == 1

    def test_what_is_handed_over_after_valkey_came_back_empty_is_found_at_once(self, valkey, hits):
        hits.add(self.HIT)
        assert hits.flush()
        valkey.flushdb()
        hits.add(self.HIT)
        assert hits.flush()
        assert store.senders() == [hits.sender]

    def test_a_page_is_served_while_valkey_is_away(self, permitting, hits, monkeypatch):
        monkeypatch.setattr(store, "valkey", _nobody_there)
        visitor.forget_salt()
        assert permitting.get("/").status_code == 200
        assert not hits.waiting, "without the day's salt there is no key, and without a key nothing is kept"

    def test_a_forked_child_sends_nothing_of_its_parents(self, hits):
        hits.add(self.HIT)
        hits.reset()
        assert not hits.waiting

    def test_a_process_that_ends_hands_over_what_it_has(self, valkey):
        script = (
            "import django; django.setup(); from cookies.traffic import buffer; from cookies.traffic.hit import Hit; "
            "buffer.FLUSH_EVERY = 3600; buffer.hits.add(Hit(480_000, 'key', '/', '', 'phone', 'en')); "
            "print(buffer.hits.sender, len(buffer.hits.waiting))"
        )
        environment = {**os.environ, "REDIS_URL": settings.REDIS_URL, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        ended = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        sender, number = ended.stdout.split()
        assert number == "1", "it was still in memory when the process ended"
        assert len(waiting(sender)) == 1

    def test_a_thread_hands_over_by_itself(self, valkey):
        own = buffer.HitBuffer()
        own.add(self.HIT)
        assert own._thread.daemon
        assert own._thread.is_alive()


def _nobody_there():
    raise redis.ConnectionError
