"""The database's side of the ledger: the trigger that appends leaves, the function that takes them in, and who may do what."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from privacy.internal.ledger import evidence

WAITING, ENTRIES = "privacy_waitingleaf", "privacy_ledgerentry"
TAKE_IN = "privacy_ledger_take_in"

# Per table and not per row it would be cheaper for bulk, and dearer for the one row that an order or a choice writes. The
# role of whoever writes the evidence writes the leaf, so that no change of rights is paid for; it can add a leaf by hand
# for a row that has one (which is dropped) or for none (which `verify_ledger` names), and can do nothing else here.
LEAF_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION privacy_leaf() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO public.{WAITING} (source, record) VALUES (TG_TABLE_NAME, NEW.id);
    RETURN NULL;
END $body$;

CREATE OR REPLACE FUNCTION privacy_leaf_numbered() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO public.{WAITING} (source, record) VALUES (TG_TABLE_NAME, lpad(to_hex(NEW.id), 32, '0')::uuid);
    RETURN NULL;
END $body$;
"""  # noqa: S608 - the name of a table


def take_in_function(cursor: CursorWrapper) -> str:
    """The function that gives waiting leaves their place and their hash, written for the tables as they are now.

    It takes at most as many leaves as it is told and returns how many it took. One call at a time: a lock is held to the
    end of its transaction. A leaf whose row of evidence is not there is entered all the same, with a width of 0, so that
    the disappearance is found; a second leaf for a row that has its entry is dropped.
    """
    parts, known = [], []
    for source in evidence.sources():
        columns = evidence.columns_of(cursor, source.table)
        if not columns:
            continue  # its migration is still to come, and brings this function up to date again
        known.append(f"'{source.table}'")
        when = f'x."{source.time_column}"' if source.time_column else "now()"
        hashed = evidence.hash_of(source, columns, "x", "f.nonce")
        parts.append(
            f"SELECT f.*, CASE WHEN x.id IS NULL THEN 0 ELSE {len(columns)} END AS width, {hashed} AS leaf_hash, "  # noqa: S608
            f'coalesce({when}, now()) AS recorded_at FROM fresh f LEFT JOIN public."{source.table}" x '
            f"ON x.id = {source.row_of('f')} WHERE f.source = '{source.table}'"
        )
    strangers = f"WHERE f.source NOT IN ({', '.join(known)})" if known else ""
    parts.append(f"SELECT f.*, 0, sha256(uuid_send(f.nonce)), now() FROM fresh f {strangers}")  # noqa: S608
    hashed_rows = "\n        UNION ALL ".join(parts)
    return f"""
CREATE OR REPLACE FUNCTION {TAKE_IN}(most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    next_position bigint;
    taken bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('{TAKE_IN}'));
    SELECT coalesce(max(position) + 1, 0) INTO next_position FROM public.{ENTRIES};
    WITH moved AS (
        DELETE FROM public.{WAITING} WHERE ctid = ANY (ARRAY(SELECT ctid FROM public.{WAITING} LIMIT most))
        RETURNING ctid AS place, source, record, earlier
    ), fresh AS MATERIALIZED (
        SELECT DISTINCT ON (source, record) place, source, record, earlier, gen_random_uuid() AS nonce FROM moved m
        WHERE NOT EXISTS (SELECT FROM public.{ENTRIES} e WHERE e.record = m.record AND e.source = m.source)
        ORDER BY source, record, place
    ), hashed AS (
        {hashed_rows}
    ), entered AS (
        INSERT INTO public.{ENTRIES} (position, source, record, width, nonce, leaf_hash, recorded_at, earlier)
        SELECT next_position - 1 + row_number() OVER (ORDER BY place), source, record, width, nonce, leaf_hash,
            recorded_at, earlier FROM hashed
        RETURNING 1
    ) SELECT count(*) INTO taken FROM moved;
    RETURN taken;
END $body$;
"""  # noqa: S608 - names of tables and columns


def install(cursor: CursorWrapper, role: str) -> None:
    """Bring the ledger's functions and grants to what the models ask for. Runs as the owner, before the triggers are made."""
    cursor.execute(LEAF_FUNCTIONS)
    cursor.execute(take_in_function(cursor))
    cursor.execute(f"REVOKE ALL ON FUNCTION {TAKE_IN}(integer) FROM PUBLIC")
    cursor.execute("SELECT current_user")
    if cursor.fetchone()[0] != role:
        cursor.execute(
            f'REVOKE ALL ON {WAITING}, {ENTRIES} FROM "{role}";'
            f'GRANT SELECT, INSERT (source, record) ON {WAITING} TO "{role}";'
            f'GRANT SELECT ON {ENTRIES} TO "{role}";'
            f'GRANT EXECUTE ON FUNCTION {TAKE_IN}(integer) TO "{role}"'
        )


def take_over_statement(source: evidence.Source) -> str:
    """Let leaves wait for rows that were there before the ledger was. Only a table without any leaf is taken over."""
    return (
        f"INSERT INTO {WAITING} (source, record, earlier) "  # noqa: S608 - the names of tables
        f"SELECT '{source.table}', {source.record('x')}, true FROM \"{source.table}\" x "
        f"WHERE NOT EXISTS (SELECT FROM {WAITING} WHERE source = '{source.table}') "
        f"AND NOT EXISTS (SELECT FROM {ENTRIES} WHERE source = '{source.table}')"
    )


def differences(cursor: CursorWrapper, role: str) -> list[str]:
    """What the application role may do to the ledger and should not, or should and may not."""
    cursor.execute(
        f"SELECT has_table_privilege(%s, '{ENTRIES}', 'INSERT'), "
        f"has_table_privilege(%s, '{WAITING}', 'UPDATE') OR has_table_privilege(%s, '{WAITING}', 'DELETE'), "
        f"has_function_privilege(%s, '{TAKE_IN}(integer)', 'EXECUTE')",
        [role] * 4,
    )
    enters, removes, takes = cursor.fetchone()
    found = []
    if enters:
        found.append(f"the application role may insert into {ENTRIES}, which only {TAKE_IN} may")
    if removes:
        found.append(f"the application role may change {WAITING}")
    if not takes:
        found.append(f"the application role may not call {TAKE_IN}, so the ledger stands still")
    return found
