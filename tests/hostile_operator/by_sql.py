"""Attempts with the password of the role that the store signs in to PostgreSQL as."""

from __future__ import annotations

import uuid
from io import StringIO
from typing import Any

from django.db import connection, transaction

from orders.models import DeliveryAddress
from privacy import permission
from privacy.gate import collecting
from privacy.models import (
    Collection,
    ConsentEvent,
    Disclosure,
    LedgerEntry,
    Look,
    Preference,
    Publication,
    RequestMessage,
    Subject,
)
from tests.hostile_operator.ways import found_in_the_database, refused, sql, way
from tests.support.people import letter

BY = "SQL of the application role"
GATE, GRANT = "trigger `privacy_gate`", "no grant"
_UPDATE = "UPDATE privacy_requestmessage SET body = 'raw' WHERE id = %s"


@way(BY, GATE)
def insert_a_value_without_a_door(message: RequestMessage) -> None:
    with refused("may only be written inside a recorded collection"):
        sql(
            "INSERT INTO privacy_requestmessage (subject_id, collection_id, request_id, sender, heading, body, "
            "letter_digest, received_at) SELECT subject_id, collection_id, request_id, 'x@example.com', '', 'new', 'd', "
            "now() FROM privacy_requestmessage"
        )


@way(BY, GATE)
def change_a_value_without_a_door(message: RequestMessage) -> None:
    with refused("may only be written inside a recorded collection"):
        sql(_UPDATE, message.pk)


@way(BY, GATE)
def copy_a_file_of_values_in(message: RequestMessage) -> None:
    row = f"{message.subject_id}\t{message.collection_id}\t{message.request_id}\tx@example.com\t\tcopied\tcp\t2026-01-01\n"
    columns = "subject_id, collection_id, request_id, sender, heading, body, letter_digest, received_at"
    with refused("may only be written inside a recorded collection"), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY privacy_requestmessage ({columns}) FROM STDIN", StringIO(row))


@way(BY, GATE)
def forge_the_number_of_a_door(message: RequestMessage) -> None:
    with refused("may only be written inside a recorded collection"):
        sql("SELECT set_config('privacy.collection', %s, true)", str(uuid.uuid4()))
        sql(_UPDATE, message.pk)


@way(BY, GATE, transactional=True)
def use_the_door_of_an_earlier_transaction_again(transactional_db: None) -> None:
    message = letter()
    with refused("may only be written inside a recorded collection"):
        sql("SELECT set_config('privacy.collection', %s, true)", str(message.collection_id))
        sql(_UPDATE, message.pk)


@way(BY, "trigger `privacy_stamp`", transactional=True)
def make_a_door_for_a_transaction_still_to_come(transactional_db: None) -> None:
    message = letter()
    forged = Collection.objects.create(
        subject=message.subject,
        surface="staff.admin",
        channel="staff",
        fields=["privacy_requestmessage.body"],
        policy_version="2026-11-01",
        transaction_id=sql("SELECT pg_current_xact_id()::text::bigint + 1")[0][0] + 1,
    )
    with refused("may only be written inside a recorded collection"):
        sql("SELECT set_config('privacy.collection', %s, true)", str(forged.pk))
        sql(_UPDATE, message.pk)


@way(BY, GATE)
def write_about_another_person_than_the_door_is_for(message: RequestMessage) -> None:
    other = Subject.objects.create()
    with (
        refused("about another person"),
        collecting(surface="mail.privacy_mailbox", subject=other, fields=[RequestMessage.body]) as door,
    ):
        sql("UPDATE privacy_requestmessage SET body = 'raw', collection_id = %s WHERE id = %s", door.pk, message.pk)


@way(BY, GATE)
def write_a_column_that_the_door_does_not_name(message: RequestMessage) -> None:
    with (
        refused("does not cover privacy_requestmessage.sender"),
        collecting(surface="mail.privacy_mailbox", subject=message.subject, fields=[RequestMessage.body]) as door,
    ):
        sql(
            "UPDATE privacy_requestmessage SET sender = 'x@example.com', collection_id = %s WHERE id = %s",
            door.pk,
            message.pk,
        )


@way(BY, GATE)
def hand_a_row_to_another_person(message: RequestMessage) -> None:
    with refused("may only be written inside a recorded collection"):
        sql("UPDATE privacy_requestmessage SET subject_id = %s", Subject.objects.create().pk)


@way(BY, "functions look in `public` first", transactional=True)
def lay_a_temporary_table_over_the_doors(transactional_db: None) -> None:
    message = letter()
    with refused("may only be written inside a recorded collection"):
        sql("CREATE TEMP TABLE privacy_collection AS SELECT * FROM public.privacy_collection")
        sql("UPDATE pg_temp.privacy_collection SET transaction_id = pg_current_xact_id()::text::bigint")
        sql("SELECT set_config('privacy.collection', %s, true)", str(message.collection_id))
        sql(_UPDATE, message.pk)


