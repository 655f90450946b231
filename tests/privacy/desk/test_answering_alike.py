"""Whether the store knows an address cannot be told from outside: not by words, bytes or statements, whatever is asked."""

from __future__ import annotations

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from privacy.declaration import Purpose
from privacy.gate import merge
from privacy.models import ConsentEvent, JournalMark, Preference, RightsRequest
from privacy.outbox import deliver_due
from privacy.permission import DIRECT_MARKETING, grant, may_contact
from privacy.signals import withdrawn
from tests.support.people import letter, shown_notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("journal")]

NEWS = (Purpose.MARKETING_EMAIL, "email")
API = "/api/v1/privacy-requests/"
KINDS = ["withdraw_consent", "object", "rectification", "access", "erasure", "complaint"]


@pytest.fixture
def known():
    """Three who have the address in one spelling or another, two of whom are one person."""
    people = [
        letter(sender=spelled).subject for spelled in ("minji@gmail.com", "Min.Ji@gmail.com", "minji+a@gmail.com")
    ]
    for person in people:
        grant(person, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    merge(people[0], people[1])
    return people


def by_page(kind, sender):
    client = Client()
    token = re.search(r'name="notice" value="([^"]+)"', client.get(reverse("privacy:write")).content.decode()).group(1)
    said = {"kind": kind, "sender": sender, "body": "As the form says.", "notice": token}
    with CaptureQueriesContext(connection) as statements:
        answer = client.post(reverse("privacy:write"), said)
    assert answer.status_code == 200
    return answer.content.decode(), statements


def by_api(kind, sender):
    client = Client()
    token = client.options(API).json()["notice"]["token"]
    said = {"kind": kind, "sender": sender, "body": "As the form says.", "notice": token}
    with CaptureQueriesContext(connection) as statements:
        answer = client.post(API, said, content_type="application/json")
    assert answer.status_code == 201
    return answer.content.decode(), statements


def in_general(sql):
    """A statement without the keys, numbers and moments that differ from one to the next."""
    sql = re.sub(r"'(?:[^']|'')*'|ARRAY\[[^]]*\]|\b\d[\d.]*\b", "?", sql)
    return re.sub(r'"s\?_x\?"|"s\d+_x\d+"', "s", re.sub(r"\((?:\s*\?(?:::\w+(?:\[\])?)?,?)+\)", "(?)", sql))


def words(answer):
    """What is answered, without the number of the case and what only a browser sees."""
    answer = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-F]{8}", "…", answer)
    answer = re.sub(r'(?:value|nonce|content)="[^"]{20,}"', "", answer)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+-]+", "…", answer)


@pytest.mark.parametrize("road", [by_page, by_api])
@pytest.mark.parametrize("kind", KINDS)
def test_known_and_unknown_are_answered_by_the_same_statements_words_and_bytes(known, road, kind):
    road(kind, "first@example.org")  # whatever is read once in a process has been read
    strange, without = road(kind, "nobody@gmail.com")
    told, with_them = road(kind, "minji@gmail.com")
    assert words(told) == words(strange)
    assert len(told) == len(strange)
    assert [in_general(q["sql"]) for q in with_them] == [in_general(q["sql"]) for q in without]


@pytest.mark.parametrize("road", [by_page, by_api])
def test_the_stop_stands_when_the_answer_comes_for_everybody_who_has_the_address(known, road):
    road("withdraw_consent", "m.i.n.j.i@googlemail.com")
    assert not any(may_contact(person, *NEWS) for person in known)
    states = Preference.objects.filter(subject__in=known).values_list("state", flat=True)
    assert set(states) == {"withdrawn"}
    assert len(states) == 3 * len(DIRECT_MARKETING)
    # Of each the evidence, and for a restore a line of the journal.
    assert ConsentEvent.objects.filter(subject__in=known, state="withdrawn").count() == 3 * len(DIRECT_MARKETING)
    assert JournalMark.objects.filter(kind="stopped").count() == 2


def test_whoever_is_somebody_else_is_left_as_they_are(known):
    other = letter(sender="minjo@gmail.com").subject
    grant(other, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    by_page("object", "minji@gmail.com")
    assert may_contact(other, *NEWS)


def test_what_follows_from_a_stop_is_done_for_each_of_them_once_it_stands(known):
    told = []

    def listens(subject, events, **_kwargs):
        told.append((subject.pk, {event.state for event in events}))

    withdrawn.connect(listens)
    try:
        by_page("withdraw_consent", "minji@gmail.com")
        writer = RightsRequest.objects.latest("received_at").subject_id
        assert [key for key, _states in told] == [writer]
        deliver_due()
    finally:
        withdrawn.disconnect(listens)
    assert {key for key, _states in told} == {writer, *(person.pk for person in known)}
    assert all(states == {"withdrawn"} for _key, states in told)


def test_a_stop_that_cannot_be_stored_stops_nobody(known, monkeypatch):
    from privacy.internal.desk import receiving

    def fails(*_args, **_kwargs):
        raise OSError("no room")

    monkeypatch.setattr(receiving, "_answer", fails)
    with pytest.raises(OSError, match="no room"), transaction.atomic():
        by_page("withdraw_consent", "minji@gmail.com")
    assert all(may_contact(person, *NEWS) for person in known)
