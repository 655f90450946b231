"""Whoever writes too often is told what to do and loses nothing; a stop is always heard, and no address is told or kept."""

from __future__ import annotations

import re

import pytest
from django.core import mail as sent
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from privacy.declaration import Purpose
from privacy.models import RightsRequest
from privacy.outbox import deliver_due
from privacy.permission import grant, may_contact
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.django_db

NEWS = (Purpose.MARKETING_EMAIL, "email")
API = "/api/v1/privacy-requests/"


@pytest.fixture(autouse=True)
def narrow(settings):
    settings.ACCOUNT_RATE_LIMITS = {"privacy_write": "2/h/key"}
    cache.clear()
    yield
    cache.clear()


def by_page(sender="mina@example.com", kind="access", body="Everything about me, please."):
    client = Client()
    token = re.search(r'name="notice" value="([^"]+)"', client.get(reverse("privacy:write")).content.decode()).group(1)
    return client.post(reverse("privacy:write"), {"kind": kind, "sender": sender, "body": body, "notice": token})


def by_api(sender="mina@example.com", kind="access", body="Everything about me, please."):
    client = Client()
    token = client.options(API).json()["notice"]["token"]
    said = {"kind": kind, "sender": sender, "body": body, "notice": token}
    return client.post(API, said, content_type="application/json")


def test_over_the_limit_the_page_gives_the_text_back_and_says_what_to_do():
    assert [by_page().status_code for _ in range(2)] == [200, 200]
    answer = by_page(body="A long story that nobody wants to type twice.")
    page = answer.content.decode()
    assert answer.status_code == 429
    assert answer["Retry-After"] == "3600"
    assert "A long story that nobody wants to type twice." in page
    assert "mina@example.com" in page
    assert "privacy@kmall24.com" in page
    assert RightsRequest.objects.count() == 2


def test_the_api_says_the_same_as_a_problem_and_shares_the_count_with_the_page():
    assert (by_page().status_code, by_api().status_code) == (200, 201)
    answer = by_api()
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    assert answer["Content-Type"].startswith("application/problem+json")
    assert "privacy@kmall24.com" in answer.json()["detail"]


@pytest.mark.parametrize("road", [by_page, by_api])
@pytest.mark.parametrize("said", [{"kind": "withdraw_consent"}, {"body": "My data. And no more newsletters!"}])
def test_a_stop_gets_through_and_writes_no_further_letter(road, said):
    wanted = letter(sender="minji@gmail.com").subject
    grant(wanted, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    for _ in range(2):
        road()
    assert road(sender="minji@gmail.com", **said).status_code in (200, 201)
    assert not may_contact(wanted, *NEWS)
    deliver_due()
    assert {to for one in sent.outbox for to in one.to} == {"mina@example.com"}


@pytest.mark.parametrize("road", [by_page, by_api])
def test_the_limit_is_the_same_for_an_address_that_is_known(road):
    letter(sender="known@example.com")
    answers = [road(sender="known@example.com") for _ in range(3)]
    cache.clear()
    strange = [road(sender="strange@example.org") for _ in range(3)]
    assert [a.status_code for a in answers] == [a.status_code for a in strange]
    plain = [
        a.content.decode().replace("known@example.com", "").replace("strange@example.org", "")
        for a in (answers[2], strange[2])
    ]
    assert len({re.sub(r'value="[^"]*"', "", text) for text in plain}) == 1


def test_what_is_counted_names_nobody():
    by_page()
    kept = " ".join(f"{key} {value!r}" for key, value in cache._cache.items())
    assert "privacy_write" in kept
    assert "127.0.0.1" not in kept
    assert "mina" not in kept
    # Without the store's key nobody can try out addresses until one fits.
    import hashlib

    assert hashlib.sha256(b"127.0.0.1").hexdigest() not in kept


def test_behind_a_proxy_each_visitor_is_counted_and_a_server_that_does_not_say_limits_nobody(settings, rf):
    from privacy.internal.desk import limiting

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    visitors = [f"203.0.113.{n}" for n in range(1, 6)]
    asked = [limiting.too_many(rf.post("/", HTTP_X_FORWARDED_FOR=address)) for address in visitors]
    assert asked == [False] * 5
    again = [limiting.too_many(rf.post("/", HTTP_X_FORWARDED_FOR=visitors[0])) for _ in range(2)]
    assert again == [False, True]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert not any(limiting.too_many(rf.post("/", REMOTE_ADDR="")) for _ in range(5))
