"""A planted visitor goes through the whole pipe, and a search that can find one finds nothing; late page views are seen."""

import gzip
import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from redis.exceptions import ConnectionError as NobodyThere

from cookies.domain import prove_removal as proving
from cookies.domain.aggregate import aggregate
from cookies.domain.prove_removal import AnotherAudit, prove_removal
from cookies.models import HourlyCount, PurgeCertificate, RemovalProof
from cookies.tasks import prove_that_nothing_stays
from cookies.traffic import buffer, lateness, planted, store, traces
from cookies.traffic.hit import Hit
from kmall24 import engines
from tests.cookies.waiting import put

NOW = 480_000


@pytest.fixture
def places(settings, tmp_path: Path) -> Path:
    """Folders of the test's own beside the cluster's, so that other sessions' files are not read."""
    for name in ("media", "state"):
        (tmp_path / name).mkdir()
    settings.TRAFFIC_TRACES = {
        "media": [tmp_path / "media"],
        "state": [tmp_path / "state"],
        "others": [tmp_path / "nowhere"],
    }
    return tmp_path


@pytest.fixture
def with_the_cluster(places, settings) -> Path:
    """The database's own files beside them; the cluster of tests writes its log late, unless it is told not to."""
    settings.TRAFFIC_TRACES = {"database": [engines.place().directory / "postgres"], **settings.TRAFFIC_TRACES}
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    return places


@pytest.mark.django_db
class TestThePlantedVisitor:
    def test_comes_through_is_removed_and_found_nowhere(self, with_the_cluster, valkey):
        outcome = prove_removal()
        proof = RemovalProof.objects.get()
        assert outcome.holds
        assert proof.found == 0
        assert proof.certificate == PurgeCertificate.objects.get()
        assert (proof.certificate.planted, proof.certificate.hits) == (2, 0)
        assert proof.places["database"]["files"] > 10, "the cluster's own files and its log were read"
        assert proof.places["valkey"]["files"] >= 3
        assert proof.places["others"] == {"skipped": "There is no such folder on this machine, or it may not be read."}

    def test_is_nobody_in_the_statistics(self, places, valkey):
        prove_removal()
        assert {(c.dimension, c.count) for c in HourlyCount.objects.all()} == {("planted", 2)}
        (day,) = store.open_days()
        assert store.visitors_of(day) == {"planted\t": 1}

    def test_was_really_in_the_places_that_are_searched(self, places, valkey, monkeypatch):
        """Before it is counted it can be found: the search is for what was there."""
        visitor = planted.send()
        (found,) = [place.found for place in traces.search(visitor.traces, since=None) if place.name == "valkey"]
        assert {name.split(":")[-1] for name in found} == {"pending", "planted"}
        aggregate()
        planted.forget(visitor)
        assert [place.found for place in traces.search(visitor.traces, since=None) if place.name == "valkey"] == [[]]

    def test_that_never_comes_through_is_written_down_as_such(self, places, valkey, monkeypatch):
        monkeypatch.setattr(proving, "PATIENCE", 0)
        monkeypatch.setattr(proving, "aggregate", lambda: 0)
        outcome = prove_removal()
        assert not outcome.holds
        assert outcome.proof.certificate is None
        assert outcome.proof.found >= 1, "its page views still wait in Valkey"

    def test_is_one_at_a_time(self, places, valkey):
        with store.one_audit_at_a_time() as alone:
            assert alone
            with pytest.raises(AnotherAudit):
                prove_removal()
            assert prove_that_nothing_stays() == 0
        assert prove_removal().holds

    def test_that_the_store_does_not_admit_proves_nothing(self, places, valkey, settings):
        settings.TRAFFIC_PLANTED_URL = "http://127.0.0.1:9"
        with pytest.raises(planted.NotAdmitted, match="do not answer") as refused:
            prove_removal()
        assert refused.value.__cause__ is None, "the cause would name the address, and the address the marker"
        assert not RemovalProof.objects.exists()

    def test_is_kept_as_a_digest_alone(self, places, valkey):
        seen = []
        prove_removal(before_search=seen.append)
        (visitor,) = seen
        row = json.dumps(RemovalProof.objects.values().get(), default=str)
        assert not [trace for trace in visitor.traces if trace.decode() in row]


@pytest.mark.django_db
class TestTheSearchFinds:
    """What it would have to find, left on purpose; a search that is green here proves nothing there."""

    @pytest.mark.parametrize("trace", range(4))
    def test_each_trace_of_a_visitor(self, places, valkey, trace):
        def leave(visitor):
            of = visitor.traces[min(trace, len(visitor.traces) - 1)]
            (places / "state" / "web.log").write_bytes(b"x" * 5000 + of + b"y" * 5000)

        outcome = prove_removal(before_search=leave)
        assert not outcome.holds
        assert outcome.proof.places["state"]["found"] == 1

    def test_one_in_a_log_that_was_packed(self, places, valkey):
        def leave(visitor):
            (places / "state" / "web.log.1.gz").write_bytes(gzip.compress(b"GET /?q=" + visitor.marker.encode()))

        assert prove_removal(before_search=leave).proof.found == 1

    def test_one_in_the_name_of_a_file(self, places, valkey):
        outcome = prove_removal(before_search=lambda visitor: (places / "media" / visitor.marker).touch())
        assert outcome.proof.places["media"]["found"] == 1

    def test_one_across_the_blocks_in_which_files_are_read(self, places, valkey):
        def leave(visitor):
            (places / "media" / "picture").write_bytes(b"." * (traces._BLOCK - 5) + visitor.marker.encode())

        assert prove_removal(before_search=leave).proof.found == 1

    @pytest.mark.parametrize("kind", ["name", "string", "list", "set", "zset", "hash", "stream"])
    def test_one_in_valkey(self, places, valkey, kind):
        def leave(visitor):
            text = f"before {visitor.marker} after"
            {
                "name": lambda: valkey.set(text, 1),
                "string": lambda: valkey.set("k", text),
                "list": lambda: valkey.rpush("k", "other", text),
                "set": lambda: valkey.sadd("k", text),
                "zset": lambda: valkey.zadd("k", {text: 1}),
                "hash": lambda: valkey.hset("k", "field", text),
                "stream": lambda: valkey.xadd("k", {"field": text}),
            }[kind]()

        assert prove_removal(before_search=leave).proof.places["valkey"]["found"] == 1

    def test_nothing_in_a_file_of_long_ago_unless_everything_is_wanted(self, places, valkey):
        def leave(visitor):
            path = places / "state" / "old.log"
            path.write_text(visitor.marker)
            os.utime(path, (1_000_000, 1_000_000))

        assert prove_removal(before_search=leave).proof.found == 0
        assert prove_removal(before_search=leave, everything=True).proof.found == 1


