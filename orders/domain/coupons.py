"""Codes as people type them, who somebody is to an offer, and why a code takes nothing off."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from djmoney.money import Money

_CODE = re.compile(r"[A-Z0-9-]{1,40}")
# Mailboxes of these providers are the same with and without dots.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


class Why(StrEnum):
    """Why an offer with a code takes nothing off."""

    UNKNOWN = "unknown"
    CURRENCY = "currency"
    MINIMUM = "minimum"
    USED_UP = "used_up"
    USED_BY_YOU = "used_by_you"
    NOTHING_LEFT = "nothing_left"
    NOT_FIRST = "not_first"
    OTHER_GOODS = "other_goods"


class CouponRefused(Exception):
    """The code takes nothing off; nothing was ordered."""

    def __init__(self, why: Why, minimum: Money | None = None) -> None:
        super().__init__(f"The coupon was refused: {why}.")
        self.why, self.minimum = why, minimum

    def sentence(self) -> str:
        """What happened and what to do, for the shopper."""
        match self.why:
            case Why.CURRENCY:
                return _(
                    "This coupon is not for prices in this currency. Please leave it out, or choose another currency."
                )
            case Why.MINIMUM:
                return _("This coupon is for goods of %(minimum)s or more. Please add something, or leave it out.") % {
                    "minimum": self.minimum
                }
            case Why.USED_UP:
                return _("This coupon has been used up. Please leave it out.")
            case Why.USED_BY_YOU:
                return _("You have used this coupon as often as one person may. Please leave it out.")
            case Why.NOTHING_LEFT:
                return _(
                    "With this coupon there is nothing left to pay, so it cannot be paid online. Please write to us."
                )
            case Why.NOT_FIRST:
                return _("This code is for the first order of an account. Please sign in, or leave it out.")
            case Why.OTHER_GOODS:
                return _("This code is for other goods than those in your basket. Please leave it out.")
        return _("This coupon is not known, or not valid at this time. Please check it, or leave it out.")


def read_code(typed: str) -> str:
    """A code as it is stored, from what a person typed; a text that can be none comes back as "?", which none is."""
    code = "".join(typed.upper().split())
    return code if not code or _CODE.fullmatch(code) else "?"


def person_of(email: str) -> bytes:
    """Who somebody is to an offer: a keyed hash of the mailbox behind an address, whatever its spelling.

    Capital letters, a tag after a plus sign, and dots where the provider passes over them make no other person.
    """
    local, _at, domain = email.strip().casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return salted_hmac("orders.coupons.person", f"{local}@{domain}", algorithm="sha256").digest()
