"""What the store and its payment provider do not agree about: found by machines, settled by people."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.payment import Payment


class OddPayment(models.Model):
    """One thing that a person must look at. The same thing seen again is counted and stays one row."""

    no_personal_data = "Amounts and the provider's keys."

    class Kind(models.TextChoices):
        DISAGREES = "disagrees", _("the provider's word differs from the order")
        EVENT_DISAGREES = "event_disagrees", _("a message differs from the payment")
        OTHER_ACCOUNT = "other_account", _("a message about another account")
        UNKNOWN_PAYMENT = "unknown_payment", _("a message about a payment that is not ours")
        UNKNOWN_CHARGE = "unknown_charge", _("money that no order asked for")
        MISSING_CHARGE = "missing_charge", _("paid here, unknown to the provider")
        UNKNOWN_REFUND = "unknown_refund", _("given back, but not by the store")
        MISSING_REFUND = "missing_refund", _("given back here, unknown to the provider")
        REFUND_REFUSED = "refund_refused", _("the provider refused a refund")
        DISPUTED = "disputed", _("the buyer's bank wants the money back")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # What makes it the same thing when it is seen again: the provider's number of it.
    key = models.CharField(_("about"), max_length=200)
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="oddities", verbose_name=_("payment")
    )
    says = models.CharField(_("what was seen"), max_length=300)
    times = models.PositiveIntegerField(_("times seen"), default=1)
    first_seen_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )

    class Meta:
        verbose_name = _("odd payment")
        verbose_name_plural = _("odd payments")
        ordering = ["-last_seen_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="an_oddity_is_one_row")]
        indexes = [
            models.Index(fields=["-last_seen_at"], condition=Q(settled_at__isnull=True), name="odd_payment_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.key})"
