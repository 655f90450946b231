"""Opening an address of marketing changes nothing, whatever it is: link scanners, previews and crawlers open all of them."""

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from marketing.domain import tickets
from marketing.models import EventRegistration, TextNumber
from tests.marketing.conftest import event, guest, kept, new_campaign
from tests.marketing.test_surveys import address as of_order
from tests.marketing.test_surveys import invited, survey
from tests.support.readers import reader
from tests.support.staff import superuser
from tests.support.telephones import name_number, push_reader, text_reader

pytestmark = pytest.mark.django_db

_WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|COPY)\b(?!.*django_session)", re.IGNORECASE | re.DOTALL)
_OF_MARKETING = ("marketing/", "events/", "surveys/", "api/v1/marketing/", "admin/marketing/")


def patterns(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = re.sub(r"[\^$]", "", prefix + str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        elif isinstance(pattern, URLPattern) and route.startswith(_OF_MARKETING):
            yield route


def examples() -> list[str]:
    """An address for every page that shoppers and applications can open, each leading to something that stands there."""
    subscription, number, device = reader(), text_reader(), push_reader()
    happening, asked, behind, about = event(), survey(), survey("invited", "behind"), survey("order", "about")
    registration = guest(happening)
    assert isinstance(registration, EventRegistration)
    picture = kept(happening)
    tokens = [subscription.token, number.token, device.token, uuid.uuid4()]
    found = [
        *(reverse(f"marketing:{name}") for name in ("subscribe", "asked", "own_choices", "texts")),
        *(
            reverse(f"marketing:{n}", args=[t])
            for n in ("confirm", "choices", "leave", "texts_by_link")
            for t in tokens
        ),
        name_number(Client(), "010-5555-4444").url,
        reverse("incoming_text"),
        reverse("events:list"),
        reverse("events:detail", args=[happening.slug]),
        reverse("events:calendar", args=[happening.slug]),
        reverse("events:registered", args=[happening.slug]),
        reverse("events:own", args=[registration.token]),
        reverse("events:picture", args=[picture.key]),
        reverse("surveys:list"),
        asked.get_absolute_url(),
        reverse("surveys:thanks", args=[asked.slug]),
        reverse("surveys:invited", args=[behind.slug, tickets.make(behind)]),
        of_order(invited(about)),
        *("/api/v1/marketing/opt-out", "/api/v1/marketing/devices/", "/api/v1/marketing/devices/confirm/"),
        f"/api/v1/marketing/devices/{device.token}/",
    ]
    assert TextNumber.objects.count() == 2
    return found


def test_opening_any_address_changes_nothing():
    opened, client = set(), Client()
    for path in examples():
        for open_it in (client.get, client.head, client.options):
            with CaptureQueriesContext(connection) as queries:
                answered = open_it(path, headers={"user-agent": "link-scanner"})
            assert answered.status_code < 500, path
            assert [q["sql"] for q in queries if _WRITES.match(q["sql"])] == [], path
        opened.add(path)
    assert len(opened) >= 25


def test_every_address_has_an_example():
    """A new page is opened here too, or this says which one is not."""
    from django.urls import resolve

    known = {resolve(path).route for path in examples()}
    pages = {r for r in patterns() if not r.startswith("admin/")}
    assert {re.sub(r"[\^$]", "", route) for route in known} >= pages


def test_opening_the_pages_of_staff_changes_nothing_either():
    campaign, asked = new_campaign(), survey()
    reader()
    text_reader()
    browser = superuser()
    paths = [
        *(
            reverse(f"admin:marketing_{m}_changelist")
            for m in ("campaign", "subscription", "textnumber", "pushdevice", "survey")
        ),
        *(reverse(f"admin:marketing_{m}_add") for m in ("campaign", "survey", "event")),
        reverse("admin:marketing_campaign_desk", args=[campaign.pk]),
        reverse("admin:marketing_campaign_charts"),
        *(
            reverse("admin:marketing_campaign_preview", args=[campaign.pk, "en", width])
            for width in ("phone", "desktop")
        ),
        reverse("admin:marketing_campaign_mail", args=[campaign.pk, "en"]),
        reverse("admin:marketing_survey_results", args=[asked.pk]),
        reverse("admin:marketing_survey_csv", args=[asked.pk]),
    ]
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200, path
        # That staff looked at people is written down, which is the point of it.
        written = [q["sql"] for q in queries if _WRITES.match(q["sql"])]
        assert [sql for sql in written if "privacy_look" not in sql] == [], path
    assert browser.get(reverse("admin:marketing_campaign_do", args=[campaign.pk])).status_code == 405
