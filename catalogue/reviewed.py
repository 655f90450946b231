"""What others say and show of a product, as far as staff have let it be seen."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from catalogue.models import Review, ReviewPhotograph
from catalogue.statements import Blank, as_objects, written_once

REVIEWS_ON_A_PAGE = 20


def shown_reviews(product_id: int) -> QuerySet[Review]:
    """What others say of a product, the latest first. `pictures` of each are addresses and words; no picture is read."""
    return _shown(Review.objects.filter(product=product_id))


def _shown(reviews: QuerySet[Review]) -> QuerySet[Review]:
    pictures = ReviewPhotograph.objects.filter(review=OuterRef("pk")).order_by("position")
    return (
        reviews.filter(shown_at__isnull=False)
        .annotate(pictures=ArraySubquery(pictures.values(row=JSONObject(key="key", shows="shows"))))
        .order_by("-shown_at", "-pk")
    )


def first_reviews(slug: str) -> list[Review]:
    """The latest that others say of a product, as many as its page shows."""
    reviews = list(_first().models({_SLUG: slug}))
    for review in reviews:
        review.pictures = as_objects(review.pictures)
    return reviews


_SLUG = Blank("slug")


@written_once
def _first() -> QuerySet[Review]:
    return _shown(Review.objects.filter(product__slug=_SLUG))[:REVIEWS_ON_A_PAGE]


def shown_photograph(key: UUID) -> str | None:
    """A photograph in base 64, as long as its review is shown."""
    shown = ReviewPhotograph.objects.filter(key=key, review__shown_at__isnull=False)
    return shown.values_list("jpeg", flat=True).first()