@way(BY, "check `privacy.E050`")
def open_a_door_at_a_collection_point_that_the_policy_does_not_name(message: RequestMessage) -> None:
    Collection.objects.create(
        subject=message.subject,
        surface="web.back_entrance",
        channel="web",
        fields=["privacy_requestmessage.body"],
        policy_version="2026-11-01",
    )
    assert "collected at web.back_entrance" in found_in_the_database()


@way(
    BY,
    "",
    open_because="The store itself opens doors with this role, so whoever has its password can do what the store does. The "
    "collection that they need stays in the ledger and in the person's privacy centre, and cannot be removed.",
)
def open_a_door_by_hand_at_a_collection_point_of_the_policy(message: RequestMessage) -> None:
    with refused("privacy gate"):
        door = Collection.objects.create(
            subject=message.subject,
            surface="staff.admin",
            channel="staff",
            fields=["privacy_requestmessage.body"],
            policy_version="2026-11-01",
        )
        sql("UPDATE privacy_requestmessage SET body = 'raw', collection_id = %s WHERE id = %s", door.pk, message.pk)


@way(BY, f"{GRANT} of UPDATE; trigger `privacy_insert_only`")
def change_what_was_collected(message: RequestMessage) -> None:
    with refused("permission denied"):
        sql("UPDATE privacy_collection SET surface = 'web.checkout'")


@way(BY, f"{GRANT} of UPDATE; trigger `privacy_insert_only`")
def turn_a_withdrawal_into_a_yes(message: RequestMessage) -> None:
    permission.withdraw(message.subject, method="mail")
    with refused("permission denied"):
        sql("UPDATE privacy_consentevent SET state = 'given'")


@way(BY, f"{GRANT} of DELETE; trigger `privacy_insert_only`")
def delete_the_trace_of_a_disclosure(message: RequestMessage) -> None:
    with refused("permission denied"):
        sql("DELETE FROM privacy_disclosure")


@way(BY, f"{GRANT} of DELETE; trigger `privacy_insert_only`")
def delete_the_trace_of_who_looked(message: RequestMessage) -> None:
    with refused("permission denied"):
        sql("DELETE FROM privacy_look")


@way(BY, f"{GRANT} of TRUNCATE")
def empty_a_table_of_evidence(message: RequestMessage) -> None:
    for model in (Collection, ConsentEvent, Disclosure, Look, LedgerEntry, Publication):
        with refused("permission denied"):
            sql(f"TRUNCATE {model._meta.db_table} CASCADE")


@way(BY, "trigger `preference_follows_event`")
def set_a_preference_to_yes_without_a_choice(message: RequestMessage) -> None:
    permission.withdraw(message.subject, method="mail")
    with refused("a preference says what its consent event says"):
        sql("UPDATE privacy_preference SET state = 'given'")


@way(BY, "trigger `preference_follows_event`")
def lend_one_person_the_yes_of_another(message: RequestMessage, yes: ConsentEvent) -> None:
    with refused("follows the choice of the person themselves"):
        Preference.objects.create(
            subject=message.subject,
            purpose=yes.purpose,
            channel=yes.channel,
            state="given",
            event=yes,
            since=yes.received_at,
        )


@way(BY, "trigger `preference_follows_event`")
def make_a_permission_last_for_ever(yes: ConsentEvent) -> None:
    sql("UPDATE privacy_preference SET valid_until = now()")
    with refused("only a new choice"):
        sql("UPDATE privacy_preference SET valid_until = NULL")


@way(BY, f"{GRANT} of DELETE")
def remove_a_no_so_that_nobody_was_asked(message: RequestMessage) -> None:
    permission.withdraw(message.subject, method="mail")
    with refused("permission denied"):
        sql("DELETE FROM privacy_preference")


@way(BY, "check `privacy.E050`")
def add_a_yes_to_words_that_nobody_was_shown(message: RequestMessage) -> None:
    _forge_a_yes(message.subject, text_digest="0" * 64)
    assert "1 permissions name words that the store never kept" in found_in_the_database()


@way(
    BY,
    "",
    open_because="Such a row is what the store itself writes when somebody says yes. It stands in the ledger and in the "
    "person's privacy centre, names a page and a moment, and has no receipt; nothing in the row itself is wrong.",
)
def add_a_yes_to_words_that_others_were_shown(message: RequestMessage, yes: ConsentEvent) -> None:
    _forge_a_yes(message.subject, text_digest=yes.text_digest)
    assert "forged" in found_in_the_database()


def _forge_a_yes(person: Subject, **what: Any) -> None:
    ConsentEvent.objects.create(
        subject=person,
        purpose="marketing.communications.email",
        channel="email",
        state="given",
        method="form",
        surface="web.account",
        policy_version="2026-11-01",
        locale="en",
        **what,
    )


@way(
    BY,
    "",
    open_because="The store reads with this role what it works with, so its password opens what the store can open. It does "
    "not open the law's archive. Who may have that password is for the operator of the installation to decide.",
)
def read_every_address_without_leaving_a_look(address: DeliveryAddress) -> None:
    assert sql("SELECT street FROM orders_deliveryaddress WHERE id = %s", address.pk)
    assert Look.objects.exists()


