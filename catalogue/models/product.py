"""A product, its texts in several languages, and what it is found by."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """One thing that is sold; what a buyer chooses between (a size, a colour) are its variants."""

    no_personal_data = "Goods. The rating is a mean over reviews, whose authors stand in Review."

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        ACTIVE = "active", _("on sale")
        ARCHIVED = "archived", _("archived")

    slug = models.SlugField(_("address"), max_length=160, unique=True)
    brand = models.CharField(_("brand"), max_length=120, blank=True)
    category = models.ForeignKey(
        "catalogue.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("category"),
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    origin = models.CharField(_("origin"), max_length=120, blank=True)
    hs_code = models.CharField(_("HS code"), max_length=16, blank=True)
    featured = models.BooleanField(_("featured"), default=False)
    tags = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("tags"),
        default=list,
        blank=True,
    )
    rating_count = models.PositiveIntegerField(_("reviews"), default=0, editable=False)
    rating_average = models.DecimalField(
        _("rating"),
        max_digits=3,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["-featured", "-created_at", "-id"],
                condition=models.Q(status="active"),
                name="catalogue_product_shown",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("catalogue:product", args=[self.slug])


class ProductText(models.Model):
    """The name and the description of a product in one language. A description is plain paragraphs."""

    no_personal_data = "What is said of goods."

    product = models.ForeignKey(Product, models.CASCADE, related_name="texts", verbose_name=_("product"))
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=250)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [models.UniqueConstraint(fields=["product", "language"], name="one_text_per_language")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class SearchEntry(models.Model):
    """What one product is found by, over all its languages; written by `domain.search` and by nothing else.

    `words` serves whole words and their beginnings. `grams` holds every pair of neighbouring letters of the names, which
    serves what words cannot: the middle of a Korean compound, and a word with a slip of the finger.
    """

    no_personal_data = "Words of product texts."

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="search_entry")
    words = SearchVectorField()
    grams = ArrayField(models.CharField(max_length=2), default=list)

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        indexes = [
            GinIndex(fields=["words"], name="catalogue_search_words"),
            GinIndex(fields=["grams"], name="catalogue_search_grams"),
        ]

    def __str__(self) -> str:
        return f"search entry {self.pk}"
