"""Coupons: what they take off, how often they may be used in all and by one person, and where they were."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalogue.amounts import can_be_paid
from orders.models.order import Order


class Coupon(models.Model):
    """A word that takes something off. Its uses are counted by `domain.coupons`, in the transaction of the order."""

    no_personal_data = "A word, what it takes off, and counts."

    class Kind(models.TextChoices):
        PERCENT = "percent", _("a share of the goods")
        AMOUNT = "amount", _("an amount")
        FREE_SHIPPING = "free_shipping", _("free shipping")

    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9-]+$", _("Use capital letters, digits and hyphens."))],
    )
    kind = models.CharField(_("takes off"), max_length=14, choices=Kind)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, default=0)
    starts_at = models.DateTimeField(_("valid from"), db_default=Now())
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    # Empty: as often as people like.
    most = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    most_each = models.PositiveIntegerField(_("uses by one person"), null=True, blank=True)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["-starts_at", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(used__lte=F("most")), name="coupon_used_no_more_than_allowed"
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gt=0, percent__lte=100) | (~Q(kind="percent") & Q(percent=0)),
                name="coupon_percent_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CouponAmount(models.Model):
    """What a coupon takes off in one currency, and from how much on: stored, not converted."""

    no_personal_data = "Amounts."

    coupon = models.ForeignKey(Coupon, models.CASCADE, related_name="amounts", verbose_name=_("coupon"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("takes off"), max_digits=12, decimal_places=2, default=0)
    minimum = models.DecimalField(_("for goods from"), max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("amount of a coupon")
        verbose_name_plural = _("amounts of a coupon")
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["coupon", "currency"], name="one_coupon_amount_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0, minimum__gte=0), name="coupon_amount_not_negative"),
            models.CheckConstraint(condition=can_be_paid("amount", "minimum"), name="coupon_amount_can_be_paid"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id}: {self.currency}"


class CouponTally(models.Model):
    """How often one person used a coupon. The person is a keyed hash of an address that stands nowhere here."""

    no_personal_data = "A keyed hash, which nobody turns back into an address, and a count."

    coupon = models.ForeignKey(Coupon, models.CASCADE, related_name="tallies", verbose_name=_("coupon"))
    person = models.BinaryField(max_length=32, editable=False)
    used = models.PositiveIntegerField(_("used"))
    most = models.PositiveIntegerField(_("allowed"))

    class Meta:
        verbose_name = _("tally of a coupon")
        verbose_name_plural = _("tallies of coupons")
        constraints = [
            models.UniqueConstraint(fields=["coupon", "person"], name="one_tally_per_person"),
            models.CheckConstraint(condition=Q(used__lte=F("most")), name="person_used_no_more_than_allowed"),
        ]

    def __str__(self) -> str:
        return f"tally {self.pk}"


class CouponUse(models.Model):
    """A coupon on an order. It is given back when the order is given up unpaid."""

    no_personal_data = "Which coupon was on which order."

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="uses", verbose_name=_("coupon"))
    order = models.OneToOneField(Order, models.CASCADE, related_name="coupon_use", verbose_name=_("order"))
    # Gone some time after the coupon's end.
    tally = models.ForeignKey(CouponTally, models.SET_NULL, null=True, related_name="+", editable=False)
    used_at = models.DateTimeField(_("used"), db_default=Now())
    given_back_at = models.DateTimeField(_("given back"), null=True, blank=True)

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")

    def __str__(self) -> str:
        return f"coupon {self.coupon_id} on order {self.order_id}"
