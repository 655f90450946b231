"""What is held of a variant is compared with its holds by what changed, not by adding all of them up at every sale."""

import importlib

import django.db.models.deletion
from django.db import migrations, models

# A sale of a thing that a thousand people hold added up a thousand rows, twice, while everybody waited for its lock. That the
# two books agreed before is known, so it is enough that they change alike: every change is put on the scales at once, and
# when the transaction ends they must be level. A savepoint that is rolled back takes its weights off again.
FORWARDS = """
CREATE OR REPLACE FUNCTION catalogue_hold_all(variants bigint[], quantities bigint[], under uuid, held_for interval)
RETURNS TABLE (variant bigint, free integer)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Hold pieces of several variants, each named once and in the order of their keys; the rows are those that are short, with
-- what is free of them.
BEGIN
    FOR n IN 1 .. cardinality(variants) LOOP
        IF variants[n] <= variants[n - 1] THEN
            RAISE EXCEPTION 'variants are locked in one order by everybody, each once' USING ERRCODE = 'check_violation';
        END IF;
        -- Who wants the same thing waits in one line, and is called once. At the row itself each would be called at every sale
        -- before theirs, to look and lie down again; behind this line the update sees the row as the last one left it. Only
        -- here: whoever prolongs or sells has the row before they come to need more.
        PERFORM pg_advisory_xact_lock(hashtextextended('catalogue_hold', variants[n]));
        IF NOT catalogue_hold_one(variants[n], quantities[n], under, held_for) THEN
            variant := variants[n];
            free := coalesce((SELECT v.stock FROM catalogue_variant AS v WHERE v.id = variants[n]), 0);
            RETURN NEXT;
        END IF;
    END LOOP;
END $body$;

DO $body$ BEGIN
    IF EXISTS (
        SELECT 1 FROM catalogue_variant AS v
         WHERE v.held <> (SELECT coalesce(sum(h.quantity), 0) FROM catalogue_hold AS h WHERE h.variant_id = v.id)
    ) THEN
        RAISE EXCEPTION 'what is held of some variant is not the sum of its holds';
    END IF;
END $body$;

DROP TRIGGER held_is_the_sum_of_holds_still ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds ON catalogue_hold;
DROP FUNCTION catalogue_held_is_the_sum();

CREATE FUNCTION catalogue_weigh() RETURNS trigger
LANGUAGE plpgsql AS $body$
-- Put a change on the scales of this transaction: what a variant says is held on the one side, its holds on the other.
DECLARE
    scales jsonb := coalesce(nullif(current_setting('catalogue.scales', true), ''), '{}');
    of_variant text;
    pieces bigint;
BEGIN
    IF TG_TABLE_NAME = 'catalogue_variant' THEN
        of_variant := coalesce(NEW.id, OLD.id);
        pieces := coalesce(NEW.held, 0) - coalesce(OLD.held, 0);
    ELSE
        of_variant := coalesce(NEW.variant_id, OLD.variant_id);
        pieces := coalesce(OLD.quantity, 0) - coalesce(NEW.quantity, 0);
    END IF;
    pieces := pieces + coalesce((scales ->> of_variant)::bigint, 0);
    scales := CASE WHEN pieces = 0 THEN scales - of_variant ELSE scales || jsonb_build_object(of_variant, pieces) END;
    PERFORM set_config('catalogue.scales', scales::text, true);
    RETURN NULL;
END $body$;

CREATE FUNCTION catalogue_scales_are_level() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    IF current_setting('catalogue.scales', true) <> '{}' THEN
        RAISE EXCEPTION 'what is held of variant % is not the sum of its holds',
            (SELECT min(variant::bigint) FROM jsonb_object_keys(current_setting('catalogue.scales')::jsonb) AS variant)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'held_is_the_sum_of_holds';
    END IF;
    RETURN NULL;
END $body$;

CREATE FUNCTION catalogue_no_hold_is_left_out() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Emptying a table puts nothing on the scales.
BEGIN
    IF EXISTS (SELECT 1 FROM catalogue_variant WHERE held <> 0) THEN
        RAISE EXCEPTION 'what is held of some variant is not the sum of its holds'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'held_is_the_sum_of_holds';
    END IF;
    RETURN NULL;
END $body$;

CREATE FUNCTION catalogue_a_hold_keeps_its_variant() RETURNS trigger
LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'a hold is of one variant for good' USING ERRCODE = 'check_violation';
END $body$;

CREATE TRIGGER a_hold_keeps_its_variant BEFORE UPDATE ON catalogue_hold FOR EACH ROW
WHEN (OLD.variant_id <> NEW.variant_id) EXECUTE FUNCTION catalogue_a_hold_keeps_its_variant();

CREATE TRIGGER no_hold_is_left_out AFTER TRUNCATE ON catalogue_hold
FOR EACH STATEMENT EXECUTE FUNCTION catalogue_no_hold_is_left_out();

CREATE TRIGGER weigh AFTER INSERT OR DELETE ON catalogue_hold FOR EACH ROW EXECUTE FUNCTION catalogue_weigh();
CREATE TRIGGER weigh_again AFTER UPDATE ON catalogue_hold FOR EACH ROW
WHEN (OLD.quantity <> NEW.quantity) EXECUTE FUNCTION catalogue_weigh();
CREATE TRIGGER weigh AFTER INSERT ON catalogue_variant FOR EACH ROW
WHEN (NEW.held <> 0) EXECUTE FUNCTION catalogue_weigh();
CREATE TRIGGER weigh_last AFTER DELETE ON catalogue_variant FOR EACH ROW
WHEN (OLD.held <> 0) EXECUTE FUNCTION catalogue_weigh();
CREATE TRIGGER weigh_again AFTER UPDATE ON catalogue_variant FOR EACH ROW
WHEN (OLD.held <> NEW.held) EXECUTE FUNCTION catalogue_weigh();

-- Each of the two books has its own, so that neither changes alone; one that has changed in step with the other costs a glance.
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds AFTER INSERT OR DELETE ON catalogue_hold
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_scales_are_level();
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds_still AFTER UPDATE ON catalogue_hold
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.quantity <> NEW.quantity)
EXECUTE FUNCTION catalogue_scales_are_level();
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds AFTER INSERT ON catalogue_variant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.held <> 0) EXECUTE FUNCTION catalogue_scales_are_level();
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds_at_last AFTER DELETE ON catalogue_variant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.held <> 0) EXECUTE FUNCTION catalogue_scales_are_level();
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds_still AFTER UPDATE ON catalogue_variant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.held <> NEW.held) EXECUTE FUNCTION catalogue_scales_are_level();
"""

