"""Money on its way back to a buyer: how much, why, and which two people decided it."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from orders.models.payment import Payment


class Refund(models.Model):
    """One sum that goes back by the way it came. `key` goes with the request, so that asking twice gives it back once.

    Above a sum two people are needed, one who proposes and another who releases; the table itself refuses a row that
    one person alone has seen through.
    """

    no_personal_data = "An amount, a reason from a list, and which staff decided."

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waiting for a second person")
        DUE = "due", _("on its way")
        DONE = "done", _("given back")
        REJECTED = "rejected", _("not agreed to")
        REFUSED = "refused", _("refused by the provider")

    class Reason(models.TextChoices):
        WITHDRAWN = "withdrawn", _("the buyer withdrew")
        RETURNED = "returned", _("goods came back")
        CANCELLED = "cancelled", _("the order was cancelled")
        GOODWILL = "goodwill", _("goodwill")
        SECOND_PAYMENT = "second_payment", _("the order was paid already")
        TOO_LATE = "too_late", _("the order was no longer held")

    # Promised to the buyer; the rest of the states promise nothing.
    PROMISED = (State.PROPOSED, State.DUE, State.DONE)

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    state = models.CharField(_("state"), max_length=10, choices=State)
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    # Nobody: the store itself gave back what bought nothing.
    proposed_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )
    decided_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    provider_refund_id = models.CharField(_("refund at the provider"), max_length=120, blank=True)
    refused_because = models.CharField(_("refused because"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("proposed"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    done_at = models.DateTimeField(_("given back"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | Q(state__in=["proposed", "rejected"])
                | (Q(proposed_by__isnull=False, decided_by__isnull=False) & ~Q(proposed_by=F("decided_by"))),
                name="refund_seen_by_two",
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(reason__in=["second_payment", "too_late"]),
                name="refund_of_a_useless_payment_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "-created_at"], name="refund_desk")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
