"""Pieces are held while somebody pays. The functions move them; the triggers hold the sums."""

import django.db.models.deletion
from django.db import migrations, models

# One conditional update per variant, in the order of their keys for everybody, so that nobody waits in a circle. A variant
# is always locked before its holds. What has run out is free stock for whoever asks; nobody has to have swept before.
FUNCTIONS = """
CREATE FUNCTION catalogue_reclaim(of_variant bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Bring back to the shelf what was held of a variant and has run out; says how many pieces.
DECLARE
    freed bigint;
BEGIN
    PERFORM 1 FROM catalogue_variant WHERE id = of_variant FOR NO KEY UPDATE;
    WITH gone AS (
        DELETE FROM catalogue_hold WHERE variant_id = of_variant AND expires_at <= clock_timestamp() RETURNING quantity
    ) SELECT coalesce(sum(quantity), 0) INTO freed FROM gone;
    IF freed > 0 THEN
        UPDATE catalogue_variant SET stock = stock + freed, held = held - freed WHERE id = of_variant;
    END IF;
    RETURN freed;
END $body$;

CREATE FUNCTION catalogue_hold_one(of_variant bigint, pieces bigint, under uuid, held_for interval) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Move free pieces of one variant into a hold; says whether there were enough.
BEGIN
    UPDATE catalogue_variant SET stock = stock - pieces, held = held + pieces WHERE id = of_variant AND stock >= pieces;
    IF NOT FOUND THEN
        IF catalogue_reclaim(of_variant) = 0 THEN
            RETURN false;
        END IF;
        UPDATE catalogue_variant SET stock = stock - pieces, held = held + pieces
         WHERE id = of_variant AND stock >= pieces;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END IF;
    INSERT INTO catalogue_hold (variant_id, key, quantity, expires_at)
    VALUES (of_variant, under, pieces, clock_timestamp() + held_for);
    RETURN true;
END $body$;

CREATE FUNCTION catalogue_hold_all(variants bigint[], quantities bigint[], under uuid, held_for interval)
RETURNS TABLE (variant bigint, free integer)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Hold pieces of several variants; the rows are those that are short, with what is free of them.
DECLARE
    wish record;
BEGIN
    FOR wish IN
        SELECT w.id, sum(w.pieces)::bigint AS pieces FROM unnest(variants, quantities) AS w (id, pieces)
         GROUP BY w.id ORDER BY w.id
    LOOP
        IF NOT catalogue_hold_one(wish.id, wish.pieces, under, held_for) THEN
            variant := wish.id;
            free := coalesce((SELECT v.stock FROM catalogue_variant AS v WHERE v.id = wish.id), 0);
            RETURN NEXT;
        END IF;
    END LOOP;
END $body$;

CREATE FUNCTION catalogue_prolong(variants bigint[], quantities bigint[], under uuid, held_for interval)
RETURNS TABLE (variant bigint, free integer)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Let holds run longer. One that is gone already is held anew, when there are pieces; the rows are those that are short.
DECLARE
    wish record;
BEGIN
    FOR wish IN
        SELECT w.id, sum(w.pieces)::bigint AS pieces FROM unnest(variants, quantities) AS w (id, pieces)
         GROUP BY w.id ORDER BY w.id
    LOOP
        PERFORM 1 FROM catalogue_variant AS v WHERE v.id = wish.id FOR NO KEY UPDATE;
        UPDATE catalogue_hold AS h SET expires_at = greatest(h.expires_at, clock_timestamp() + held_for)
         WHERE h.key = under AND h.variant_id = wish.id;
        IF NOT FOUND AND NOT catalogue_hold_one(wish.id, wish.pieces, under, held_for) THEN
            variant := wish.id;
            free := coalesce((SELECT v.stock FROM catalogue_variant AS v WHERE v.id = wish.id), 0);
            RETURN NEXT;
        END IF;
    END LOOP;
END $body$;

CREATE FUNCTION catalogue_sell(variants bigint[], quantities bigint[], under uuid)
RETURNS TABLE (variant bigint, free integer)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Turn holds into sales: the pieces leave for good. A hold that ran out sells as long as nobody else took its pieces.
DECLARE
    wish record;
    kept bigint;
BEGIN
    FOR wish IN
        SELECT w.id, sum(w.pieces)::bigint AS pieces FROM unnest(variants, quantities) AS w (id, pieces)
         GROUP BY w.id ORDER BY w.id
    LOOP
        PERFORM 1 FROM catalogue_variant AS v WHERE v.id = wish.id FOR NO KEY UPDATE;
        IF NOT EXISTS (SELECT 1 FROM catalogue_hold AS h WHERE h.key = under AND h.variant_id = wish.id)
           AND NOT catalogue_hold_one(wish.id, wish.pieces, under, interval '0') THEN
            variant := wish.id;
            free := coalesce((SELECT v.stock FROM catalogue_variant AS v WHERE v.id = wish.id), 0);
            RETURN NEXT;
        ELSE
            DELETE FROM catalogue_hold AS h WHERE h.key = under AND h.variant_id = wish.id RETURNING h.quantity INTO kept;
            UPDATE catalogue_variant AS v SET held = v.held - kept WHERE v.id = wish.id;
        END IF;
    END LOOP;
END $body$;

CREATE FUNCTION catalogue_release(under uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Bring back to the shelf everything that is held under a key; says how many pieces. Twice is once.
DECLARE
    of_variant bigint;
    pieces bigint;
    released bigint := 0;
BEGIN
    FOR of_variant IN SELECT variant_id FROM catalogue_hold WHERE key = under ORDER BY variant_id LOOP
        PERFORM 1 FROM catalogue_variant WHERE id = of_variant FOR NO KEY UPDATE;
        DELETE FROM catalogue_hold WHERE key = under AND variant_id = of_variant RETURNING quantity INTO pieces;
        IF FOUND THEN
            UPDATE catalogue_variant SET stock = stock + pieces, held = held - pieces WHERE id = of_variant;
            released := released + pieces;
        END IF;
    END LOOP;
    RETURN released;
END $body$;

CREATE FUNCTION catalogue_held_is_the_sum() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    of_variant bigint;
BEGIN
    IF TG_TABLE_NAME = 'catalogue_variant' THEN
        of_variant := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        of_variant := OLD.variant_id;
    ELSE
        of_variant := NEW.variant_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM catalogue_variant AS v WHERE v.id = of_variant
           AND v.held <> (SELECT coalesce(sum(h.quantity), 0) FROM catalogue_hold AS h WHERE h.variant_id = of_variant)
    ) THEN
        RAISE EXCEPTION 'what is held of variant % is not the sum of its holds', of_variant
            USING ERRCODE = 'check_violation', CONSTRAINT = 'held_is_the_sum_of_holds';
    END IF;
    RETURN NULL;
END $body$;

CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds AFTER INSERT OR UPDATE OR DELETE ON catalogue_hold
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalogue_held_is_the_sum();
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds AFTER INSERT ON catalogue_variant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.held <> 0) EXECUTE FUNCTION catalogue_held_is_the_sum();
CREATE CONSTRAINT TRIGGER held_is_the_sum_of_holds_still AFTER UPDATE ON catalogue_variant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.held IS DISTINCT FROM NEW.held)
EXECUTE FUNCTION catalogue_held_is_the_sum();
"""

