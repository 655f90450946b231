"""Each price leaves a trace of when it began, and knows the lowest one of the 30 days before it was announced as reduced."""

import django.db.models.deletion
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION catalogue_lowest_before() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
-- Directive 98/6/EC Art. 6a: beside a reduced price stands the lowest one of the 30 days before the reduction.
DECLARE
    from_when timestamptz;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.variant_id, OLD.currency, OLD.amount) = (NEW.variant_id, NEW.currency, NEW.amount)
       AND (OLD.compare_at IS NULL) = (NEW.compare_at IS NULL) THEN
        NEW.lowest_before := OLD.lowest_before;
        RETURN NEW;
    END IF;
    NEW.lowest_before := NULL;
    IF NEW.compare_at IS NOT NULL THEN
        -- The price that stood when the 30 days began counts too, whenever it began itself.
        SELECT max(since) INTO from_when FROM catalogue_pricehistory
         WHERE variant_id = NEW.variant_id AND currency = NEW.currency AND since <= now() - interval '30 days';
        SELECT min(amount) INTO NEW.lowest_before FROM catalogue_pricehistory
         WHERE variant_id = NEW.variant_id AND currency = NEW.currency AND since < now()
           AND since >= coalesce(from_when, '-infinity');
    END IF;
    RETURN NEW;
END $body$;

CREATE FUNCTION catalogue_remember_price() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.variant_id, OLD.currency, OLD.amount) = (NEW.variant_id, NEW.currency, NEW.amount)
       AND (OLD.compare_at IS NULL) = (NEW.compare_at IS NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO catalogue_pricehistory (variant_id, currency, amount, reduced, since)
    VALUES (NEW.variant_id, NEW.currency, NEW.amount, NEW.compare_at IS NOT NULL, now())
    ON CONFLICT (variant_id, currency, since) DO UPDATE SET amount = excluded.amount, reduced = excluded.reduced;
    RETURN NULL;
END $body$;

CREATE TRIGGER lowest_before BEFORE INSERT OR UPDATE ON catalogue_price
FOR EACH ROW EXECUTE FUNCTION catalogue_lowest_before();
CREATE TRIGGER remember_price AFTER INSERT OR UPDATE ON catalogue_price
FOR EACH ROW EXECUTE FUNCTION catalogue_remember_price();

-- What stands there already began at the latest now.
INSERT INTO catalogue_pricehistory (variant_id, currency, amount, reduced, since)
SELECT variant_id, currency, amount, compare_at IS NOT NULL, now() FROM catalogue_price;
"""

BACK = """
DROP TRIGGER remember_price ON catalogue_price;
DROP TRIGGER lowest_before ON catalogue_price;
DROP FUNCTION catalogue_remember_price();
DROP FUNCTION catalogue_lowest_before();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0007_review_photographs'),
    ]

    operations = [
        migrations.AddField(
            model_name='price',
            name='lowest_before',
            field=models.DecimalField(blank=True, decimal_places=2, editable=False, max_digits=12, null=True, verbose_name='lowest price of the 30 days before'),
        ),
        migrations.CreateModel(
            name='PriceHistory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='price')),
                ('reduced', models.BooleanField(verbose_name='announced as reduced')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_history', to='catalogue.variant', verbose_name='variant')),
            ],
            options={
                'verbose_name': 'past price',
                'verbose_name_plural': 'past prices',
                'ordering': ['-since'],
                'constraints': [models.UniqueConstraint(fields=('variant', 'currency', 'since'), name='one_price_at_a_time')],
            },
        ),
        migrations.RunSQL(FUNCTIONS, BACK),
    ]
