"""The database's side of the gate: functions, triggers and grants, generated from the models at every migration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from django.db.backends.utils import CursorWrapper

from privacy.declaration import Origin, personal_fields
from privacy.internal import archive, evidence_sql, mailboxes_sql, positions, publishing_sql
from privacy.internal.ledger import database as ledger
from privacy.internal.ledger import evidence

FUNCTIONS = """
CREATE OR REPLACE FUNCTION privacy_stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    -- The top-level transaction, the same inside savepoints; whatever was sent is overwritten.
    NEW.transaction_id := pg_current_xact_id()::text::bigint;
    -- The row itself opens the door: one statement instead of two on the way to every order.
    PERFORM set_config('privacy.collection', NEW.id::text, true);
    RETURN NEW;
END $body$;

CREATE OR REPLACE FUNCTION privacy_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Arguments: the column that leads to the subject; the table to hop over, or ''; then every personal column.
DECLARE
    after jsonb := to_jsonb(NEW);
    before jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ELSE '{}'::jsonb END;
    moved boolean := TG_OP = 'UPDATE' AND after->>TG_ARGV[0] IS DISTINCT FROM before->>TG_ARGV[0];
    written text[] := '{}';
    uncovered text[];
    person text;
    door_id text := coalesce(current_setting('privacy.collection', true), '');
    door privacy_collection%ROWTYPE;
BEGIN
    FOR i IN 2 .. TG_NARGS - 1 LOOP
        IF coalesce(after->>TG_ARGV[i], '') NOT IN ('', '{}', '[]')
           AND (moved OR TG_OP = 'INSERT' OR after->>TG_ARGV[i] IS DISTINCT FROM before->>TG_ARGV[i]) THEN
            written := written || (TG_TABLE_NAME || '.' || TG_ARGV[i]);
        END IF;
    END LOOP;
    IF written = '{}' THEN
        RETURN NEW;
    END IF;
    IF door_id <> '' THEN
        SELECT * INTO door FROM privacy_collection
        WHERE id = door_id::uuid AND transaction_id = pg_current_xact_id()::text::bigint;
    END IF;
    IF door.id IS NULL THEN
        RAISE EXCEPTION 'privacy gate: % may only be written inside a recorded collection', array_to_string(written, ', ')
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'privacy_gate';
    END IF;
    SELECT array_agg(name) INTO uncovered FROM unnest(written) AS name WHERE NOT name = ANY (door.fields);
    IF uncovered IS NOT NULL THEN
        RAISE EXCEPTION 'privacy gate: the open collection at % does not cover %', door.surface, array_to_string(uncovered, ', ')
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'privacy_gate';
    END IF;
    IF TG_ARGV[1] = '' THEN
        person := after->>TG_ARGV[0];
        IF after->>'collection_id' IS DISTINCT FROM door.id::text THEN
            RAISE EXCEPTION 'privacy gate: a row of % must name the collection under which it is written', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'privacy_gate';
        END IF;
    ELSE
        EXECUTE format('SELECT subject_id::text FROM %I WHERE id = $1', TG_ARGV[1])
            INTO person USING (after->>TG_ARGV[0])::bigint;
    END IF;
    IF person IS DISTINCT FROM door.subject_id::text THEN
        RAISE EXCEPTION 'privacy gate: the open collection is about another person than this row of %', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'privacy_gate';
    END IF;
    RETURN NEW;
END $body$;

CREATE OR REPLACE FUNCTION privacy_insert_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'privacy: rows of % are evidence; they are added and never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'privacy_insert_only';
END $body$;
"""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger as it must stand in the database."""

    name: str
    table: str
    when: str
    function: str
    arguments: tuple[str, ...] = ()

    @property
    def definition(self) -> str:
        """The statement that makes it, or makes it so again."""
        arguments = ", ".join(f"'{a}'" for a in self.arguments)
        return (
            f'CREATE OR REPLACE TRIGGER "{self.name}" {self.when} ON "{self.table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {self.function}({arguments})"
        )


def gate_triggers() -> Iterator[Trigger]:
    """A trigger for each table in which a person's own values stand, ours and those of other packages alike."""
    for model in apps.get_models():
        columns = [str(f.column) for f in personal_fields(model, origin=Origin.PERSON)]
        if not columns:
            continue
        hop = positions.hop_to_subject(model)
        arguments = (hop.column, hop.through_table, *columns)
        yield Trigger("privacy_gate", model._meta.db_table, "BEFORE INSERT OR UPDATE", "privacy_gate", arguments)
    yield Trigger("privacy_stamp", "privacy_collection", "BEFORE INSERT", "privacy_stamp")


