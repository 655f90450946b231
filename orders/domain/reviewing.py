"""Who may review what: a buyer, each product of a paid order, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalogue.domain import reviews
from catalogue.models import Product, Review
from orders.models import Order

if TYPE_CHECKING:
    from privacy.models import Subject


class CannotReview(Exception):
    """The text is a sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Bought:
    """A product of an order that is still on sale, and what its buyer has said of it."""

    product_id: int
    slug: str
    name: str
    review: Review | None


def bought(order: Order) -> list[Bought]:
    """The products of a paid order that can be reviewed, or have been. Two statements."""
    if order.state != Order.State.PAID:
        return []
    lines = order.lines.filter(variant__product__status=Product.Status.ACTIVE)
    found = {
        product: (slug, name)
        for product, slug, name in lines.values_list("variant__product", "variant__product__slug", "name")
    }
    said = Review.objects.filter(product__in=found, subject__in=_keys(order)).order_by("written_at")
    by_product = {review.product_id: review for review in said}
    return [Bought(product, slug, name, by_product.get(product)) for product, (slug, name) in found.items()]


def one_of(order: Order, slug: str) -> Bought | None:
    """The product of this order that has this name, when it can be reviewed."""
    return next((product for product in bought(order) if product.slug == slug), None)


def review(order_id: int, slug: str, *, subject: Subject, said: dict[str, Any]) -> Review:
    """Take a buyer's review; to be called in the door of the form. Raises `CannotReview`.

    The order is locked, so that a form that is sent twice makes one review.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).get(pk=order_id)
        product = one_of(order, slug)
        if product is None:
            raise CannotReview(_("Only what was bought and paid with this order can be reviewed here."))
        if product.review is not None or reviews.review_of(product.product_id, [subject]):
            raise CannotReview(_("You have reviewed this already. Take that review back first to write another."))
        return reviews.write(product.product_id, subject=subject, verified=True, **said)


def take_back(order: Order, slug: str) -> bool:
    """Remove the buyer's review of a product with everything in it; whether there was one."""
    product = one_of(order, slug)
    if product is None or product.review is None:
        return False
    reviews.take_back(product.review)
    return True


def _keys(order: Order) -> Sequence[Any]:
    """A buyer who came as a guest and has an account since is one person under two keys."""
    keys = [order.subject_id, order.account.subject_id if order.account else None]
    return [key for key in keys if key is not None]
