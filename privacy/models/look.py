"""The written trace of each time that staff saw personal values whole: who, whose, which, why, when."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """One look of one member of staff at one person's values. Insert only, and written before anything is shown.

    The person reads all of it but the name of the member of staff, whose role they read instead.
    """

    no_personal_data = "Names of records and fields under two random keys, and a reason that names no value."
    insert_only = True
    ledger_kind = "look"

    class Kind(models.TextChoices):
        REVEAL = "reveal", _("read")
        SEARCH = "search", _("found by a search")
        EXPORT = "export", _("taken out as a file")
        EDIT = "edit", _("opened to change it")

    class Category(models.TextChoices):
        LETTER = "letter", _("answering a letter or a case")
        ORDER = "order", _("sending an order or taking it back")
        PAYMENT = "payment", _("a payment or money going back")
        CORRECTION = "correction", _("correcting what is wrong")
        LAW = "law", _("a duty by law")
        SECURITY = "security", _("a fault or an attack")
        RELEASE = "release", _("judging before it is shown to others")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="looks")
    staff = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="+")
    # As what they looked: the names of their groups on that day.
    role = models.CharField(_("role"), max_length=120)
    kind = models.CharField(_("how"), max_length=8, choices=Kind)
    # "orders.DeliveryAddress:12": one record, or all that a search showed.
    records = ArrayField(models.TextField(), verbose_name=_("records"))
    # "orders_deliveryaddress.city", as a collection names them.
    fields = ArrayField(models.TextField(), verbose_name=_("values"))
    category = models.CharField(_("what for"), max_length=12, choices=Category)
    reason = models.CharField(_("reason"), max_length=300)
    looked_at = models.DateTimeField(_("looked"), auto_now_add=True)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("looks")
        ordering = ["-looked_at"]
        default_permissions = ("view",)
        permissions = [
            ("reveal_look", "Can read personal values, and search by them"),
            ("export_look", "Can take personal values out as a file"),
        ]
        indexes = [models.Index(fields=["subject", "-looked_at"], name="look_by_subject")]
        constraints = [
            models.CheckConstraint(condition=~Q(role="") & ~Q(category=""), name="look_says_who_and_what_for"),
            models.CheckConstraint(condition=Q(reason__regex=r"\S.{8,}\S"), name="look_states_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.looked_at:%Y-%m-%d %H:%M}"