BACK = """
DROP TRIGGER held_is_the_sum_of_holds_still ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds_at_last ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds_still ON catalogue_hold;
DROP TRIGGER held_is_the_sum_of_holds ON catalogue_hold;
DROP TRIGGER weigh_again ON catalogue_variant;
DROP TRIGGER weigh_last ON catalogue_variant;
DROP TRIGGER weigh ON catalogue_variant;
DROP TRIGGER weigh_again ON catalogue_hold;
DROP TRIGGER weigh ON catalogue_hold;
DROP TRIGGER no_hold_is_left_out ON catalogue_hold;
DROP TRIGGER a_hold_keeps_its_variant ON catalogue_hold;
DROP FUNCTION catalogue_no_hold_is_left_out();
DROP FUNCTION catalogue_a_hold_keeps_its_variant();
DROP FUNCTION catalogue_scales_are_level();
DROP FUNCTION catalogue_weigh();
"""

_before = importlib.import_module("catalogue.migrations.0003_holds").FUNCTIONS
SUMS = _before[_before.index("CREATE FUNCTION catalogue_held_is_the_sum()") :]
_start = _before.index("CREATE FUNCTION catalogue_hold_all(")
HOLD_ALL = _before[_start : _before.index("CREATE FUNCTION catalogue_prolong(")].replace("CREATE", "CREATE OR REPLACE")


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0008_price_history")]

    operations = [
        # The index by expiry begins with the variant too.
        migrations.AlterField(
            model_name="hold",
            name="variant",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="holds",
                to="catalogue.variant",
                verbose_name="variant",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACK + SUMS + HOLD_ALL),
    ]
