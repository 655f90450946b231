"""The tables of coupons go: nothing points at them any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_coupons_become_offers"), ("marketing", "0012_campaigns_give_offers")]

    operations = [
        migrations.DeleteModel("CouponUse"),
        migrations.DeleteModel("CouponTally"),
        migrations.DeleteModel("CouponAmount"),
        migrations.DeleteModel("Coupon"),
    ]
