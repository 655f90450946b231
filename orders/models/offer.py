"""Offers: what makes a basket cheaper by itself or by a code, under which conditions, how often, and where it was used."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalogue.amounts import can_be_paid
from catalogue.languages import in_language
from orders.models.order import Order


class Offer(models.Model):
    """Something that takes off, and for what. `domain.offers` says which offers count and keeps their limits."""

    no_personal_data = "What an offer takes off, when, and counts."

    class Kind(models.TextChoices):
        PERCENT = "percent", _("a share of the goods")
        AMOUNT = "amount", _("an amount")
        FREE_SHIPPING = "free_shipping", _("free shipping")
        BUY_GET = "buy_get", _("some pieces of the same for nothing")

    names = models.JSONField(
        _("names"),
        default=dict,
        blank=True,
        help_text=_(
            'By language: {"en": "Tea week", "ko": "차 주간"}. Shoppers read it. An offer with a code may do without: {}.'
        ),
    )
    kind = models.CharField(_("takes off"), max_length=14, choices=Kind)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, default=0)
    buy = models.PositiveSmallIntegerField(_("who pays for so many"), default=0)
    get = models.PositiveSmallIntegerField(_("gets so many more for nothing"), default=0)
    # Without a code it counts by itself. With one it is what shoppers call a coupon.
    code = models.CharField(
        _("code"),
        max_length=40,
        blank=True,
        help_text=_("Empty: it counts by itself. With a code it is a coupon, and counts for who types it."),
        validators=[RegexValidator(r"^[A-Z0-9-]+$", _("Use capital letters, digits and hyphens."))],
    )
    category = models.ForeignKey(
        "catalogue.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for this shelf"),
        help_text=_("With what stands on the shelves below it. Empty: for everything."),
    )
    first_order = models.BooleanField(
        _("only for the first order"), default=False, help_text=_("Of an account; guests are not remembered for it.")
    )
    starts_at = models.DateTimeField(_("valid from"), db_default=Now())
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    # Empty: as often as people like.
    most = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    most_each = models.PositiveIntegerField(_("uses by one person"), null=True, blank=True)
    # Counted only where `most` limits it: an offer for everybody is no row that all orders wait for.
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(most__isnull=True) | Q(used__lte=F("most")), name="offer_used_no_more_than_allowed"
            ),
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gt=0, percent__lte=100) | (~Q(kind="percent") & Q(percent=0)),
                name="offer_percent_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(kind="buy_get", buy__gt=0, get__gt=0) | (~Q(kind="buy_get") & Q(buy=0, get=0)),
                name="offer_pieces_where_they_count",
            ),
            models.CheckConstraint(
                condition=Q(first_order=False) | Q(most_each=1), name="offer_of_a_first_order_is_used_once"
            ),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="one_offer_per_code"),
        ]

    def __str__(self) -> str:
        return self.code or self.name()

    def name(self, language: str | None = None) -> str:
        """The name in a language, else in English, else in any."""
        return str(in_language(self.names, language) or self.code or self.get_kind_display())

    def clean(self) -> None:
        """What the table's constraints would refuse, in sentences."""
        wrong: dict[str, Any] = {}
        if (self.kind == self.Kind.PERCENT) != bool(self.percent):
            wrong["percent"] = _("Say how many percent for a share of the goods, and 0 for anything else.")
        if (self.kind == self.Kind.BUY_GET) != bool(self.buy and self.get) or bool(self.buy) != bool(self.get):
            wrong["buy"] = _("Say how many are paid for and how many are free, and 0 and 0 for anything else.")
        if self.first_order and self.most_each != 1:
            wrong["most_each"] = _("A first order comes once: write 1.")
        if self.ends_at and self.starts_at and self.ends_at <= self.starts_at:
            wrong["ends_at"] = _("It would end before it begins.")
        names = self.names if isinstance(self.names, dict) else {}
        named = bool(names.get("en")) or (self.names == {} and bool(self.code))
        if not named or not all(isinstance(name, str) and name.strip() for name in names.values()):
            wrong["names"] = _('Write the names by language, with English: {"en": "Tea week", "ko": "차 주간"}.')
        if self.code and Offer.objects.filter(code=self.code).exclude(pk=self.pk).exists():
            wrong["code"] = _("Another offer has this code already.")
        if wrong:
            raise ValidationError(wrong)


class OfferAmount(models.Model):
    """What an offer takes off in one currency, and from how much on: stored, not converted."""

    no_personal_data = "Amounts."

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="amounts", verbose_name=_("offer"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("takes off"), max_digits=12, decimal_places=2, default=0)
    minimum = models.DecimalField(_("for goods from"), max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("amount of an offer")
        verbose_name_plural = _("amounts of an offer")
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "currency"], name="one_offer_amount_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0, minimum__gte=0), name="offer_amount_not_negative"),
            models.CheckConstraint(condition=can_be_paid("amount", "minimum"), name="offer_amount_can_be_paid"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.currency}"


class OfferTally(models.Model):
    """How often one person used an offer. The person is a keyed hash of an address, or of an account, that stands nowhere here."""

    no_personal_data = "A keyed hash, which nobody turns back into an address, and a count."

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="tallies", verbose_name=_("offer"))
    person = models.BinaryField(max_length=32, editable=False)
    used = models.PositiveIntegerField(_("used"))
    most = models.PositiveIntegerField(_("allowed"))

    class Meta:
        verbose_name = _("tally of an offer")
        verbose_name_plural = _("tallies of offers")
        constraints = [
            models.UniqueConstraint(fields=["offer", "person"], name="one_offer_tally_per_person"),
            models.CheckConstraint(condition=Q(used__lte=F("most")), name="person_used_offer_no_more_than_allowed"),
        ]

    def __str__(self) -> str:
        return f"tally {self.pk}"


class OfferUse(models.Model):
    """An offer on an order. It is given back when the order is given up unpaid."""

    no_personal_data = "Which offer was on which order."

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="uses", verbose_name=_("offer"))
    order = models.ForeignKey(Order, models.CASCADE, related_name="offer_uses", verbose_name=_("order"))
    # Gone some time after the offer's end.
    tally = models.ForeignKey(OfferTally, models.SET_NULL, null=True, related_name="+", editable=False)
    used_at = models.DateTimeField(_("used"), db_default=Now())
    given_back_at = models.DateTimeField(_("given back"), null=True, blank=True)

    class Meta:
        verbose_name = _("use of an offer")
        verbose_name_plural = _("uses of offers")
        constraints = [models.UniqueConstraint(fields=["offer", "order"], name="an_offer_counts_once_an_order")]

    def __str__(self) -> str:
        return f"offer {self.offer_id} on order {self.order_id}"