def evidence_triggers() -> Iterator[Trigger]:
    """What evidence is guarded by: no change of a row, by whomever, and a leaf in the ledger for each row that is added."""
    for model in insert_only_models():
        yield Trigger("privacy_insert_only", model._meta.db_table, "BEFORE UPDATE OR DELETE", "privacy_insert_only")
    for source in evidence.sources():
        function = "privacy_leaf_numbered" if source.is_numbered else "privacy_leaf"
        yield Trigger("privacy_leaf", source.table, "AFTER INSERT", function)


def triggers() -> Iterator[Trigger]:
    """Every trigger that the models ask for."""
    yield from gate_triggers()
    yield from evidence_triggers()


def application_role() -> str:
    """The role as which the store signs in."""
    return settings.DATABASES["default"]["USER"] or "kmall24_app"


def install(using: str) -> None:
    """Bring functions, triggers and grants of a database to what the models ask for. Safe to repeat; runs as the owner."""
    role = application_role()
    with connections[using].cursor() as cursor:
        # `flush` announces a migration too, as the application role, which may build nothing and need not.
        cursor.execute(
            "SELECT to_regclass('privacy_collection') IS NOT NULL AND has_schema_privilege('public', 'CREATE')"
        )
        if not cursor.fetchone()[0]:
            return
        cursor.execute(FUNCTIONS)
        wanted = {(t.table, t.name): t for t in triggers()}
        existing_tables = set(connections[using].introspection.table_names(cursor))
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] != role:
            _grant(cursor, role, existing_tables)
        if ledger.ENTRIES in existing_tables:
            ledger.install(cursor, role)
        present = set(_present(cursor))
        for table, name in present - set(wanted):
            cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
        for trigger in wanted.values():
            if trigger.table in existing_tables:
                cursor.execute(trigger.definition)
        for source in evidence.sources():
            if source.table in existing_tables and (source.table, "privacy_leaf") not in present:
                cursor.execute(ledger.take_over_statement(source))
        archive.install(cursor, role)
        publishing_sql.install(cursor, role)
        evidence_sql.install(cursor, role)
        mailboxes_sql.install(cursor, existing_tables)


def _grant(cursor: CursorWrapper, role: str, existing_tables: set[str]) -> None:
    quoted = f'"{role}"'
    cursor.execute(
        f"GRANT USAGE ON SCHEMA public TO {quoted};"  # noqa: S608 - the role is a setting
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted};"
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted};"
        f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {quoted};"
    )
    for model in insert_only_models():
        if model._meta.db_table in existing_tables:
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{model._meta.db_table}" FROM {quoted}')


def insert_only_models() -> list[type[models.Model]]:
    """Every model whose rows are evidence; an app declares its own with the class attribute `insert_only = True`."""
    return [model for model in apps.get_models() if getattr(model, "insert_only", False)]


def _present(cursor: CursorWrapper) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT t.tgisinternal AND n.nspname = 'public' AND starts_with(t.tgname, 'privacy_')"
    )
    return cursor.fetchall()


def differences(using: str = "default") -> list[str]:
    """What the database lacks, or has too much of, against the models; empty when they agree."""
    found = []
    role = application_role()
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled, p.proname, encode(t.tgargs, 'escape') FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND n.nspname = 'public' AND starts_with(t.tgname, 'privacy_')"
        )
        present = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
        for trigger in triggers():
            row = present.pop((trigger.table, trigger.name), None)
            if row is None:
                found.append(f"{trigger.table} has no {trigger.name} trigger")
                continue
            enabled, function, arguments = row
            if enabled == "D":
                found.append(f"the {trigger.name} trigger of {trigger.table} is switched off")
            if function != trigger.function:
                found.append(f"the {trigger.name} trigger of {trigger.table} calls {function}")
            if tuple(arguments.split("\\000")[:-1]) != trigger.arguments:
                found.append(
                    f"the {trigger.name} trigger of {trigger.table} guards other columns than the models declare"
                )
        found += [f"{table} has a {name} trigger that no model asks for" for table, name in present]
        for model in insert_only_models():
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'UPDATE') OR has_table_privilege(%s, %s, 'DELETE')",
                [role, model._meta.db_table] * 2,
            )
            if cursor.fetchone()[0]:
                found.append(f"the application role may change {model._meta.db_table}, which is insert only")
        found += ledger.differences(cursor, role)
        found += publishing_sql.differences(cursor)
        found += evidence_sql.differences(cursor, role)
        found += archive.differences(cursor, role)
    return found
