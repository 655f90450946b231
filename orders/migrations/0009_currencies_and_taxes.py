"""Shipping prices in every currency that is sold in, and the taxes that a store starts with."""

from django.db import migrations

from orders.domain.shipping import ensure_rates
from orders.domain.tax_table import ensure_taxes


def put_in(apps, schema_editor):
    alias = schema_editor.connection.alias
    ensure_rates(apps.get_model("orders", "ShippingZone"), apps.get_model("orders", "ShippingRate"), using=alias)
    ensure_taxes(apps.get_model("orders", "TaxRule"), apps.get_model("orders", "ExchangeRate"), using=alias)


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_sums")]
    operations = [migrations.RunPython(put_in, migrations.RunPython.noop, elidable=False)]
