"""What was done to an order, by whom: a row for each action, added by the domain function that did it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class OrderAction(models.Model):
    """One action on one order. Insert only."""

    no_personal_data = "What was done, as a word, and who of the staff did it, as a random key."
    insert_only = True

    class Kind(models.TextChoices):
        PACKED = "packed", _("parcel packed")
        UNPACKED = "unpacked", _("parcel unpacked")
        HANDED_OVER = "handed_over", _("parcel handed over")
        DELIVERED = "delivered", _("parcel delivered")
        CAME_BACK = "came_back", _("parcel came back")
        CANCELLED = "cancelled", _("order cancelled")
        RETURN_ASKED = "return_asked", _("return asked for")
        RETURN_AGREED = "return_agreed", _("return agreed to")
        RETURN_DECLINED = "return_declined", _("return declined")
        RETURN_RECEIVED = "return_received", _("returned goods received")
        RETURN_CLOSED = "return_closed", _("return closed without money")
        REFUNDED = "refunded", _("refund proposed")
        REFUND_RELEASED = "refund_released", _("refund released")
        REFUND_REJECTED = "refund_rejected", _("refund not agreed to")
        ODDITY_SETTLED = "oddity_settled", _("odd payment dealt with")
        PRINTED = "printed", _("papers printed")
        CLAIMED = "claimed", _("added to an account")

    order = models.ForeignKey(Order, models.PROTECT, related_name="actions", verbose_name=_("order"))
    kind = models.CharField(_("action"), max_length=16, choices=Kind)
    # Empty: the store itself, or the courier.
    by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    detail = models.CharField(_("detail"), max_length=120, blank=True)
    done_at = models.DateTimeField(_("done"), auto_now_add=True)

    class Meta:
        verbose_name = _("action on an order")
        verbose_name_plural = _("actions on orders")
        ordering = ["-done_at", "-pk"]

    def __str__(self) -> str:
        return self.kind
