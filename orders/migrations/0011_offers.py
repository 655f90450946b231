"""Offers, and the functions that count their uses in one statement."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.math
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION orders_redeem_offers(ids bigint[], of_order bigint, mailbox bytea, account bytea) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Counts one use of each offer for an order; the answer is the offer that is gone, or NULL. In the order of the ids given,
-- which is one order for everybody, so that nobody waits in a circle. An offer without a limit in all is not locked.
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

CREATE FUNCTION orders_give_back_offers(of_order bigint) RETURNS integer
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    returned orders_offeruse%ROWTYPE;
    number integer := 0;
BEGIN
    FOR returned IN
        SELECT * FROM orders_offeruse WHERE order_id = of_order AND given_back_at IS NULL ORDER BY offer_id
    LOOP
        UPDATE orders_offeruse SET given_back_at = statement_timestamp()
         WHERE id = returned.id AND given_back_at IS NULL;
        IF FOUND THEN
            UPDATE orders_offer SET used = used - 1 WHERE id = returned.offer_id AND most IS NOT NULL AND used > 0;
            UPDATE orders_offertally SET used = used - 1 WHERE id = returned.tally_id AND used > 0;
            number := number + 1;
        END IF;
    END LOOP;
    RETURN number;
END $body$;

CREATE FUNCTION orders_discounts_add_up() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF (SELECT (sum((one->>'goods')::numeric + (one->>'shipping')::numeric), sum((one->>'shipping')::numeric))
          FROM jsonb_array_elements(NEW.discounts) AS one)
       IS DISTINCT FROM (NEW.discount_total, NEW.shipping_discount) THEN
        RAISE EXCEPTION 'the reductions of order % do not sum up to its discount', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_discounts_add_up';
    END IF;
    RETURN NEW;
END $body$;

CREATE TRIGGER order_discounts_add_up BEFORE INSERT OR UPDATE ON orders_order
FOR EACH ROW WHEN (NEW.discounts <> '[]') EXECUTE FUNCTION orders_discounts_add_up();
"""

BACK = """
DROP TRIGGER order_discounts_add_up ON orders_order;
DROP FUNCTION orders_discounts_add_up();
DROP FUNCTION orders_give_back_offers(bigint);
DROP FUNCTION orders_redeem_offers(bigint[], bigint, bytea, bytea);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0008_price_history'),
        ('orders', '0009_currencies_and_taxes'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='discounts',
            field=models.JSONField(blank=True, default=list, verbose_name='reductions'),
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('names', models.JSONField(default=dict, help_text='By language: {"en": "Tea week", "ko": "차 주간"}. Shoppers read it.', verbose_name='names')),
                ('kind', models.CharField(choices=[('percent', 'a share of the goods'), ('amount', 'an amount'), ('free_shipping', 'free shipping'), ('buy_get', 'some pieces of the same for nothing')], max_length=14, verbose_name='takes off')),
                ('percent', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='percent')),
                ('buy', models.PositiveSmallIntegerField(default=0, verbose_name='who pays for so many')),
                ('get', models.PositiveSmallIntegerField(default=0, verbose_name='gets so many more for nothing')),
                ('code', models.CharField(blank=True, help_text='Empty: it counts by itself. Shoppers type it where a coupon is typed.', max_length=40, validators=[django.core.validators.RegexValidator('^[A-Z0-9-]+$', 'Use capital letters, digits and hyphens.')], verbose_name='code')),
                ('first_order', models.BooleanField(default=False, help_text='Of an account; guests are not remembered for it.', verbose_name='only for the first order')),
                ('starts_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='valid from')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                ('active', models.BooleanField(default=True, verbose_name='in use')),
                ('most', models.PositiveIntegerField(blank=True, null=True, verbose_name='uses in all')),
                ('most_each', models.PositiveIntegerField(blank=True, null=True, verbose_name='uses by one person')),
                ('used', models.PositiveIntegerField(default=0, editable=False, verbose_name='used')),
                ('category', models.ForeignKey(blank=True, help_text='With what stands on the shelves below it. Empty: for everything.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.category', verbose_name='only for this shelf')),
            ],
            options={
                'verbose_name': 'offer',
                'verbose_name_plural': 'offers',
                'ordering': ['-starts_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='OfferAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='takes off')),
                ('minimum', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='for goods from')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='amounts', to='orders.offer', verbose_name='offer')),
            ],
            options={
                'verbose_name': 'amount of an offer',
                'verbose_name_plural': 'amounts of an offer',
                'ordering': ['currency'],
            },
        ),
        migrations.CreateModel(
            name='OfferTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.BinaryField(max_length=32)),
                ('used', models.PositiveIntegerField(verbose_name='used')),
                ('most', models.PositiveIntegerField(verbose_name='allowed')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='orders.offer', verbose_name='offer')),
            ],
            options={
                'verbose_name': 'tally of an offer',
                'verbose_name_plural': 'tallies of offers',
            },
        ),
        migrations.CreateModel(
            name='OfferUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('used_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='used')),
                ('given_back_at', models.DateTimeField(blank=True, null=True, verbose_name='given back')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='orders.offer', verbose_name='offer')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offer_uses', to='orders.order', verbose_name='order')),
                ('tally', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='orders.offertally')),
            ],
            options={
                'verbose_name': 'use of an offer',
                'verbose_name_plural': 'uses of offers',
            },
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('most__isnull', True), ('used__lte', models.F('most')), _connector='OR'), name='offer_used_no_more_than_allowed'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'percent'), ('percent__gt', 0), ('percent__lte', 100)), models.Q(models.Q(('kind', 'percent'), _negated=True), ('percent', 0)), _connector='OR'), name='offer_percent_is_a_share'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('buy__gt', 0), ('get__gt', 0), ('kind', 'buy_get')), models.Q(models.Q(('kind', 'buy_get'), _negated=True), ('buy', 0), ('get', 0)), _connector='OR'), name='offer_pieces_where_they_count'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('first_order', False), ('most_each', 1), _connector='OR'), name='offer_of_a_first_order_is_used_once'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('code',), name='one_offer_per_code'),
        ),
        migrations.AddConstraint(
            model_name='offeramount',
            constraint=models.UniqueConstraint(fields=('offer', 'currency'), name='one_offer_amount_per_currency'),
        ),
        migrations.AddConstraint(
            model_name='offeramount',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('minimum__gte', 0)), name='offer_amount_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='offeramount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('currency__in', ('JPY', 'KRW')), _negated=True), models.Q(models.Q(('amount', django.db.models.functions.math.Floor(models.F('amount')))), models.Q(('minimum', django.db.models.functions.math.Floor(models.F('minimum'))))), _connector='OR'), name='offer_amount_can_be_paid'),
        ),
        migrations.AddConstraint(
            model_name='offertally',
            constraint=models.UniqueConstraint(fields=('offer', 'person'), name='one_offer_tally_per_person'),
        ),
        migrations.AddConstraint(
            model_name='offertally',
            constraint=models.CheckConstraint(condition=models.Q(('used__lte', models.F('most'))), name='person_used_offer_no_more_than_allowed'),
        ),
        migrations.AddConstraint(
            model_name='offeruse',
            constraint=models.UniqueConstraint(fields=('offer', 'order'), name='an_offer_counts_once_an_order'),
        ),
        migrations.RunSQL(FUNCTIONS, BACK),
    ]
