"""What others say and show of a product, as far as staff have let it be seen."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from catalogue.models import Review, ReviewPhotograph

REVIEWS_ON_A_PAGE = 20


def shown_reviews(product_id: int) -> QuerySet[Review]:
    """What others say of a product, the latest first. `pictures` of each are addresses and words; no picture is read."""
    pictures = ReviewPhotograph.objects.filter(review=OuterRef("pk")).order_by("position")
    return (
        Review.objects.filter(product=product_id, shown_at__isnull=False)
        .annotate(pictures=ArraySubquery(pictures.values(row=JSONObject(key="key", shows="shows"))))
        .order_by("-shown_at", "-pk")
    )


def shown_photograph(key: UUID) -> str | None:
    """A photograph in base 64, as long as its review is shown."""
    shown = ReviewPhotograph.objects.filter(key=key, review__shown_at__isnull=False)
    return shown.values_list("jpeg", flat=True).first()
