"""Reviews: written by who bought the thing, looked at before they are shown, and what the shown ones add up to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models.signals import post_delete
from django.utils import timezone

from catalogue.models import Review, ReviewPhotograph

if TYPE_CHECKING:
    from privacy.models import Subject

MOST_PHOTOGRAPHS = 4
LONGEST_DESCRIPTION = ReviewPhotograph._meta.get_field("shows").max_length or 200


def review_of(product_id: int, people: Iterable[Subject | None]) -> Review | None:
    """What one of these keys of one person has said of a product, shown or not; None when nothing stands."""
    keys = [person.pk for person in people if person is not None]
    return Review.objects.filter(product=product_id, subject__in=keys).order_by("-written_at", "-pk").first()


def write(
    product_id: int,
    *,
    subject: Subject,
    author_name: str,
    rating: int,
    title: str,
    body: str,
    verified: bool,
    photographs: Sequence[str] = (),
    shows: Sequence[str] = (),
) -> Review:
    """Keep what somebody says of a product; to be called in the door of the form. It is shown once staff have looked at it.

    `photographs` are as `privacy.photographs` makes them; `shows` says what can be seen, for each in its order.
    """
    with transaction.atomic():
        review = Review.objects.create(
            product_id=product_id,
            subject=subject,
            author_name=author_name,
            rating=rating,
            title=title,
            body=body,
            verified=verified,
        )
        words = [*shows, *[""] * len(photographs)]
        ReviewPhotograph.objects.bulk_create(
            ReviewPhotograph(review=review, subject=subject, position=place, jpeg=jpeg, shows=words[place])
            for place, jpeg in enumerate(photographs[:MOST_PHOTOGRAPHS])
        )
    return review


def take_back(review: Review) -> None:
    """The author wants it gone: review and photographs go at once, with nothing kept."""
    review.delete()


def refresh_ratings(product_ids: Iterable[int]) -> None:
    """Bring the rating of these products up to date with the reviews that are shown. One statement, however many."""
    ids = sorted(set(product_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE catalogue_product AS product
               SET rating_count = summary.count, rating_average = summary.average
              FROM (SELECT wanted.id, count(review.id) AS count, round(avg(review.rating), 2) AS average
                      FROM unnest(%s::bigint[]) AS wanted (id)
                      LEFT JOIN catalogue_review AS review
                             ON review.product_id = wanted.id AND review.shown_at IS NOT NULL
                     GROUP BY wanted.id) AS summary
             WHERE product.id = summary.id
               AND (product.rating_count, product.rating_average)
                   IS DISTINCT FROM (summary.count, summary.average)
            """,
            [ids],
        )


def show(reviews: Iterable[Review]) -> int:
    """Let these reviews be seen; returns how many were hidden before."""
    return _set_shown(reviews, shown=True)


def hide(reviews: Iterable[Review]) -> int:
    """Take these reviews off the pages, or keep them from ever being shown; returns how many were not hidden before.

    Their day has come with that: unless they are shown again, the night removes them for good.
    """
    return _set_shown(reviews, shown=False)


def _set_shown(reviews: Iterable[Review], *, shown: bool) -> int:
    chosen = list(reviews)
    with transaction.atomic():
        now, these = timezone.now(), Review.objects.filter(pk__in=[r.pk for r in chosen])
        if shown:
            changed = these.filter(shown_at=None).update(shown_at=now, hidden_at=None)
        else:
            changed = these.filter(hidden_at=None).update(shown_at=None, hidden_at=now)
        refresh_ratings(r.product_id for r in chosen)
    return changed


def listen() -> None:
    """A review that goes, because its author is erased or for any other reason, stops counting."""
    post_delete.connect(_forget, sender=Review, dispatch_uid="catalogue.reviews.forget")


def _forget(instance: Review, **_kwargs: Any) -> None:
    refresh_ratings([instance.product_id])
