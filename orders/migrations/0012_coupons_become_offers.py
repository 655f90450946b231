"""A coupon is an offer that asks for a code: what there is of coupons goes into the tables of offers."""

import django.core.validators
from django.db import migrations, models

# The answer says which offer is gone, and whether it is this person who may not use it again; no row, and all are counted.
REDEEM = """
DROP FUNCTION orders_redeem_offers(bigint[], bigint, bytea, bytea);
CREATE FUNCTION orders_redeem_offers(ids bigint[], of_order bigint, mailbox bytea, account bytea)
RETURNS TABLE (gone bigint, by_person boolean)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Counts one use of each offer for an order. In the order of the ids given, which is one order for everybody, so that
-- nobody waits in a circle. An offer without a limit in all is not locked.
DECLARE
    one bigint;
    offer orders_offer%ROWTYPE;
    of_tally bigint;
BEGIN
    FOREACH one IN ARRAY ids LOOP
        UPDATE orders_offer SET used = orders_offer.used + 1
         WHERE id = one AND most IS NOT NULL AND orders_offer.used < most AND active
           AND starts_at <= statement_timestamp() AND (ends_at IS NULL OR ends_at > statement_timestamp())
        RETURNING * INTO offer;
        IF NOT FOUND THEN
            SELECT * INTO offer FROM orders_offer
             WHERE id = one AND most IS NULL AND active AND starts_at <= statement_timestamp()
               AND (ends_at IS NULL OR ends_at > statement_timestamp());
            IF NOT FOUND THEN
                gone := one;
                by_person := false;
                RETURN NEXT;
                RETURN;
            END IF;
        END IF;
        of_tally := NULL;
        IF offer.most_each IS NOT NULL THEN
            INSERT INTO orders_offertally AS tally (offer_id, person, used, most)
            SELECT one, CASE WHEN offer.first_order THEN account ELSE mailbox END, 1, offer.most_each
             WHERE offer.most_each > 0
            ON CONFLICT (offer_id, person) DO UPDATE SET used = tally.used + 1, most = excluded.most
             WHERE tally.used < excluded.most
            RETURNING id INTO of_tally;
            IF of_tally IS NULL THEN
                gone := one;
                by_person := true;
                RETURN NEXT;
                RETURN;
            END IF;
        END IF;
        INSERT INTO orders_offeruse (offer_id, order_id, tally_id, used_at)
        VALUES (one, of_order, of_tally, statement_timestamp());
    END LOOP;
END $body$;
"""

REDEEM_BEFORE = """
DROP FUNCTION orders_redeem_offers(bigint[], bigint, bytea, bytea);
CREATE FUNCTION orders_redeem_offers(ids bigint[], of_order bigint, mailbox bytea, account bytea) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    one bigint;
    offer orders_offer%ROWTYPE;
    of_tally bigint;
BEGIN
    FOREACH one IN ARRAY ids LOOP
        UPDATE orders_offer SET used = used + 1
         WHERE id = one AND most IS NOT NULL AND used < most AND active AND starts_at <= statement_timestamp()
           AND (ends_at IS NULL OR ends_at > statement_timestamp())
        RETURNING * INTO offer;
        IF NOT FOUND THEN
            SELECT * INTO offer FROM orders_offer
             WHERE id = one AND most IS NULL AND active AND starts_at <= statement_timestamp()
               AND (ends_at IS NULL OR ends_at > statement_timestamp());
            IF NOT FOUND THEN
                RETURN one;
            END IF;
        END IF;
        of_tally := NULL;
        IF offer.most_each IS NOT NULL THEN
            INSERT INTO orders_offertally AS tally (offer_id, person, used, most)
            SELECT one, CASE WHEN offer.first_order THEN account ELSE mailbox END, 1, offer.most_each
             WHERE offer.most_each > 0
            ON CONFLICT (offer_id, person) DO UPDATE SET used = tally.used + 1, most = excluded.most
             WHERE tally.used < excluded.most
            RETURNING id INTO of_tally;
            IF of_tally IS NULL THEN
                RETURN one;
            END IF;
        END IF;
        INSERT INTO orders_offeruse (offer_id, order_id, tally_id, used_at)
        VALUES (one, of_order, of_tally, statement_timestamp());
    END LOOP;
    RETURN NULL;
END $body$;
"""

# Where coupon and offer had the same code, the coupon counted; so it keeps the code. The count in all is kept only where a
# limit needs it, as with every offer; the uses are all there.
MOVE = """
UPDATE orders_offer SET active = false, code = left(code, 30) || '-' || id
 WHERE code IN (SELECT code FROM orders_coupon);

INSERT INTO orders_offer (names, kind, percent, buy, get, code, category_id, first_order, starts_at, ends_at, active, most,
                          most_each, used)
SELECT '{}', kind, percent, 0, 0, code, NULL, false, starts_at, ends_at, active, most, most_each,
       CASE WHEN most IS NULL THEN 0 ELSE used END
  FROM orders_coupon ORDER BY id;

INSERT INTO orders_offeramount (offer_id, currency, amount, minimum)
SELECT offer.id, taken.currency, taken.amount, taken.minimum
  FROM orders_couponamount AS taken JOIN orders_coupon AS coupon ON coupon.id = taken.coupon_id
  JOIN orders_offer AS offer ON offer.code = coupon.code;

INSERT INTO orders_offertally (offer_id, person, used, most)
SELECT offer.id, tally.person, tally.used, tally.most
  FROM orders_coupontally AS tally JOIN orders_coupon AS coupon ON coupon.id = tally.coupon_id
  JOIN orders_offer AS offer ON offer.code = coupon.code;

INSERT INTO orders_offeruse (offer_id, order_id, tally_id, used_at, given_back_at)
SELECT offer.id, used.order_id, own.id, used.used_at, used.given_back_at
  FROM orders_couponuse AS used JOIN orders_coupon AS coupon ON coupon.id = used.coupon_id
  JOIN orders_offer AS offer ON offer.code = coupon.code
  LEFT JOIN orders_coupontally AS tally ON tally.id = used.tally_id
  LEFT JOIN orders_offertally AS own ON own.offer_id = offer.id AND own.person = tally.person;

SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_offers")]

    operations = [
        migrations.AlterField(
            model_name="offer",
            name="names",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text='By language: {"en": "Tea week", "ko": "차 주간"}. Shoppers read it. An offer with a code may do '
                "without: {}.",
                verbose_name="names",
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="code",
            field=models.CharField(
                blank=True,
                help_text="Empty: it counts by itself. With a code it is a coupon, and counts for who types it.",
                max_length=40,
                validators=[
                    django.core.validators.RegexValidator("^[A-Z0-9-]+$", "Use capital letters, digits and hyphens.")
                ],
                verbose_name="code",
            ),
        ),
        # Backwards the coupons are still where they were.
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RunSQL(REDEEM, REDEEM_BEFORE),
    ]
