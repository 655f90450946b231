"""What only a law keeps cannot be read by the store itself but by naming law and reason, which stays written down."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from privacy.errors import NotOpened
from privacy.internal import archive, database, expiring
from privacy.models import ArchiveLook, LegalHold, Subject
from tests.support import aged

REASON = "Tax audit of the year, file 17"


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def buyer(transactional_db):
    subject = aged.order(placed_at=aged.days_ago(125)).subject
    expiring.expire()
    return subject


@pytest.fixture
def staff(transactional_db):
    return Subject.objects.create(kind=Subject.Kind.EMPLOYEE)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM law_archive.kept",
        "SELECT count(*) FROM law_archive.kept",
        "DELETE FROM law_archive.kept",
        "UPDATE law_archive.kept SET until = now()",
        "SELECT * FROM law_archive.rule",
        "INSERT INTO law_archive.rule SELECT * FROM law_archive.rule",
        "COPY law_archive.kept TO STDOUT",
        "GRANT USAGE ON SCHEMA law_archive TO CURRENT_USER",
        "ALTER FUNCTION privacy_archive_open(uuid) OWNER TO CURRENT_USER",
        "CREATE OR REPLACE FUNCTION privacy_archive_open(trace uuid) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "INSERT INTO privacy_archivelook SELECT * FROM privacy_archivelook",
        "UPDATE privacy_archivelook SET reason = 'none at all'",
        "DELETE FROM privacy_archivelook",
        "SELECT * FROM privacy_archive_open(gen_random_uuid())",
        "SELECT privacy_archive_ask((SELECT id FROM privacy_subject LIMIT 1), '', 'a reason of ten', NULL)",
        "SELECT privacy_archive_ask((SELECT id FROM privacy_subject LIMIT 1), 'contract', 'short', NULL)",
        "SELECT * FROM privacy_archive_expire('2100-01-01', 1000)",
        "SELECT * FROM privacy_archive_take('orders_order', '{1}', '2100-01-01')",
        "SELECT * FROM privacy_archive_take('auth_group', '{1}', now())",
    ],
)
@pytest.mark.django_db
def test_the_application_role_is_refused(sql):
    with pytest.raises(DatabaseError), transaction.atomic():
        run(sql)


def test_law_and_reason_open_what_that_law_keeps_of_one_person(buyer, staff):
    aged.order(placed_at=aged.days_ago(125), email="other@example.com")
    expiring.expire()
    shown = archive.look(buyer, law="contract", reason=REASON, staff=staff)
    assert {one.table for one in shown} == {"orders_ordercontact", "orders_deliveryaddress", "orders_order"}
    values = {name: value for one in shown for name, value in one.values.items()}
    assert (values["email"], values["recipient"]) == ("mina@example.com", "Mina Kim")
    (trace,) = ArchiveLook.objects.all()
    assert (trace.subject, trace.staff, trace.law, trace.reason, trace.rows) == (buyer, staff, "contract", REASON, 3)


def test_a_guest_that_was_merged_is_the_same_person(buyer, staff):
    account = aged.account().subject
    Subject.objects.filter(pk=buyer.pk).update(merged_into=account)
    assert len(archive.look(account, law="payment", reason=REASON, staff=staff)) == 1


def test_without_law_or_reason_it_stays_shut(buyer, staff):
    for law, reason in (("", REASON), ("contract", ""), ("contract", "because")):
        with pytest.raises(NotOpened):
            archive.look(buyer, law=law, reason=reason, staff=staff)
    assert not ArchiveLook.objects.exists()


def test_another_law_opens_nothing_and_the_attempt_stays_written(buyer, staff):
    assert archive.look(buyer, law="complaint", reason=REASON, staff=staff) == []
    assert ArchiveLook.objects.get().rows == 0


def test_reading_and_rolling_back_reads_nothing(buyer, staff):
    """Whoever asks and reads in one transaction could roll the question back, and nobody would ever know."""
    ask = "SELECT privacy_archive_ask(%s, 'contract', %s, %s)"
    with transaction.atomic():
        ((trace,),) = run(ask, str(buyer.pk), REASON, str(staff.pk))
        with pytest.raises(DatabaseError, match="commit the question"), transaction.atomic():
            run("SELECT * FROM privacy_archive_open(%s)", str(trace))
    assert len(run("SELECT * FROM privacy_archive_open(%s)", str(trace))) == 3


def test_an_old_question_opens_nothing(buyer, staff):
    ((trace,),) = run("SELECT privacy_archive_ask(%s, 'contract', %s, %s)", str(buyer.pk), REASON, str(staff.pk))
    aged.as_owner(
        "ALTER TABLE privacy_archivelook DISABLE TRIGGER USER;"
        "UPDATE privacy_archivelook SET looked_at = now() - interval '16 minutes';"
        "ALTER TABLE privacy_archivelook ENABLE TRIGGER USER"
    )
    with pytest.raises(DatabaseError, match="ask first"):
        run("SELECT * FROM privacy_archive_open(%s)", str(trace))


def test_a_look_inside_a_longer_transaction_is_refused_before_anything_is_asked(buyer, staff):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        archive.look(buyer, law="contract", reason=REASON, staff=staff)


def test_a_hold_prolongs_what_is_kept_apart_field_by_field_until_the_last_ends(buyer):
    soon, later = (timezone.now() + dt.timedelta(days=days) for days in (30, 60))
    for column, until in (("street", soon), ("city", later)):
        LegalHold.objects.create(
            table_name="orders_deliveryaddress", column_name=column, law="Court order 1", reason="dispute", until=until
        )
    aged.as_owner("UPDATE law_archive.kept SET until = now() - interval '1 hour'")
    night = expiring.expire()
    assert night.tally.removed.total() == 3
    assert night.tally.moved == {("orders_deliveryaddress", "contract"): 1}
    (apart,) = archive.index([buyer.pk])
    assert (set(apart.columns), apart.until, apart.law) == ({"street", "city"}, soon, "Court order 1")
    # The first hold has ended.
    LegalHold.objects.filter(column_name="street").update(until=aged.days_ago(1))
    aged.as_owner("UPDATE law_archive.kept SET until = now() - interval '1 hour'")
    expiring.expire()
    (apart,) = archive.index([buyer.pk])
    assert (apart.columns, apart.until) == (("city",), later)
    LegalHold.objects.update(lifted_at=timezone.now())
    aged.as_owner("UPDATE law_archive.kept SET until = now() - interval '1 hour'")
    expiring.expire()
    assert archive.index([buyer.pk]) == []


def test_values_of_the_archive_stand_nowhere_else(buyer):
    """What moved is gone from every table that the store reads."""
    assert "mina@example.com" in str(aged.as_owner("SELECT personal_values FROM law_archive.kept"))
    for table in connection.introspection.table_names():
        assert "mina@example.com" not in str(run(f'SELECT * FROM "{table}"')), table


def test_a_loosened_archive_is_found(transactional_db):
    assert not [line for line in database.differences() if "archive" in line]
    for damage, seen in (
        ("GRANT USAGE ON SCHEMA law_archive TO kmall24_app", "may enter"),
        ("GRANT SELECT ON law_archive.kept TO kmall24_app", "may enter"),
        ("GRANT INSERT ON privacy_archivelook TO kmall24_app", "trace"),
        ("COMMENT ON SCHEMA law_archive IS 'other rules'", "other rules"),
    ):
        aged.as_owner(damage)
        try:
            assert [line for line in database.differences() if seen in line], damage
        finally:
            aged.reinstall()
    assert not [line for line in database.differences() if "archive" in line]
