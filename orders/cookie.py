"""The signed `basket` cookie: a guest's basket, and how many pieces are in it, so that a header needs no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

from orders.models import Basket, BasketLine

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

NAME = "basket"
LIFETIME_SECONDS = 30 * 24 * 3600
_SALT = "orders.basket"


@dataclass(frozen=True, slots=True)
class BasketCookie:
    """`owned` says that the basket is an account's: the cookie then counts, and opens nothing."""

    key: str = ""
    count: int = 0
    owned: bool = False


def read(request: HttpRequest) -> BasketCookie:
    """What the cookie says; an empty one when there is none or when it was tampered with."""
    try:
        value = request.get_signed_cookie(NAME, default="", salt=_SALT, max_age=LIFETIME_SECONDS)
        owner, key, count = value.split(":")
        return BasketCookie(key, int(count), owner == "a")
    except (signing.BadSignature, ValueError):
        return BasketCookie()


def write(response: HttpResponse, basket: Basket | None, count: int) -> None:
    """Let the browser remember this basket for another 30 days; an empty one that was never made leaves no cookie."""
    if basket is None:
        response.delete_cookie(NAME, samesite="Lax")
        return
    owned = basket.account_id is not None
    response.set_signed_cookie(
        NAME,
        f"{'a' if owned else 'g'}:{'' if owned else basket.key}:{count}",
        salt=_SALT,
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def guest_key(request: HttpRequest) -> str:
    """The key of the guest's basket, or "" when the cookie is an account's or missing."""
    cookie = read(request)
    return "" if cookie.owned else cookie.key


def badge(request: HttpRequest) -> int:
    """How many pieces the header shows. Only right after signing in or out is the database asked."""
    cookie = read(request)
    # A page that refuses an unreadable request is made before anybody asked who it came from.
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    if cookie.owned == signed_in:
        return cookie.count
    if not signed_in:
        return 0
    return sum(BasketLine.objects.filter(basket__account=request.user).values_list("quantity", flat=True))
