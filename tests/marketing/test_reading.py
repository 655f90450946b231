"""Opening an address of marketing changes nothing, whatever it is: link scanners, previews and crawlers open all of them."""

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from marketing.domain import tickets
from marketing.models import EventRegistration, Suppression, TextNumber
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


def staff_examples() -> dict[str, str]:
    """An address of every page that staff have of marketing, by its name, with the key of something that stands there."""
    campaign, asked, happening = new_campaign(), survey(), event()
    people = {"subscription": reader(), "textnumber": text_reader(), "pushdevice": push_reader()}
    keys = {
        **{name: record.pk for name, record in people.items()},
        "campaign": campaign.pk,
        "survey": asked.pk,
        "event": happening.pk,
        "eventregistration": guest(happening, "g@example.com").pk,
        "eventphotograph": kept(happening).pk,
        "suppression": Suppression.objects.create(digest=b"x" * 32, key_id="k", cause="opt_out").pk,
        "surveyanswer": 1,
    }
    found = {}
    for name, wanted in _staff_pages():
        record = name.removeprefix("admin:marketing_").partition("_")[0]
        key = keys["eventphotograph"] if name.endswith("event_picture") else keys[record]
        given = {"locale": "en", "width": "phone", "object_id": key, "pk": key, "key": key}
        found[name] = reverse(name, kwargs={one: given[one] for one in wanted})
    return found


def _staff_pages(resolver=None, names=()):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _staff_pages(pattern, (*names, pattern.namespace) if pattern.namespace else names)
        elif (pattern.name or "").startswith("marketing_"):
            yield ":".join((*names, pattern.name)), list(pattern.pattern.converters)


def test_opening_any_page_of_staff_changes_nothing_either(monkeypatch):
    # A picture takes a Chromium a second, and is drawn from what the page of the mail shows.
    monkeypatch.setattr("marketing.admin.campaigns.picturing.picture", lambda _html, _width: b"PNG")
    paths = staff_examples()
    browser = superuser()
    assert len(paths) > 40
    # What was named for a moment, as a code or a look, is done with.
    browser.get(reverse("admin:index"))
    opened = []
    for name, path in paths.items():
        for open_it in (browser.get, browser.head):
            with CaptureQueriesContext(connection) as queries:
                answered = open_it(path)
            assert answered.status_code < 500, path
            # That staff looked at people is written down, which is the point of it.
            written = [q["sql"] for q in queries if _WRITES.match(q["sql"])]
            assert [sql for sql in written if "privacy_look" not in sql] == [], path
        opened += [name] if answered.status_code == 200 else []
    for needed in ("campaign_desk", "campaign_charts", "campaign_preview", "campaign_mail", "campaign_picture",
                   "survey_results", "survey_csv", "event_photographs", "subscription_import", "campaign_change"):  # fmt: skip
        assert f"admin:marketing_{needed}" in opened, needed
    assert browser.get(paths["admin:marketing_campaign_do"]).status_code == 405
