"""Every row of evidence leaves a leaf in its own transaction, and the store's role can change, remove or invent none."""

import uuid
from threading import Thread

import psycopg2
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from privacy import permission
from privacy.internal import database
from privacy.internal.ledger import building, evidence, verifying
from privacy.models import ConsentEvent, LedgerEntry, LegalOrder, Subject, WaitingLeaf
from privacy.permission import DIRECT_MARKETING
from tests.support.aged import owning
from tests.support.people import letter

pytestmark = pytest.mark.django_db


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def add_leaf(source: str, record: uuid.UUID) -> None:
    run("INSERT INTO privacy_waitingleaf (source, record) VALUES (%s, %s)", source, record)


def withdrawal() -> ConsentEvent:
    event, *_others = permission.withdraw(Subject.objects.create(), method="mail")
    return event


def test_each_row_lets_one_leaf_wait():
    message = letter()
    leaf = WaitingLeaf.objects.get(record=message.collection_id)
    assert leaf.source == "privacy_collection"
    assert not leaf.earlier


def test_a_numbered_row_is_found_again_by_its_number():
    person = Subject.objects.create()
    order = LegalOrder.objects.create(authority="Court", reference="7", law="Act", subject=person, recorded_by=person)
    building.take_in()
    entry = LedgerEntry.objects.get(source="privacy_legalorder")
    assert evidence.source_of(entry.source).key_of(entry.record) == order.pk


def test_what_is_rolled_back_leaves_no_leaf():
    with transaction.atomic():
        withdrawal()
        transaction.set_rollback(True)
    assert not WaitingLeaf.objects.filter(source="privacy_consentevent").exists()


def test_every_kind_of_evidence_has_the_trigger_and_says_its_kind():
    kinds = {source.table: source.kind for source in evidence.sources()}
    assert kinds["privacy_consentevent"] == "consent"
    assert kinds["cookies_purgecertificate"] == "purge"
    guarded = {trigger.table for trigger in database.triggers() if trigger.name == "privacy_leaf"}
    assert guarded == set(kinds)
    assert guarded <= {trigger.table for trigger in database.triggers() if trigger.name == "privacy_insert_only"}


def test_a_kind_that_nobody_knows_is_refused(monkeypatch):
    monkeypatch.setattr(ConsentEvent, "ledger_kind", "gossip")
    with pytest.raises(ValueError, match="gossip"):
        evidence.sources()


