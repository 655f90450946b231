"""Three hundred values of one person, planted and then searched for in a dump, in files, in Valkey and in the logs."""

import datetime as dt
import logging
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accounts.models import Profile, SavedAddress
from catalogue.models import Review
from kmall24.engines import binaries
from marketing.models import Subscription
from orders.models import DeliveryAddress, OrderContact, PaymentInstrument
from privacy.declaration import Category, declaration_of, personal_fields
from privacy.gate import collecting
from privacy.internal import archive, erasing, expiring, whereabouts
from privacy.internal.copying import packing
from privacy.models import RequestMessage, RightsRequest, Subject
from tests.orders.shop import variant
from tests.support import aged
from tests.support.people import letter

pytestmark = pytest.mark.django_db(transaction=True)
PLANTED = 300


class Planting:
    """Writes a value that stands nowhere else into every field of a record, and remembers it."""

    def __init__(self):
        self.values: dict[str, str] = {}

    def into(self, record, surface="import.reviews"):
        fields = [f for f in personal_fields(type(record)) if not f.name.startswith("photograph")]
        with collecting(surface=surface, subject=record.subject, fields=fields):
            for field in fields:
                value = self._value(field)
                if value:
                    setattr(record, field.name, value)
            record.save()

    def _value(self, field):
        number = len(self.values)
        mark = f"q{number:03}zx"
        category = declaration_of(field).category
        if category is Category.EMAIL:
            value = f"{mark}@planted.example"
        elif category is Category.PHONE:
            value = f"+8210{number:04}77{number % 97:02}"
        elif field.max_length and field.max_length < 6:
            return ""
        else:
            value = f"{mark}w"
        self.values[value] = f"{field.model._meta.label}.{field.name}"
        return value


@pytest.fixture
def planted():
    user = aged.account("someone@planted.example")
    planting, subject = Planting(), user.subject
    planting.into(Profile.objects.get())
    planting.into(SavedAddress.objects.get())
    # Half of the orders are past every law, the other half a law still keeps.
    for number in range(20):
        order = aged.order(
            placed_at=aged.years_ago(6 if number % 2 else 2), subject=subject, account=user, email="x@planted.example"
        )
        planting.into(OrderContact.objects.get(order=order))
        planting.into(DeliveryAddress.objects.get(order=order))
        planting.into(PaymentInstrument.objects.get(payment__order=order))
    for _ in range(12):
        message = letter("x@planted.example", subject=subject)
        planting.into(message)
        RightsRequest.objects.filter(pk=message.request_id).update(
            closed_at=timezone.now() - dt.timedelta(days=365 * 4), why="as written"
        )
    product = variant().product
    for _ in range(15):
        with collecting(surface="import.reviews", subject=subject, fields=personal_fields(Review)):
            review = Review.objects.create(
                product=product, author_name="x", body="x", rating=5, shown_at=timezone.now()
            )
        planting.into(review)
    with collecting(surface="import.subscribers", subject=subject, fields=[Subscription.email]):
        subscription = Subscription.objects.create(email="x@planted.example", confirmed_at=timezone.now())
    planting.into(subscription)
    assert len(planting.values) >= PLANTED, len(planting.values)
    return user, planting.values


def dump(*more):
    """Everything in the database as its owner reads it, the archive of the law included or not."""
    parameters = connections["owner"].get_connection_params()
    command = [
        str(binaries.postgres_installation() / "bin" / "pg_dump"),
        *("-h", parameters["host"], "-U", parameters["user"], *more, connections["default"].settings_dict["NAME"]),
    ]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def texts_of(folder):
    return "".join(p.read_bytes().decode("latin-1") for p in Path(folder).rglob("*") if p.is_file())


def everywhere(valkey, logged, folders):
    """Every place but the archive of the law, each by its name."""
    keys = list(valkey.scan_iter())
    return {
        "dump": dump("--exclude-schema=law_archive"),
        "valkey": " ".join(map(repr, [*keys, *(valkey.dump(key) for key in keys)])),
        "logs": logged.text,
        **{name: texts_of(folder) for name, folder in folders.items()},
    }


def found(values, places):
    return {(value, name) for value in values for name, text in places.items() if value in text}


def test_nothing_of_an_erased_person_is_left_outside_the_law(
    planted, valkey, caplog, tmp_path, client, journal, monkeypatch
):
    caplog.set_level(logging.INFO)
    user, values = planted
    subject = user.subject
    media = tmp_path / "media"
    monkeypatch.setattr(settings, "MEDIA_ROOT", media)
    (media / "copies").mkdir(parents=True)
    folders = {"media": media, "journal": journal.parent}
    client.force_login(user)
    assert client.get("/privacy/").status_code == 200
    b"".join(packing.stream(subject))

    # The search finds what is there: all of it in the dump, and one that is laid into each other place.
    before = found(values, everywhere(valkey, caplog, folders))
    assert {value for value, _place in before} == set(values)
    # The redaction would strike out an address or a number; a name it cannot know.
    (one, two, three, *_rest) = (value for value in values if value.endswith("w"))
    valkey.set("planted", one)
    logging.getLogger("django.request").warning("%s", two)
    (media / "copies" / "left.txt").write_text(three)
    seen = found(values, everywhere(valkey, caplog, folders))
    assert {(one, "valkey"), (three, "media")} <= seen
    assert (two, "logs") in seen
    valkey.flushdb()
    caplog.clear()
    (media / "copies" / "left.txt").unlink()

    outcome = erasing.erase(subject, acted_by=None, why="Article 17, case 2026-17")
    assert outcome.finished
    assert found(values, everywhere(valkey, caplog, folders)) == set()
    # What a law keeps stands in its archive and nowhere else.
    archived = dump("--schema=law_archive")
    kept = {value for value in values if value in archived}
    assert kept
    assert {values[value].partition(".")[0] for value in kept} == {"orders"}
    assert not any(value in outcome_text for value in values for outcome_text in map(str, outcome.kept))


def test_what_was_held_runs_out_by_itself(planted):
    user, values = planted
    subject = user.subject
    erasing.erase(subject, acted_by=None, why="Article 17")
    archived = dump("--schema=law_archive")
    assert any(value in archived for value in values)
    last = max(kept.until for kept in archive.index(whereabouts.family(subject)))
    assert last < timezone.now() + dt.timedelta(days=366 * 4)
    # The archive does not believe a moment that has not come, so its days are moved instead of the clock.
    aged.as_owner("UPDATE law_archive.kept SET until = until - interval '5 years'")
    expiring.expire()
    assert found(values, {"dump": dump()}) == set()
    assert Subject.objects.filter(pk=subject.pk).exists()


def test_the_dump_is_of_this_database():
    marker = letter(body=f"marker {os.getpid()}")
    assert f"marker {os.getpid()}" in dump()
    RequestMessage.objects.filter(pk=marker.pk).delete()
    assert f"marker {os.getpid()}" not in dump()
