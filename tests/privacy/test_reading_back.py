"""After an erasure the store looks through itself again: nothing is certified as nothing, and a left-over raises an alarm."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from privacy import outbox
from privacy.internal import erasing, expiring, reading_back
from privacy.models import Copy, Effect, Erasure, ErasureCertificate, RightsRequest, Subject
from tests.support import aged
from tests.support.people import letter
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db
ADDRESS = "mina.planted@example.com"


@pytest.fixture
def erased(settings, tmp_path, valkey):
    """Somebody who had an account, an order and a subscription, erased; the look is still to come."""
    settings.MEDIA_ROOT = tmp_path / "media"
    user = aged.account(ADDRESS)
    subject = user.subject
    aged.order(placed_at=aged.years_ago(6), subject=subject, account=user, email=ADDRESS)
    erasing.erase(subject, acted_by=None, why="Article 17")
    return Erasure.objects.get(subject=subject)


def looked(erasure):
    outbox.deliver_due()
    erasure.refresh_from_db()
    certificate = ErasureCertificate.objects.filter(cause="looked", subject=erasure.subject).latest("made_at")
    return {line["place"] for line in certificate.counts if line["found"]}, certificate


def test_nothing_is_left_and_the_certificate_names_every_place(erased):
    assert erased.sought
    found, certificate = looked(erased)
    assert found == set()
    places = {line["place"] for line in certificate.counts}
    assert {
        "media",
        "sessions",
        "cache of the process",
        "valkey",
        "copies",
        "outbox",
        "messages of campaigns",
    } <= places
    assert {"table privacy_requestmessage", "table orders_deliveryaddress", "table accounts_profile"} <= places
    assert any(place.startswith("search column") for place in places)
    assert (erased.left_over, erased.sought) == (0, [])
    # Once is enough.
    reading_back.ask_again()
    assert not Effect.objects.filter(kind="privacy.read_back", done_at=None).exists()


def in_media(_erasure):
    default_storage.save("exports/old.csv", ContentFile(f"name,mail\nM,{ADDRESS.upper()}\n".encode()))


def in_the_name_of_a_file(erasure):
    default_storage.save(f"exports/{erasure.subject_id.hex}.bin", ContentFile(b"\x00"))


def in_a_session(erasure):
    session = SessionStore()
    session["privacy.subject"] = str(erasure.subject_id)
    session.create()


def in_a_session_of_the_account(_erasure):
    session = SessionStore()
    session["_auth_user_id"] = "999999"
    session.create()


def in_the_cache(_erasure):
    cache.set("typed", {"email": ADDRESS})


def as_a_copy(erasure):
    case = letter(subject=Subject.objects.create()).request
    Copy.objects.create(
        subject=erasure.subject, case=case, expires_at=timezone.now() + dt.timedelta(days=1), locale="en"
    )


def as_something_planned(erasure):
    Effect.objects.create(
        kind="privacy.tell_of_policy",
        key="planted",
        ids={"publication_id": "x", "subject_id": str(erasure.subject_id)},
        due_at=timezone.now() + dt.timedelta(days=9),
    )
    Effect.objects.filter(key="planted").update(created_at=aged.years_ago(1))


@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (in_media, "media"),
        (in_the_name_of_a_file, "media"),
        (in_a_session, "sessions"),
        (in_a_session_of_the_account, "sessions"),
        (in_the_cache, "cache of the process"),
        (as_a_copy, "copies"),
        (as_something_planned, "outbox"),
    ],
)
def test_what_is_left_is_found_certified_and_shown_to_staff(erased, plant, place, caplog):
    caplog.set_level(logging.ERROR)
    plant(erased)
    try:
        found, certificate = looked(erased)
    finally:
        cache.clear()
    assert found == {place}
    assert erased.left_over == 1
    # The alarm: a line in the log that names the place and no value, and a card on the staff's first page.
    assert place in caplog.text
    assert ADDRESS not in caplog.text
    page = superuser().get(reverse("admin:index")).content.decode()
    assert "erased people of whom something is left" in page
    assert ADDRESS not in str(certificate.counts)


def test_a_key_in_valkey_is_found(erased, valkey):
    valkey.rpush("planted", f"mail to {ADDRESS}")
    found, _certificate = looked(erased)
    assert found == {"valkey"}


def test_a_row_that_was_left_in_a_table_is_found(erased):
    message = letter(ADDRESS, subject=erased.subject)
    RightsRequest.objects.filter(pk=message.request_id).update(closed_at=timezone.now())
    # As if it had been collected before the erasure and overlooked by it.
    Erasure.objects.update(done_at=timezone.now())
    found, _certificate = looked(erased)
    assert found == {"table privacy_requestmessage"}


def test_what_the_person_wrote_since_is_no_left_over(erased):
    message = letter(ADDRESS, subject=erased.subject)
    RightsRequest.objects.filter(pk=message.request_id).update(closed_at=timezone.now())
    assert looked(erased)[0] == set()


def test_the_alarm_ends_when_a_later_look_finds_nothing(erased):
    in_media(erased)
    assert looked(erased)[0] == {"media"}
    default_storage.delete("exports/old.csv")
    expiring.expire()
    assert looked(erased)[0] == set()
    assert erased.left_over == 0


def test_a_place_that_cannot_be_looked_into_is_tried_again_and_nothing_is_certified(erased, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    outbox.deliver_due()
    row = Effect.objects.get(kind="privacy.read_back")
    assert row.done_at is None
    assert not ErasureCertificate.objects.filter(cause="looked").exists()
