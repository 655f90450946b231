"""Goods on their way back: what was asked, why, what staff decided, and the pictures that show it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.models.order import Order, OrderLine
from orders.models.refund import Refund
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

_FOR_THE_COMPLAINT = {"purposes": [Purpose.SUPPORT], "keep": Keep.COMPLAINT}


class ReturnRequest(models.Model):
    """A buyer wants to give goods back. What they wrote of it stands in `ReturnNote`."""

    no_personal_data = "Pieces, a reason from a list, and what staff decided."

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        AGREED = "agreed", _("agreed, please send it")
        RECEIVED = "received", pgettext_lazy("state of a return", "received")
        REFUNDED = "refunded", _("refunded")
        DECLINED = "declined", _("declined")

    class Reason(models.TextChoices):
        CHANGED_MIND = "changed_mind", _("I changed my mind")
        DAMAGED = "damaged", _("It arrived damaged")
        WRONG = "wrong", _("It is not what I ordered")
        INCOMPLETE = "incomplete", _("Something is missing")
        OTHER = "other", _("Another reason")

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns", verbose_name=_("order"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    reason = models.CharField(_("reason"), max_length=14, choices=Reason)
    refund = models.OneToOneField(
        Refund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("refund")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "asked_at"], name="return_desk")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class ReturnLine(models.Model):
    """How many pieces of one line come back."""

    no_personal_data = "A number of pieces."

    request = models.ForeignKey(ReturnRequest, models.CASCADE, related_name="lines", verbose_name=_("return"))
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("line"))
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        verbose_name = _("line of a return")
        verbose_name_plural = _("lines of returns")
        constraints = [
            models.UniqueConstraint(fields=["request", "line"], name="return_names_a_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_quantity_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line_id}"


class ReturnNote(PersonalRecord):
    """What the buyer wrote of the return, and up to three photographs without their metadata."""

    keep_from = "request__closed_at"

    request = models.OneToOneField(
        ReturnRequest, models.CASCADE, related_name="note", editable=False, verbose_name=_("return")
    )
    words = personal(
        models.TextField(_("what happened"), max_length=2000, blank=True),
        Category.PRIVATE_CONTENT,
        **_FOR_THE_COMPLAINT,
    )
    # JPEGs in base 64, made anew from what was sent, so that place and device are gone.
    photograph_1 = personal(models.TextField(blank=True), Category.SELF_IMAGE, **_FOR_THE_COMPLAINT)
    photograph_2 = personal(models.TextField(blank=True), Category.SELF_IMAGE, **_FOR_THE_COMPLAINT)
    photograph_3 = personal(models.TextField(blank=True), Category.SELF_IMAGE, **_FOR_THE_COMPLAINT)

    class Meta:
        verbose_name = _("note of a return")
        verbose_name_plural = _("notes of returns")