BACK = """
DROP TRIGGER held_is_the_sum_of_holds_still ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds ON catalogue_variant;
DROP TRIGGER held_is_the_sum_of_holds ON catalogue_hold;
DROP FUNCTION catalogue_held_is_the_sum();
DROP FUNCTION catalogue_release(uuid);
DROP FUNCTION catalogue_sell(bigint[], bigint[], uuid);
DROP FUNCTION catalogue_prolong(bigint[], bigint[], uuid, interval);
DROP FUNCTION catalogue_hold_all(bigint[], bigint[], uuid, interval);
DROP FUNCTION catalogue_hold_one(bigint, bigint, uuid, interval);
DROP FUNCTION catalogue_reclaim(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0002_review_hidden_at")]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="held",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="held"),
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, verbose_name="key")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("expires_at", models.DateTimeField(verbose_name="held until")),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holds",
                        to="catalogue.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
                "indexes": [models.Index(fields=["variant", "expires_at"], name="hold_by_expiry")],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "variant"), name="a_key_holds_a_variant_once"),
                    models.CheckConstraint(condition=models.Q(("quantity__gt", 0)), name="hold_quantity_above_zero"),
                ],
            },
        ),
        # In a step of its own, since a table with pending trigger events cannot be altered.
        migrations.RunSQL(FUNCTIONS, BACK),
    ]
