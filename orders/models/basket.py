"""What somebody means to buy: kept in the database, found by a signed cookie or by the account."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def new_key() -> str:
    """A key that nobody guesses: 128 random bits."""
    return secrets.token_urlsafe(16)


class Basket(models.Model):
    """A list of goods. A guest's belongs to whoever has the cookie; an account has one, wherever it signs in."""

    no_personal_data = "Goods under a random key. Whose it is, only a link to the account says, and it goes with that."

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="basket", editable=False
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("basket")
        verbose_name_plural = _("baskets")
        indexes = [models.Index(fields=["updated_at"], condition=Q(account__isnull=True), name="basket_guest_age")]

    def __str__(self) -> str:
        return f"basket {self.pk}"


class BasketLine(models.Model):
    """A number of pieces of one variant. What they cost is asked of the catalogue each time."""

    no_personal_data = "A variant and a quantity."

    basket = models.ForeignKey(Basket, models.CASCADE, related_name="lines", verbose_name=_("basket"))
    variant = models.ForeignKey("catalogue.Variant", models.CASCADE, related_name="+", verbose_name=_("variant"))
    quantity = models.PositiveIntegerField(_("quantity"))
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("line of a basket")
        verbose_name_plural = _("lines of baskets")
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "variant"], name="basket_names_a_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="basket_quantity_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × variant {self.variant_id}"