@way(BY, "check `privacy.E050`")
def write_down_a_hand_over_to_a_stranger_as_if_it_were_stated(message: RequestMessage) -> None:
    Disclosure.objects.create(
        subject=message.subject,
        handed_to="data_broker",
        purpose="marketing.communications.email",
        legal_basis="contract",
        fields=[],
        record="",
        policy_version="2026-11-01",
    )
    assert "handed to data_broker" in found_in_the_database()


@way(BY, "owner of the table only")
def switch_a_trigger_off(message: RequestMessage) -> None:
    with refused("must be owner"):
        sql("ALTER TABLE privacy_requestmessage DISABLE TRIGGER privacy_gate")


@way(BY, "owner of the table only")
def drop_a_trigger(message: RequestMessage) -> None:
    with refused("must be owner"):
        sql("DROP TRIGGER privacy_insert_only ON privacy_consentevent")


@way(BY, f"{GRANT} on the schema")
def replace_the_function_of_a_trigger(message: RequestMessage) -> None:
    with refused("permission denied|must be owner"):
        sql("CREATE OR REPLACE FUNCTION privacy_gate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")


@way(BY, "a superuser's setting")
def call_oneself_a_replica_for_which_no_trigger_fires(message: RequestMessage) -> None:
    with refused("permission denied to set parameter"):
        sql("SET session_replication_role = replica")


@way(BY, f"{GRANT} on the schema")
def create_a_function_that_runs_as_somebody_else(message: RequestMessage) -> None:
    with refused("permission denied for schema public"):
        sql("CREATE FUNCTION public.helpful() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")


@way(BY, f"{GRANT} on the schema")
def make_a_table_of_ones_own_and_copy_people_into_it(message: RequestMessage) -> None:
    with refused("permission denied for schema public"):
        sql("CREATE TABLE public.backup AS SELECT sender FROM privacy_requestmessage")


@way(BY, "owner of the table only")
def add_a_column_that_nothing_declares(message: RequestMessage) -> None:
    with refused("must be owner"):
        sql("ALTER TABLE orders_order ADD COLUMN note text")


@way(BY, "owner of the table only")
def grant_oneself_the_right_to_change_evidence(message: RequestMessage) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        # PostgreSQL answers such a grant with a warning and grants nothing.
        cursor.execute("GRANT SELECT ON privacy_consentevent TO CURRENT_USER")
        cursor.execute("SELECT has_table_privilege('privacy_consentevent', 'UPDATE')")
        assert cursor.fetchone() == (False,)
    with refused("permission denied|no privileges"):
        sql("GRANT UPDATE, DELETE ON privacy_consentevent TO CURRENT_USER")
        sql("UPDATE privacy_consentevent SET state = 'given'")


@way(BY, "not a member of the owner")
def become_the_owner(message: RequestMessage) -> None:
    (owner,) = sql("SELECT tableowner FROM pg_tables WHERE tablename = 'privacy_collection'")[0]
    with refused("permission denied to set role"):
        sql(f'SET ROLE "{owner}"')


@way(BY, f"{GRANT} on the schema `law_archive`")
def read_what_only_a_law_keeps(message: RequestMessage) -> None:
    with refused("permission denied for schema law_archive"):
        sql("SELECT * FROM law_archive.kept")


@way(BY, "function `privacy_archive_ask`")
def open_the_archive_of_the_law_without_a_reason(message: RequestMessage) -> None:
    with refused("a reason of at least ten letters"):
        sql("SELECT privacy_archive_ask(%s, 'contract', '', %s)", message.subject_id, message.subject_id)


@way(BY, "not a member of `pg_write_server_files` or `pg_execute_server_program`")
def write_a_table_to_the_disk_or_into_a_program(message: RequestMessage) -> None:
    for target in ("'/tmp/people.csv'", "PROGRAM 'cat > /tmp/people.csv'"):
        with refused("permission denied to COPY"):
            sql(f"COPY privacy_requestmessage TO {target}")


@way(BY, f"{GRANT} of INSERT, UPDATE and DELETE")
def rewrite_the_ledger_itself(message: RequestMessage) -> None:
    for statement in (
        "DELETE FROM privacy_ledgerentry",
        "UPDATE privacy_ledgerentry SET nonce = gen_random_uuid()",
        "INSERT INTO privacy_ledgerentry SELECT * FROM privacy_ledgerentry",
        "DELETE FROM privacy_waitingleaf",
        "UPDATE privacy_treehead SET tree_size = 0",
    ):
        with refused("permission denied"):
            sql(statement)


@way(BY, "trigger `policy_publication`")
def let_a_policy_take_effect_today(message: RequestMessage) -> None:
    staff = [Subject.objects.create(kind=Subject.Kind.EMPLOYEE) for _ in range(2)]
    with refused("people must have"):
        sql(
            "INSERT INTO privacy_publication (id, version, effective, digest, founding, drafted_by_id, published_by_id, "
            "published_at) VALUES (gen_random_uuid(), to_char(now() + interval '1 day', 'YYYY-MM-DD'), "
            "now() + interval '1 day', 'd', false, %s, %s, now())",
            staff[0].pk,
            staff[1].pk,
        )
