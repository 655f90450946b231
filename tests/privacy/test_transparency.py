"""The page of promises counts what happened, hides what could point at one person, and says what it does not know."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from cookies.models import PurgeCertificate
from privacy.declaration import Purpose
from privacy.internal import figures, kept, transparency
from privacy.internal.desk import receiving
from privacy.models import ConsentEvent, RequestMessage, RightsRequest, Subject
from privacy.models.request import RequestKind
from privacy.permission import may_contact

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _count_again():
    figures.forget()
    yield
    figures.forget()


def requests(count: int, *, days_ago: int, answered_after: int | None = None) -> None:
    received = timezone.now() - dt.timedelta(days=days_ago)
    for _ in range(count):
        case = RightsRequest.objects.create(
            subject=Subject.objects.create(),
            kind=RequestKind.ACCESS,
            channel="web",
            received_at=received,
            expected_by=received + dt.timedelta(days=10),
        )
        if answered_after is not None:
            case.closed_at = received + dt.timedelta(days=answered_after)
            case.save()


def line(id: str) -> transparency.Line:
    with translation.override("en"):
        return next(found for section in transparency.sections() for found in section.lines if found.id == id)


def test_a_few_requests_are_not_told_apart_and_their_age_is_not_said():
    requests(0, days_ago=0)
    nobody = line("requests-open")
    figures.forget()
    requests(4, days_ago=3)
    few = line("requests-open")
    assert (
        (nobody.value, nobody.more) == (few.value, few.more) == ("fewer than 5", (("none is older than", "10 days"),))
    )


def test_many_requests_are_counted_with_the_age_of_the_oldest():
    requests(4, days_ago=3)
    requests(3, days_ago=8)
    assert line("requests-open").value == "7"
    assert line("requests-open").more == (("the oldest is", "8 days"),)
    assert (line("requests-overdue").value, line("requests-overdue").verdict) == ("0", "kept")


def test_a_single_overdue_request_is_said():
    requests(1, days_ago=11)
    assert (line("requests-overdue").value, line("requests-overdue").verdict) == ("1", "broken")
    assert line("requests-open").more == (("the oldest is", "older than promised"),)


def test_the_median_of_the_answers():
    requests(3, days_ago=30, answered_after=2)
    assert line("answer-time").value == "too few to say"
    figures.forget()
    requests(4, days_ago=30, answered_after=6)
    assert line("answer-time").value == "6.0"
    assert line("answered-late").verdict == "kept"
    figures.forget()
    requests(1, days_ago=30, answered_after=12)
    assert (line("answered-late").value, line("answered-late").verdict) == ("1", "broken")


def test_a_letter_that_a_machine_wrote_is_no_request():
    requests(6, days_ago=2)
    RightsRequest.objects.update(why="written by a machine")
    assert line("requests-open").value == "fewer than 5"


def no_by_letter(*, arrived_ago: float) -> None:
    """Five letters that say no, each taken in so many seconds after it arrived."""
    received_at = timezone.now() - dt.timedelta(seconds=arrived_ago)
    for i in range(5):
        head = f"From: reader{i}@example.com\nTo: privacy@example.com\nMessage-ID: <{i}-{arrived_ago}@x>\nSubject: Unsubscribe\n\n"
        receiving.receive_letter(head.encode() + b"Please unsubscribe me.\n", received_at=received_at)


@time_machine.travel(dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC), tick=False)
def test_how_long_a_no_by_letter_took_is_counted_from_its_arrival():
    no_by_letter(arrived_ago=0)
    took = line("opt-out-time")
    assert took.value == "less than a second"
    assert took.more == (("the slowest took", "less than a second"),)
    figures.forget()
    no_by_letter(arrived_ago=90)
    assert line("opt-out-time").more == (("the slowest took", "90 seconds"),)


def test_a_no_by_letter_stands_in_the_transaction_that_stores_the_letter(monkeypatch):
    """Nobody waits for a worker, and there is no letter without its no: whatever fails afterwards takes both away."""
    no_by_letter(arrived_ago=0)
    letters = RequestMessage.objects.count()
    assert letters == RightsRequest.objects.filter(kind=RequestKind.WITHDRAW).count() == 5
    for case in RightsRequest.objects.all():
        assert not may_contact(case.subject, Purpose.MARKETING_EMAIL, "email")
        assert ConsentEvent.objects.filter(subject=case.subject, state="withdrawn", method="mail").exists()
    said = ConsentEvent.objects.count()

    def fails(*_args, **_kwargs):
        raise ConnectionError("the outbox cannot be written")

    monkeypatch.setattr(receiving, "enqueue", fails)
    with pytest.raises(ConnectionError):
        no_by_letter(arrived_ago=1)
    assert (RequestMessage.objects.count(), ConsentEvent.objects.count()) == (letters, said)


def test_page_views_are_counted_by_their_certificates():
    PurgeCertificate.objects.create(hits=12_000, withdrawn=3)
    PurgeCertificate.objects.create(hits=345)
    assert line("hits").value == "12,345"
    assert line("hits-uncounted").value == "fewer than 5"


def test_figures_are_counted_once_a_minute(monkeypatch, django_assert_num_queries):
    requests(5, days_ago=1)
    assert line("requests-open").value == "5"
    requests(5, days_ago=1)
    with django_assert_num_queries(0):
        assert line("requests-open").value == "5"
    monkeypatch.setattr(figures, "_measured_at", figures._measured_at - 61)
    assert line("requests-open").value == "10"


def test_what_cannot_be_measured_is_said_and_breaks_nothing(client, monkeypatch):
    def unknown(_now):
        raise LookupError("no such table yet")

    monkeypatch.setattr(figures, "_GROUPS", tuple(g if g.__name__ != "_ledger" else unknown for g in figures._GROUPS))
    assert line("ledger-head").value is None
    page = client.get(reverse("privacy:transparency")).content.decode()
    assert "not measured yet" in page


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_has_every_figure_and_every_promise(client, language):
    with translation.override(language):
        page = client.get(reverse("privacy:transparency"))
        assert page.status_code == 200
        text = page.content.decode()
        for section in transparency.sections():
            assert section.title in text
            for found in section.lines:
                assert f'id="{found.id}"' in text
                assert found.counts
    assert len(re.findall(r'class="clause[ "]', text)) == len(kept.promises())


def test_every_clause_has_words_for_people_and_no_other_has():
    assert set(transparency.CLAUSES) == {entry["id"] for entry in kept.promises()}


def test_the_page_is_linked_from_the_footer_the_centre_and_the_policy(client):
    address = f'href="{reverse("privacy:transparency")}"'
    for name, times in (("home", 1), ("privacy:centre", 2), ("privacy:policy", 2)):
        assert client.get(reverse(name)).content.decode().count(address) == times, name


def test_the_report_and_the_page_count_the_same():
    from privacy.internal import report

    requests(6, days_ago=12, answered_after=11)
    by_clause = {row.id: row.figures for row in report.rows()}
    assert by_clause["control.correct"]["requests answered late"] == 6
    assert line("answered-late").value == "6"