def test_the_store_can_change_or_remove_nothing_of_the_ledger():
    withdrawal()
    building.extend()
    withdrawal()
    for table in ("ledgerentry", "ledgertile", "treehead", "ledgerkey", "waitingleaf", "consentevent", "collection"):
        for statement in (f"DELETE FROM privacy_{table}", f"TRUNCATE privacy_{table}"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                run(statement)
    columns = {"ledgerentry": "leaf_hash = leaf_hash", "waitingleaf": "source = source", "treehead": "tree_size = 1"}
    for table, change in columns.items():
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            run(f"UPDATE privacy_{table} SET {change}")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        LedgerEntry.objects.create(
            position=1, source="privacy_consentevent", record=uuid.uuid4(), width=1, nonce=uuid.uuid4(), leaf_hash=b"x"
        )


def test_a_leaf_that_the_store_adds_for_a_row_that_has_one_is_dropped():
    event = withdrawal()
    building.take_in()
    number = LedgerEntry.objects.count()
    for _ in range(3):
        add_leaf("privacy_consentevent", event.pk)
    building.take_in()
    assert LedgerEntry.objects.count() == number
    assert verifying.verify().is_true


def test_a_leaf_for_no_row_is_entered_and_found():
    record = uuid.uuid4()
    add_leaf("privacy_consentevent", record)
    building.extend()
    report = verifying.verify()
    assert report.first.what == "deleted"
    assert str(record) in str(report.first)


def test_the_store_cannot_call_its_evidence_older_than_the_ledger():
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run("INSERT INTO privacy_waitingleaf (source, record, earlier) VALUES ('x', gen_random_uuid(), true)")


def test_a_leaf_that_speaks_of_no_evidence_is_found():
    add_leaf("privacy_preference", uuid.uuid4())
    building.extend()
    assert verifying.verify().first.what == "stranger"


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_changes_evidence_while_the_trigger_stands():
    withdrawal()
    with owning() as ask:
        for statement in ("UPDATE privacy_consentevent SET state = 'given'", "DELETE FROM privacy_consentevent"):
            with pytest.raises(psycopg2.IntegrityError, match="are evidence"):
                ask(statement)


@pytest.mark.django_db(transaction=True)
def test_the_checks_see_a_trigger_that_is_gone_or_off():
    with owning() as ask:
        try:
            ask("ALTER TABLE privacy_consentevent DISABLE TRIGGER privacy_leaf")
            ask("DROP TRIGGER privacy_insert_only ON privacy_disclosure")
            ask("GRANT INSERT ON privacy_ledgerentry TO kmall24_app")
            found = "\n".join(database.differences())
        finally:
            ask("ALTER TABLE privacy_consentevent ENABLE TRIGGER privacy_leaf")
            ask(next(t.definition for t in database.triggers() if t.table == "privacy_disclosure" and "only" in t.name))
            ask("REVOKE INSERT ON privacy_ledgerentry FROM kmall24_app")
    assert "privacy_leaf trigger of privacy_consentevent is switched off" in found
    assert "privacy_disclosure has no privacy_insert_only trigger" in found
    assert "may insert into privacy_ledgerentry" in found
    assert database.differences() == []


@pytest.mark.django_db(transaction=True)
def test_evidence_that_is_older_than_the_ledger_is_taken_over_once():
    from privacy.internal.ledger import database as ledger

    source = evidence.source_of("privacy_consentevent")
    with owning() as ask:
        ask("ALTER TABLE privacy_consentevent DISABLE TRIGGER privacy_leaf")
        event = withdrawal()
        ask("ALTER TABLE privacy_consentevent ENABLE TRIGGER privacy_leaf")
        assert not WaitingLeaf.objects.filter(record=event.pk).exists()
        ask(ledger.take_over_statement(source))
        assert WaitingLeaf.objects.get(record=event.pk).earlier
        building.extend()
        assert verifying.verify().is_true
        # What slips in later is not made good by another migration: it is found.
        ask("ALTER TABLE privacy_consentevent DISABLE TRIGGER privacy_leaf")
        slipped_in = withdrawal()
        ask("ALTER TABLE privacy_consentevent ENABLE TRIGGER privacy_leaf")
        ask(ledger.take_over_statement(source))
    report = verifying.verify()
    assert report.first.what == "inserted"
    assert ConsentEvent.objects.filter(subject=slipped_in.subject).count() == len(DIRECT_MARKETING)


@pytest.mark.django_db(transaction=True)
def test_a_column_that_came_later_is_empty_in_older_rows_or_found():
    withdrawal()
    building.extend()
    with owning() as ask:
        try:
            ask("ALTER TABLE privacy_consentevent ADD COLUMN colour varchar(9) NOT NULL DEFAULT ''")
            assert verifying.verify().is_true
            ask("ALTER TABLE privacy_consentevent DISABLE TRIGGER privacy_insert_only")
            ask("UPDATE privacy_consentevent SET colour = 'red' WHERE purpose LIKE 'marketing.communications.email'")
            report = verifying.verify()
            assert report.first.what == "changed"
        finally:
            ask("ALTER TABLE privacy_consentevent ENABLE TRIGGER privacy_insert_only")
            ask("ALTER TABLE privacy_consentevent DROP COLUMN colour")


@pytest.mark.django_db(transaction=True)
def test_tree_and_evidence_are_checked_beside_each_other_in_one_snapshot(monkeypatch):
    event = withdrawal()
    building.extend()
    before = LedgerEntry.objects.count()
    open_second = verifying._same_snapshot
    monkeypatch.setattr(verifying, "_same_snapshot", lambda *of: (_meanwhile(), open_second(*of))[1])
    report = verifying.verify()
    assert report.is_true
    assert report.entries == before < LedgerEntry.objects.count()
    monkeypatch.undo()
    with owning() as ask:
        ask("ALTER TABLE privacy_consentevent DISABLE TRIGGER USER")
        ask("ALTER TABLE privacy_ledgerentry DISABLE TRIGGER USER")
        try:
            ask(f"UPDATE privacy_consentevent SET state = 'given' WHERE id = '{event.pk}'")
            ask("UPDATE privacy_ledgerentry SET leaf_hash = sha256(leaf_hash) WHERE position = 3")
        finally:
            ask("ALTER TABLE privacy_consentevent ENABLE TRIGGER USER")
            ask("ALTER TABLE privacy_ledgerentry ENABLE TRIGGER USER")
    assert {finding.what for finding in verifying.verify().findings} >= {"changed", "tree"}


def _meanwhile() -> None:
    """Somebody withdraws on another connection, and the signer comes by."""
    thread = Thread(target=lambda: (withdrawal(), building.extend(), connection.close()))
    thread.start()
    thread.join()


def test_the_models_of_evidence_have_plain_keys():
    for source in evidence.sources():
        assert apps.get_model(source.model._meta.label)._meta.pk.column == "id"
