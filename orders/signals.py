"""News that orders listen to: who signs in brings their basket along; the desk asks which order is meant, and to forget."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_in
from django.db import models
from django.dispatch import receiver

from orders import cookie
from orders.domain import basket, forgetting
from orders.models import DeliveryAddress, OrderContact, Parcel, Payment
from orders.models.order import read_number
from privacy.signals import given_directly, handed_over_as, order_named, to_be_forgotten

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


@receiver(given_directly, dispatch_uid="orders.given_directly")
def payments_that_a_provider_knows(people: Iterable[UUID], **_kwargs: Any) -> tuple[str, list[str]]:
    known = Payment.objects.filter(order__subject__in=list(people)).exclude(intent_id="")
    return "payment_provider", list(known.values_list("intent_id", flat=True))


@receiver(to_be_forgotten, dispatch_uid="orders.to_be_forgotten")
def ask_to_forget(to: str, known_as: list[str], **_kwargs: Any) -> str | None:
    return forgetting.ask(to, known_as)
