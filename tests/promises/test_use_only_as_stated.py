"""use.only-as-stated: a personal value enters by a recorded collection, or it does not enter; each other way is tried."""

import json
from io import StringIO

import psycopg2
import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from privacy.declaration import Origin, personal_fields, personal_records
from privacy.errors import NotCollected
from privacy.gate import collecting
from privacy.internal import database
from privacy.internal.checks import adapters_are_used
from privacy.models import Collection, RequestMessage, Subject
from privacy.staff import PersonalAdmin
from tests.support.people import letter

pytestmark = pytest.mark.django_db

REFUSED = (NotCollected, DatabaseError, psycopg2.Error)


def refused(action) -> str:
    """Try it in a savepoint; the refusal's text, or a failure when it went through."""
    with pytest.raises(REFUSED) as caught, transaction.atomic():
        action()
    return str(caught.value)


def test_save_create_and_the_bulk_ways_are_refused_outside_a_collection():
    message = letter()
    message.body = "changed"
    values = {"request": message.request, "received_at": message.received_at, "subject": message.subject}
    for action in (
        message.save,
        lambda: RequestMessage.objects.create(**values, body="new", letter_digest="a"),
        lambda: RequestMessage.objects.get_or_create(letter_digest="b", defaults={**values, "body": "new"}),
        lambda: RequestMessage.objects.filter(pk=message.pk).update(body="new"),
        lambda: RequestMessage.objects.bulk_create([RequestMessage(**values, body="new", letter_digest="c")]),
        lambda: RequestMessage.objects.bulk_update([message], ["body"]),
    ):
        assert "collecting" in refused(action)
    assert RequestMessage.objects.get().body == "Hello"


def test_the_refusal_names_the_field():
    message = letter()
    message.sender = "other@example.com"
    with (
        pytest.raises(NotCollected, match="sender"),
        collecting(surface="mail.privacy_mailbox", subject=message.subject, fields=[RequestMessage.body]),
    ):
        message.save()