@pytest.mark.django_db(transaction=True)
class TestTheSearchFindsInTheDatabase:
    def test_a_row_in_its_files_or_its_log_and_by_its_words(self, with_the_cluster, valkey):
        def leave(visitor):
            HourlyCount.objects.create(hour="2026-01-01T00:00Z", dimension="page", value=visitor.marker, count=1)

        outcome = prove_removal(before_search=leave, rows=True)
        assert outcome.proof.places["database"]["found"] >= 1
        assert outcome.proof.places["rows"]["found"] == 1
        names = next(place.found for place in outcome.places if place.name == "database")
        assert any("pg_wal" in name for name in names), "the write-ahead log is among the files"

    def test_a_row_that_was_removed_again(self, with_the_cluster, valkey):
        def leave(visitor):
            HourlyCount.objects.create(hour="2026-01-01T00:00Z", dimension="page", value=visitor.marker, count=1)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM cookies_hourlycount WHERE value = %s", [visitor.marker])

        outcome = prove_removal(before_search=leave, rows=True)
        assert outcome.proof.places["rows"]["found"] == 0
        assert outcome.proof.places["database"]["found"] >= 1, "deleting is not removing"


@pytest.mark.django_db
class TestTheCommand:
    def test_says_where_it_searched_and_that_it_found_nothing(self, places, valkey):
        said = StringIO()
        call_command("traffic_audit", "--rows", stdout=said)
        assert "counted and removed with batch" in said.getvalue()
        assert "Found in 0 of" in said.getvalue()
        assert "others     not searched." in said.getvalue()

    def test_tells_machines_as_json(self, places, valkey):
        said = StringIO()
        call_command("traffic_audit", "--json", stdout=said)
        assert json.loads(said.getvalue())["found"] == 0

    def test_fails_when_something_is_found(self, places, valkey, monkeypatch):
        send = planted.send

        def and_leave_it():
            visitor = send()
            (places / "state" / "web.log").write_text(visitor.marker)
            return visitor

        monkeypatch.setattr(planted, "send", and_leave_it)
        said = StringIO()
        with pytest.raises(CommandError, match="not kept"):
            call_command("traffic_audit", stdout=said)
        assert str(places / "state" / "web.log") in said.getvalue()


@pytest.mark.django_db
class TestReadiness:
    @pytest.fixture(autouse=True)
    def _the_store(self, settings):
        settings.ROOT_URLCONF = "kmall24.urls"

    def test_is_green_while_page_views_are_counted_in_time(self, valkey):
        put(Hit(NOW, "v", "/", "", "phone", "en"))
        assert store.oldest() < 5
        assert Client().get("/readyz").json()["traffic"] is True

    @pytest.mark.parametrize("claimed", [False, True])
    def test_is_red_when_one_is_older_than_its_promise_and_green_once_it_is_counted(self, valkey, claimed):
        put(Hit(NOW, "v", "/", "", "phone", "en"))
        sender = store.senders()[0]
        # As old as its key's end is near.
        valkey.expire(store.PENDING % sender, store.RAW_LIVES - lateness.PROMISED - 5)
        if claimed:
            store.claim(sender)
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["traffic"]) == (503, False)
        aggregate()
        answer = Client().get("/readyz")
        assert (answer.status_code, answer.json()["traffic"]) == (200, True)

    def test_is_red_when_they_have_been_stuck_in_this_process(self, hits, monkeypatch):
        def nobody():
            raise NobodyThere

        hits.add(Hit(NOW, "v", "/", "", "phone", "en"))
        monkeypatch.setattr(store, "valkey", nobody)
        assert not hits.flush()
        assert Client().get("/readyz").status_code == 200, "that Valkey is away only delays"
        hits._stuck_since -= lateness.PROMISED + 1
        assert Client().get("/readyz").status_code == 503
        monkeypatch.undo()

    def test_of_what_a_dead_worker_left_goes_with_the_day_even_if_nobody_ever_counts(self, valkey):
        put(Hit(NOW, "v", "/", "", "phone", "en"))
        batch = store.claim(store.senders()[0])
        assert 0 < valkey.ttl(store.BATCH % batch) <= store.RAW_LIVES


def test_the_buffer_of_a_process_is_never_late_while_it_can_hand_over(hits, valkey):
    hits.add(Hit(NOW, "v", "/", "", "phone", "en"))
    assert hits.flush()
    assert buffer.hits.stuck_for() == 0
