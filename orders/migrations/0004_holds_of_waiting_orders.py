"""Orders that waited for their payment had taken their goods outright; now these are held for them, until they run out."""

from django.db import migrations

HOLD = """
INSERT INTO catalogue_hold (variant_id, key, quantity, expires_at)
SELECT line.variant_id, sale.form_token, line.quantity, sale.expires_at + interval '10 minutes'
  FROM orders_orderline AS line JOIN orders_order AS sale ON sale.id = line.order_id
 WHERE sale.state = 'pending_payment' AND line.variant_id IS NOT NULL
ON CONFLICT DO NOTHING;

UPDATE catalogue_variant AS variant SET held = (
    SELECT coalesce(sum(hold.quantity), 0) FROM catalogue_hold AS hold WHERE hold.variant_id = variant.id
) WHERE EXISTS (SELECT 1 FROM catalogue_hold AS hold WHERE hold.variant_id = variant.id);

-- Checked here and now, so that the tables can be altered by what comes next.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_refunds_and_odd_payments"), ("catalogue", "0003_holds")]

    operations = [migrations.RunSQL(HOLD, migrations.RunSQL.noop)]
