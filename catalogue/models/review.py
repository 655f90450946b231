"""What a customer says and shows of a product: personal records."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

WHILE_SHOWN: dict[str, Any] = {"purposes": [Purpose.SERVICE], "keep": Keep.REVIEW}


class Review(PersonalRecord):
    """A review. It is shown once somebody has looked at it (`shown_at`), under the first name and an initial.

    One that is taken off the pages again (`hidden_at`) serves nobody, and goes.
    """

    keep_from = "hidden_at"

    product = models.ForeignKey(
        "catalogue.Product",
        models.CASCADE,
        related_name="reviews",
        verbose_name=_("product"),
    )
    author_name = personal(models.CharField(_("name"), max_length=120), Category.NAME, **WHILE_SHOWN)
    author_email = personal(
        models.EmailField(_("e-mail address"), blank=True),
        Category.EMAIL,
        **WHILE_SHOWN,
    )
    title = personal(
        models.CharField(_("title"), max_length=200, blank=True),
        Category.PUBLIC_CONTENT,
        **WHILE_SHOWN,
    )
    body = personal(
        models.TextField(_("review"), max_length=5000),
        Category.PUBLIC_CONTENT,
        **WHILE_SHOWN,
    )
    rating = models.PositiveSmallIntegerField(_("rating"))
    # The order that shows it stands in the books, and is not told here.
    verified = models.BooleanField(_("bought here"), default=False, editable=False)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    shown_at = models.DateTimeField(_("shown since"), null=True, blank=True)
    hidden_at = models.DateTimeField(_("hidden since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="rating_is_one_to_five"),
        ]
        indexes = [
            models.Index(
                fields=["product", "-written_at"],
                condition=Q(shown_at__isnull=False),
                name="catalogue_review_shown",
            ),
        ]

    @property
    def byline(self) -> str:
        """How the author is named in public: "Eleanor C." for Eleanor Collins, "김*수" for 김민수."""
        return byline(self.author_name)


class ReviewPhotograph(PersonalRecord):
    """One photograph of a review, made anew without its metadata. It is a row, so it goes when its review goes.

    `key` is its address, which says nothing of the review or of how many there are.
    """

    keep_from = "review__hidden_at"

    review = models.ForeignKey(
        Review, models.CASCADE, related_name="photographs", editable=False, verbose_name=_("review")
    )
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)
    # In base 64.
    jpeg = personal(models.TextField(_("photograph")), Category.SELF_IMAGE, **WHILE_SHOWN)
    shows = personal(
        models.CharField(_("what it shows"), max_length=200, blank=True),
        Category.PUBLIC_CONTENT,
        **WHILE_SHOWN,
    )

    class Meta:
        verbose_name = _("photograph of a review")
        verbose_name_plural = _("photographs of reviews")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "position"], name="review_photograph_has_a_place"),
            models.CheckConstraint(condition=Q(position__lt=4), name="review_has_four_photographs_at_most"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("catalogue:review_photograph", args=[self.key])


def byline(name: str) -> str:
    """A name as the public may see it: the first name and an initial."""
    words = name.split()
    if not words:
        return ""
    if len(words) == 1:
        only = words[0]
        if only.isascii() or len(only) < 2:
            return only
        return f"{only[0]}*{only[2:]}"
    return f"{words[0]} {words[-1][0]}."
