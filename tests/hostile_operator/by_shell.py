"""Attempts in Python, as at a console of the store or from a line that somebody slipped into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.db.models import F, Value
from django.db.models.signals import post_save

from accounts.models import Profile, User
from catalogue.models import Product
from orders.models import DeliveryAddress, OrderContact
from privacy.declaration import Category, Keep, Origin, Purpose, personal, personal_fields
from privacy.internal.checks import (
    columns,
    every_model_takes_a_position,
    no_value_runs_out,
    personal_values_stand_in_personal_records,
)
from privacy.internal.checks.columns import columns_are_stated_first, migrations_bring_only_what_is_declared
from privacy.models import Collection, ConsentEvent, RequestMessage
from tests.hostile_operator.ways import code, found_in, refused, way

BY = "The console and code"
ORM, GATE = "the record's own `save()` and `QuerySet`", "trigger `privacy_gate`"


def _like(message: RequestMessage, digest: str) -> dict[str, Any]:
    return {
        "request": message.request,
        "subject": message.subject,
        "received_at": message.received_at,
        "letter_digest": digest,
        "body": "new",
    }


@way(BY, ORM)
def save_a_changed_value(message: RequestMessage) -> None:
    message.body = "changed"
    with refused("collecting"):
        message.save()


@way(BY, ORM)
def save_one_column_only(message: RequestMessage) -> None:
    message.body = "changed"
    with refused("collecting"):
        message.save(update_fields=["body"])


@way(BY, ORM)
def create_a_record(message: RequestMessage) -> None:
    with refused("collecting"):
        RequestMessage.objects.create(**_like(message, "a"))


@way(BY, ORM)
def create_many_at_once(message: RequestMessage) -> None:
    with refused("collecting"):
        RequestMessage.objects.bulk_create([RequestMessage(**_like(message, "b"))])


@way(BY, ORM)
def update_many_at_once(message: RequestMessage) -> None:
    message.body = "changed"
    with refused("collecting"):
        RequestMessage.objects.bulk_update([message], ["body"])


@way(BY, ORM)
def update_by_a_query(message: RequestMessage) -> None:
    with refused("collecting"):
        RequestMessage.objects.filter(pk=message.pk).update(body="changed")


@way(BY, ORM)
def copy_one_column_into_another_by_an_expression(message: RequestMessage) -> None:
    for expression in (F("sender"), Value("changed")):
        with refused("collecting"):
            RequestMessage.objects.update(heading=expression)


@way(BY, ORM)
def get_or_create_and_update_or_create(message: RequestMessage) -> None:
    with refused("collecting"):
        RequestMessage.objects.get_or_create(letter_digest="c", defaults=_like(message, "c"))
    with refused("collecting"):
        RequestMessage.objects.update_or_create(pk=message.pk, defaults={"body": "changed"})


@way(BY, GATE)
def write_by_the_base_manager(message: RequestMessage) -> None:
    with refused("privacy gate"):
        RequestMessage._base_manager.filter(pk=message.pk).update(body="changed")


@way(BY, GATE)
def write_by_save_base(message: RequestMessage) -> None:
    message.body = "changed"
    with refused("privacy gate"):
        message.save_base(raw=True)


@way(BY, GATE)
def write_by_the_save_of_the_ordinary_model(message: RequestMessage) -> None:
    message.body = "changed"
    with refused("privacy gate"):
        models.Model.save(message)


@way(BY, GATE)
def write_by_a_raw_query(message: RequestMessage) -> None:
    with refused("privacy gate"):
        list(RequestMessage.objects.raw("UPDATE privacy_requestmessage SET body = 'raw' RETURNING *"))


@way(BY, GATE)
def write_what_was_read_as_unchanged(message: RequestMessage) -> None:
    message.body = "changed"
    message._as_read = {field.attname: getattr(message, field.attname) for field in message._meta.concrete_fields}
    with refused("privacy gate"):
        message.save()


@way(BY, GATE)
def write_the_sign_in_address_that_another_package_keeps(db: None) -> None:
    account = User.objects.create_user("mina@example.com", "long-enough-and-odd-42")
    with refused("privacy gate"):
        account.emailaddress_set.update(email="thief@example.com")


@way(BY, "no grant of DELETE")
def delete_evidence_by_a_query(message: RequestMessage) -> None:
    for rows in (Collection.objects.all(), ConsentEvent.objects.all()):
        with refused("permission denied"):
            rows._raw_delete("default")


@way(BY, "no grant of UPDATE")
def update_evidence_by_a_query(message: RequestMessage) -> None:
    with refused("permission denied"):
        Collection.objects.update(policy_version="2020-01-01")


@way(BY, ORM)
def write_in_the_receiver_of_a_signal(db: None) -> None:
    def copies_the_name(instance: User, **_signal: Any) -> None:
        Profile.objects.create(account=instance, name="Mina Kim", subject=instance.subject)

    post_save.connect(copies_the_name, sender=User)
    try:
        with refused("does not cover name"):
            # The account's own door is open at this moment, and it is a door for its address.
            User.objects.create_user("mina@example.com", "long-enough-and-odd-42")
    finally:
        post_save.disconnect(copies_the_name, sender=User)


@way(BY, GATE)
def load_a_fixture_of_people(message: RequestMessage, tmp_path: Path) -> None:
    fields = _like(message, "ld") | {
        "request": str(message.request_id),
        "subject": str(message.subject_id),
        "collection": str(message.collection_id),
        "received_at": "2026-01-01T00:00:00Z",
    }
    fixture = tmp_path / "people.json"
    fixture.write_text(json.dumps([{"model": "privacy.requestmessage", "pk": 9999, "fields": fields}]))
    with refused("privacy gate"):
        call_command("loaddata", str(fixture), verbosity=0)


@way(BY, "no grant of UPDATE")
def load_a_fixture_over_evidence(yes: ConsentEvent, tmp_path: Path) -> None:
    fixture = tmp_path / "evidence.json"
    call_command("dumpdata", "privacy.consentevent", output=str(fixture), verbosity=0)
    fixture.write_text(fixture.read_text().replace('"under_gpc": false', '"under_gpc": true'))
    with refused("permission denied"):
        call_command("loaddata", str(fixture), verbosity=0)


@way(BY, "check `privacy.E023`")
def add_a_personal_column_before_a_policy_states_it(db: None) -> None:
    field = models.CharField(max_length=20, blank=True)
    personal(field, Category.PHONE, purposes=[Purpose.DELIVERY], keep=Keep.CONTRACT)
    with _planted(DeliveryAddress, "second_number", field):
        assert "privacy.E023" in {found.id for found in columns_are_stated_first()}


@way(BY, "check `privacy.E004`")
def add_a_column_about_a_person_without_declaring_it(db: None) -> None:
    with _planted(DeliveryAddress, "second_phone", models.CharField(max_length=20)):
        assert "privacy.E004" in {found.id for found in personal_values_stand_in_personal_records()}


@way(BY, "check `privacy.E024`")
def add_a_personal_column_by_a_migration_of_sql(db: None, monkeypatch: Any) -> None:
    planted = code(
        "orders/migrations/0099_quietly.py",
        'operations = [migrations.RunSQL("ALTER TABLE orders_order ADD COLUMN buyer_email text")]\n',
    )
    monkeypatch.setattr(columns, "migrations", lambda: [("orders", module) for module in planted.modules])
    assert "privacy.E024" in {found.id for found in migrations_bring_only_what_is_declared()}


@way(BY, "check `privacy.E001`")
def add_a_table_that_takes_no_position(db: None, monkeypatch: Any) -> None:
    monkeypatch.delattr(Product, "no_personal_data")
    assert "privacy.E001" in {found.id for found in every_model_takes_a_position()}


@way(BY, "check `privacy.E026`")
def put_a_value_into_a_column_of_json(db: None) -> None:
    planted = "def note(effect, contact):\n    effect.ids['email'] = contact.email\n    effect.save()\n"
    assert found_in(no_value_runs_out, code("orders/domain/note.py", planted)) == {"privacy.E026"}


@way(BY, "scan of every model in `tests/architecture/`")
def let_a_record_name_itself_after_a_person(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(OrderContact, "__str__", lambda contact: contact.email)
    named = []
    for model in apps.get_models():
        values = {f.attname: "SECRET" for f in personal_fields(model, origin=Origin.PERSON)}
        record = model(pk=1) if values else None
        if record is not None and model.__module__.split(".")[0] != "allauth":
            record.__dict__.update(values)
            named += [model] if "SECRET" in str(record) else []
    assert named == [OrderContact]


@way(BY, "check `privacy.E017`")
def print_a_value_in_a_command(db: None) -> None:
    planted = (
        "from django.core.management.base import BaseCommand\n"
        "class Command(BaseCommand):\n"
        "    def handle(self, **options):\n"
        "        for contact in OrderContact.objects.all():\n"
        "            self.stdout.write(contact.email)\n"
    )
    assert found_in(no_value_runs_out, code("orders/management/commands/buyers.py", planted)) == {"privacy.E017"}


@contextmanager
def _planted(model: type[models.Model], name: str, field: models.Field) -> Iterator[None]:
    """A column in a model for the length of a block."""
    field.set_attributes_from_name(name)
    field.model = model
    model._meta.local_fields.append(field)
    model._meta._expire_cache()
    try:
        yield
    finally:
        model._meta.local_fields.remove(field)
        model._meta._expire_cache()
