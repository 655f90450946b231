"""The database's side of publishing: a version of the policy comes into force by two people, with time to read, and in order."""

from __future__ import annotations

from django.conf import settings
from django.db.backends.utils import CursorWrapper

TABLE = "privacy_publication"
NAME = "policy_publication"

# Arguments: the days that people have to read it, and the zone in which a day begins.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    refused text;
BEGIN
    NEW.published_at := now();
    IF NEW.version IS DISTINCT FROM to_char(NEW.effective, 'YYYY-MM-DD') THEN
        refused := 'a version is named for the day on which it takes effect';
    ELSIF EXISTS (SELECT FROM {TABLE} WHERE effective >= NEW.effective) THEN
        refused := 'a version takes effect after every version that is published';
    ELSIF NEW.founding THEN
        -- What was there when the installation was made; rows of this very transaction are part of the same act.
        IF NEW.effective > (now() AT TIME ZONE TG_ARGV[1])::date THEN
            refused := 'the store itself publishes only versions whose day has come';
        ELSIF EXISTS (SELECT FROM {TABLE} WHERE NOT founding OR published_at <> now()) THEN
            refused := 'the store itself publishes only when nothing is published yet; now it takes two people';
        END IF;
    ELSIF NEW.effective::timestamp AT TIME ZONE TG_ARGV[1] < now() + make_interval(days => TG_ARGV[0]::integer) THEN
        refused := format('people must have %s days to read it before it takes effect', TG_ARGV[0]);
    END IF;
    IF refused IS NOT NULL THEN
        RAISE EXCEPTION 'policy: %', refused
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{NAME}';
    END IF;
    RETURN NEW;
END $body$;
"""  # noqa: S608 - the name of a table of ours


def _arguments() -> tuple[str, str]:
    return str(settings.POLICY_NOTICE_DAYS), settings.TIME_ZONE


def install(cursor: CursorWrapper, _role: str) -> None:
    """Bring the rule to what the settings ask for. Runs as the owner; safe to repeat."""
    days, zone = _arguments()
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TABLE])
    if not cursor.fetchone()[0]:
        return
    cursor.execute(FUNCTION)
    cursor.execute(
        f"CREATE OR REPLACE TRIGGER {NAME} BEFORE INSERT ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {NAME}('{days}', '{zone}')"
    )


def differences(cursor: CursorWrapper) -> list[str]:
    """What the database lacks of the rule; empty when it stands as the settings ask."""
    cursor.execute(
        "SELECT t.tgenabled, p.proname, encode(t.tgargs, 'escape') FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE c.relname = %s AND t.tgname = %s",
        [TABLE, NAME],
    )
    row = cursor.fetchone()
    if row is None:
        return [f"{TABLE} has no {NAME} trigger"]
    enabled, function, arguments = row
    found = []
    if enabled == "D":
        found.append(f"the {NAME} trigger of {TABLE} is switched off")
    if function != NAME:
        found.append(f"the {NAME} trigger of {TABLE} calls {function}")
    if tuple(arguments.split("\\000")[:-1]) != _arguments():
        found.append(f"the {NAME} trigger of {TABLE} leaves people another time to read than the settings ask")
    return found