def run_sql(sql, params=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_raw_sql_of_the_application_role_is_refused():
    message = letter()
    assert "privacy gate" in refused(
        lambda: run_sql("UPDATE privacy_requestmessage SET body = 'raw' WHERE id = %s", [message.pk])
    )


def test_copy_is_refused():
    message = letter()

    def copy():
        row = f"{message.subject_id}\t{message.collection_id}\t{message.request_id}\tx@example.com\t\tcopied\tcp\t2026-01-01\n"
        with connection.cursor() as cursor:
            cursor.copy_expert(
                "COPY privacy_requestmessage "
                "(subject_id, collection_id, request_id, sender, heading, body, letter_digest, received_at) FROM STDIN",
                StringIO(row),
            )

    assert "privacy gate" in refused(copy)


def test_loaddata_is_refused(tmp_path):
    message = letter()
    fixture = tmp_path / "letters.json"
    fields = {
        "subject": str(message.subject_id),
        "collection": str(message.collection_id),
        "request": str(message.request_id),
        "body": "loaded",
        "letter_digest": "ld",
        "received_at": "2026-01-01T00:00:00Z",
    }
    fixture.write_text(json.dumps([{"model": "privacy.requestmessage", "pk": 10_000, "fields": fields}]))
    assert "privacy gate" in refused(lambda: call_command("loaddata", str(fixture), verbosity=0))


def test_a_collection_about_one_person_does_not_cover_another():
    message = letter()
    other = Subject.objects.create()

    def of_another_person():
        with collecting(surface="mail.privacy_mailbox", subject=other, fields=[RequestMessage.body]) as open_one:
            run_sql(
                "UPDATE privacy_requestmessage SET body = 'raw', collection_id = %s WHERE id = %s",
                [str(open_one.pk), message.pk],
            )

    assert "another person" in refused(of_another_person)


@pytest.mark.django_db(transaction=True)
def test_a_collection_of_an_earlier_transaction_opens_nothing():
    message = letter()

    def reuse():
        run_sql("SELECT set_config('privacy.collection', %s, true)", [str(message.collection_id)])
        run_sql("UPDATE privacy_requestmessage SET body = 'raw' WHERE id = %s", [message.pk])

    assert "recorded collection" in refused(reuse)


def test_the_door_closes_when_its_block_ends_inside_a_longer_transaction():
    message = letter()
    with collecting(surface="mail.privacy_mailbox", subject=message.subject, fields=[RequestMessage.body]):
        message.body = "inside"
        message.save()
    assert "privacy gate" in refused(
        lambda: run_sql("UPDATE privacy_requestmessage SET body = 'after' WHERE id = %s", [message.pk])
    )


def test_the_door_closes_when_its_block_fails():
    message = letter()
    with (
        pytest.raises(RuntimeError),
        collecting(surface="mail.privacy_mailbox", subject=message.subject, fields=[RequestMessage.body]),
    ):
        raise RuntimeError
    assert "privacy gate" in refused(
        lambda: run_sql("UPDATE privacy_requestmessage SET body = 'after' WHERE id = %s", [message.pk])
    )


def test_an_outer_door_is_open_again_when_an_inner_one_closes():
    message = letter()
    fields = [RequestMessage.body]
    with collecting(surface="mail.privacy_mailbox", subject=message.subject, fields=fields):
        with collecting(surface="post.privacy_mailbox", subject=Subject(), fields=fields):
            pass
        message.body = "still open"
        message.save()
    message.refresh_from_db()
    assert message.body == "still open"


def test_a_collection_cannot_be_changed_or_removed_by_the_store():
    message = letter()
    for sql in (
        "UPDATE privacy_collection SET surface = 'x'",
        "DELETE FROM privacy_collection",
        "TRUNCATE privacy_collection CASCADE",
        "UPDATE privacy_consentevent SET state = 'given'",
        "DELETE FROM privacy_disclosure",
        "ALTER TABLE privacy_requestmessage DISABLE TRIGGER privacy_gate",
        "DROP TRIGGER privacy_gate ON privacy_requestmessage",
        "CREATE OR REPLACE FUNCTION privacy_gate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET ROLE kmall24_owner",
        "SET session_replication_role = replica",
    ):
        refused(lambda sql=sql: run_sql(sql))
    assert Collection.objects.filter(pk=message.collection_id).exists()


def test_what_is_sent_as_transaction_id_is_overwritten():
    message = letter()
    forged = Collection.objects.create(
        subject=message.subject, surface="staff.admin", channel="staff", fields=[], policy_version="x", transaction_id=7
    )
    forged.refresh_from_db()
    assert forged.transaction_id != 7


def test_a_place_that_the_policy_does_not_name_collects_nothing():
    with (
        pytest.raises(NotCollected, match="no collection point"),
        collecting(surface="web.backdoor", subject=Subject(), fields=[RequestMessage.body]),
    ):
        pass


def test_a_form_that_faces_a_person_needs_its_notice():
    with (
        pytest.raises(NotCollected, match="notice"),
        collecting(surface="web.checkout", subject=Subject(), fields=[RequestMessage.body]),
    ):
        pass


def test_every_table_with_personal_values_has_its_trigger_and_a_missing_one_is_found():
    guarded = {trigger.table for trigger in database.gate_triggers()}
    for model in apps.get_models():
        if personal_fields(model, origin=Origin.PERSON):
            assert model._meta.db_table in guarded
    assert {m._meta.db_table for m in personal_records()} <= guarded
    assert "account_emailaddress" in guarded
    assert database.differences() == []


def test_every_personal_table_refuses_a_raw_row_outside_a_collection():
    """For each guarded table alike: a row made of nothing but its personal text columns is stopped by the gate."""
    for model in apps.get_models():
        fields = [f for f in personal_fields(model, origin=Origin.PERSON) if not f.choices]
        if not fields:
            continue
        column, value = fields[0].column, ["x"] if isinstance(fields[0], ArrayField) else "x"
        message = refused(
            lambda model=model, column=column, value=value: run_sql(
                f'INSERT INTO "{model._meta.db_table}" ("{column}") VALUES (%s)', [value]
            )
        )
        assert "privacy gate" in message, (model, message)


def _staff_change(model_admin, message):
    """What the admin does when a staff member changed one field of a form."""
    request = RequestFactory().post("/")
    request.user = type("Staff", (), {"subject": Subject.objects.create(kind=Subject.Kind.EMPLOYEE)})()
    message.body = "typed by staff"
    form = type("Form", (), {"changed_data": ["body"]})()
    model_admin.save_model(request, message, form, change=True)
    return request.user.subject


def test_a_plain_admin_over_a_personal_record_writes_nothing():
    message = letter()
    assert "collecting" in refused(lambda: _staff_change(admin.ModelAdmin(RequestMessage, admin.site), message))


def test_the_adapter_for_staff_writes_under_a_collection_that_names_who_did_it():
    message = letter()
    staff = _staff_change(PersonalAdmin(RequestMessage, admin.site), message)
    message.refresh_from_db()
    assert message.body == "typed by staff"
    assert (message.collection.surface, message.collection.acted_by) == ("staff.admin", staff)
    assert message.collection.fields == ["privacy_requestmessage.body"]


def test_a_plain_admin_over_a_personal_record_is_found_before_release():
    from accounts.models import SavedAddress

    real = admin.site._registry[SavedAddress]
    admin.site._registry[SavedAddress] = admin.ModelAdmin(SavedAddress, admin.site)
    try:
        found = [m.id for m in adapters_are_used()]
    finally:
        admin.site._registry[SavedAddress] = real
    assert found == ["privacy.E009"]
    assert list(adapters_are_used()) == []
