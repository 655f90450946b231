"""News that orders listen to: who signs in brings along the basket they filled as a guest."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from orders import cookie
from orders.domain import basket

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User


@receiver(user_logged_in, dispatch_uid="orders.basket.merge")
def bring_the_basket(request: "HttpRequest | None", user: "User", **_kwargs: Any) -> None:
    """The cookie of the answer is not ours to write here; the badge asks the database until the basket is opened."""
    key = cookie.guest_key(request) if request is not None else ""
    if key:
        basket.merge(key, user)
