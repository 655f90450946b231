"""News that orders listen to: who signs in brings along their basket; the privacy desk asks which order is meant."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in
from django.db import models
from django.dispatch import receiver

from orders import cookie
from orders.domain import basket
from orders.models import DeliveryAddress, OrderContact, Parcel
from orders.models.order import read_number
from privacy.signals import handed_over_as, order_named

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User


@receiver(user_logged_in, dispatch_uid="orders.basket.merge")
def bring_the_basket(request: "HttpRequest | None", user: "User", **_kwargs: Any) -> None:
    """The cookie of the answer is not ours to write here; the badge asks the database until the basket is opened."""
    key = cookie.guest_key(request) if request is not None else ""
    if key:
        basket.merge(key, user)


@receiver(order_named, dispatch_uid="orders.order_named")
def contact_of_a_named_order(number: str, **_kwargs: Any) -> tuple[OrderContact, str] | None:
    contact = OrderContact.objects.filter(order__number=read_number(number)).first()
    return (contact, "email") if contact else None


@receiver(handed_over_as, dispatch_uid="orders.handed_over_as")
def parcels_that_a_courier_knows(record: models.Model, to: str, **_kwargs: Any) -> list[str]:
    if to != "courier" or not isinstance(record, DeliveryAddress):
        return []
    known = Parcel.objects.filter(order=record.order_id).exclude(tracking_number="")
    return list(known.values_list("tracking_number", flat=True))
