"""Coupons, whose limits hold however many people use them at once: counted by conditional updates, in the order's transaction."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from orders.models import CouponTally

if TYPE_CHECKING:
    from djmoney.money import Money

    from orders.models import Order

_CODE = re.compile(r"[A-Z0-9-]{1,40}")
# Mailboxes of these providers are the same with and without dots.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
# Who used what is forgotten so long after the coupon's end.
TALLIES_KEPT_AFTER_END = timedelta(days=30)


class Why(StrEnum):
    """Why a coupon takes nothing off."""

    UNKNOWN = "unknown"
    CURRENCY = "currency"
    MINIMUM = "minimum"
    USED_UP = "used_up"
    USED_BY_YOU = "used_by_you"
    NOTHING_LEFT = "nothing_left"
    NOT_FIRST = "not_first"
    OTHER_GOODS = "other_goods"


class CouponRefused(Exception):
    """The coupon takes nothing off; nothing was ordered."""

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
    """Who somebody is to a coupon: a keyed hash of the mailbox behind an address, whatever its spelling.

    Capital letters, a tag after a plus sign, and dots where the provider passes over them make no other person.
    """
    local, _at, domain = email.strip().casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return salted_hmac("orders.coupons.person", f"{local}@{domain}", algorithm="sha256").digest()


def redeem(coupon_id: int, order: Order, email: str) -> None:
    """Count one use for this order, or refuse. One statement, before the goods are held, since others may wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH counted AS (
                UPDATE orders_coupon SET used = used + 1
                 WHERE id = %(coupon)s AND active AND starts_at <= statement_timestamp()
                   AND (ends_at IS NULL OR ends_at > statement_timestamp()) AND (most IS NULL OR used < most)
                RETURNING id, coalesce(most_each, 2147483647) AS most_each
            ), counted_each AS (
                INSERT INTO orders_coupontally AS tally (coupon_id, person, used, most)
                SELECT id, %(person)s, 1, most_each FROM counted WHERE most_each > 0
                ON CONFLICT (coupon_id, person) DO UPDATE SET used = tally.used + 1, most = excluded.most
                 WHERE tally.used < excluded.most
                RETURNING id, coupon_id
            ), written AS (
                INSERT INTO orders_couponuse (coupon_id, order_id, tally_id, used_at)
                SELECT coupon_id, %(order)s, id, statement_timestamp() FROM counted_each
                RETURNING id
            )
            SELECT (SELECT count(*) FROM counted), (SELECT count(*) FROM written)
            """,
            {"coupon": coupon_id, "order": order.pk, "person": person_of(email)},
        )
        counted, written = cursor.fetchone()
    if not counted:
        raise CouponRefused(Why.USED_UP)
    if not written:
        raise CouponRefused(Why.USED_BY_YOU)


def give_back(order: Order) -> bool:
    """Let the coupon of an order that is given up be used again; says whether there was one. Twice is once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH returned AS (
                UPDATE orders_couponuse SET given_back_at = statement_timestamp()
                 WHERE order_id = %s AND given_back_at IS NULL
                RETURNING coupon_id, tally_id
            ), counted AS (
                UPDATE orders_coupon SET used = used - 1 FROM returned WHERE orders_coupon.id = returned.coupon_id
            ), counted_each AS (
                UPDATE orders_coupontally SET used = used - 1
                  FROM returned WHERE orders_coupontally.id = returned.tally_id AND used > 0
            )
            SELECT count(*) FROM returned
            """,
            [order.pk],
        )
        return cursor.fetchone()[0] > 0


def forget_ended() -> int:
    """Remove who used which coupon, some time after its end; says how many were removed."""
    return CouponTally.objects.filter(coupon__ends_at__lte=Now() - TALLIES_KEPT_AFTER_END).delete()[0]
