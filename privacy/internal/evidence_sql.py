"""A preference says what its consent event says, and evidence that was forged with the store's own rights is found."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.backends.utils import CursorWrapper

from privacy.internal import policy
from privacy.records import PersonalRecord

TABLE = "privacy_preference"
NAME = "preference_follows_event"

# The events are evidence; the preference is a row that is changed, and the one that a send asks. A stop of one subject holds
# for all that are known to be the same person, a yes for nobody else.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    said privacy_consentevent%ROWTYPE;
    refused text;
BEGIN
    SELECT * INTO said FROM privacy_consentevent WHERE id = NEW.event_id;
    IF said.id IS NULL OR said.purpose <> NEW.purpose OR said.channel <> NEW.channel OR said.state <> NEW.state THEN
        refused := 'a preference says what its consent event says';
    ELSIF said.subject_id IS DISTINCT FROM NEW.subject_id AND (NEW.state = 'given' OR NOT EXISTS (
        SELECT FROM privacy_subject s WHERE (s.id = said.subject_id AND s.merged_into_id = NEW.subject_id)
            OR (s.id = NEW.subject_id AND s.merged_into_id = said.subject_id))) THEN
        refused := 'a preference follows the choice of the person themselves';
    ELSIF TG_OP = 'UPDATE' AND NEW.event_id = OLD.event_id
        AND coalesce(NEW.valid_until, 'infinity') > coalesce(OLD.valid_until, 'infinity') THEN
        refused := 'only a new choice makes a permission last longer';
    END IF;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'permission: %', refused
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{NAME}';
    END IF;
    RETURN NULL;
END $body$;
"""  # noqa: S608 - names of ours


def install(cursor: CursorWrapper, role: str) -> None:
    """Bring the rule to what it must be. Runs as the owner; safe to repeat."""
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL, current_user", [TABLE])
    present, me = cursor.fetchone()
    if not present:
        return
    cursor.execute(FUNCTION)
    cursor.execute(
        f"CREATE OR REPLACE TRIGGER {NAME} AFTER INSERT OR UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()"
    )
    if me != role:
        # Where the law asks for no yes, a "no" that is gone would be none.
        cursor.execute(f'REVOKE DELETE ON {TABLE} FROM "{role}"')


def differences(cursor: CursorWrapper, role: str) -> Iterator[str]:
    """What the database lacks of the rule; nothing when it stands."""
    cursor.execute(
        "SELECT t.tgenabled, p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgrelid = %s::regclass AND t.tgname = %s",
        [TABLE, NAME],
    )
    if cursor.fetchone() not in (("O", NAME), ("A", NAME)):
        yield f"{TABLE} has no {NAME} trigger, or one that is switched off"
    cursor.execute("SELECT has_table_privilege(%s, %s, 'DELETE')", [role, TABLE])
    if cursor.fetchone()[0]:
        yield f"a person's no in {TABLE} may be removed by the application role"


# One index scan per collection point, however many collections there are.
_SURFACES = """
    WITH RECURSIVE point AS (
        (SELECT surface FROM privacy_collection ORDER BY surface LIMIT 1)
        UNION ALL
        SELECT (SELECT surface FROM privacy_collection WHERE surface > point.surface ORDER BY surface LIMIT 1)
        FROM point WHERE point.surface IS NOT NULL
    ) SELECT surface FROM point WHERE surface IS NOT NULL
"""
_UNSEEN_YES = """
    SELECT count(*) FROM privacy_consentevent e WHERE e.state = 'given'
    AND NOT EXISTS (SELECT FROM privacy_showntext t WHERE t.digest = e.text_digest)
"""
_HAND_OVERS = "SELECT DISTINCT handed_to, purpose FROM privacy_disclosure WHERE legal_order_id IS NULL"
_OTHERS_ORDERS = """
    SELECT count(*) FROM privacy_disclosure d JOIN privacy_legalorder o ON o.id = d.legal_order_id
    WHERE o.subject_id <> d.subject_id
"""
_BACK_FROM_ERASURE = """
    SELECT count(*) FROM "{table}" r JOIN privacy_collection c ON c.id = r.collection_id
    JOIN privacy_subject s ON s.id = r.subject_id
    WHERE EXISTS (
        SELECT FROM privacy_erasure a WHERE a.subject_id IN (s.id, s.merged_into_id) AND a.done_at > c.received_at
    )
"""


def forgeries(cursor: CursorWrapper) -> Iterator[str]:
    """What stands in the tables and was not written by the store's own doors, as far as the rows themselves tell.

    Somebody with the store's password to the database can add evidence. What they cannot do is remove it again, or make it
    agree with a policy that does not say it.
    """
    versions = [policy.load(version) for version in policy.versions()]
    stated = {surface for version in versions for surface in version.surfaces}
    cursor.execute(_SURFACES)
    for (surface,) in cursor.fetchall():
        if surface not in stated:
            yield f"something was collected at {surface}, which no version of the policy names"
    receives = {
        (to.id, purpose) for version in versions for to in version.recipients.values() for purpose in to.receives
    }
    cursor.execute(_HAND_OVERS)
    for to, purpose in cursor.fetchall():
        if (to, purpose) not in receives:
            yield f"something was handed to {to} for {purpose}, which no version of the policy states"
    cursor.execute(_UNSEEN_YES)
    if unseen := cursor.fetchone()[0]:
        yield f"{unseen} permissions name words that the store never kept as shown"
    cursor.execute(_OTHERS_ORDERS)
    if others := cursor.fetchone()[0]:
        yield f"{others} hand-overs name a legal order about another person"
    for model in apps.get_models():
        if issubclass(model, PersonalRecord):
            cursor.execute(_BACK_FROM_ERASURE.format(table=model._meta.db_table))
            if back := cursor.fetchone()[0]:
                yield f"{back} rows of {model._meta.db_table} were erased and are back"
