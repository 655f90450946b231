"""A guest finds an order again: number and address bring a code to the order's own mailbox, and the code opens the order.

Every wrong pair gets the same answer, in the same words and after the same work: the code is made from the order's number and
the quarter of an hour, so that nothing of the question is kept.
"""

from __future__ import annotations

import time

from django.db import connection, transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from orders.models import LookupTally, Order, OrderContact
from orders.models.order import read_number
from privacy.outbox import enqueue

# Per hour and bucket, of questions and of codes each. A person mistypes twice; a machine that tries is stopped.
MOST_ATTEMPTS = 10
CODE_DIGITS = 8
# A code is good for the rest of its quarter of an hour and the whole of the next.
_SLOT_SECONDS = 15 * 60
_BUCKETS = 1 << 16


class TooManyLookups(Exception):
    """This number was asked for too often within the hour."""


def ask(typed_number: str, email: str) -> None:
    """Send a code to the mailbox of the order, when this is the address that it was placed with; say nothing of it.

    One letter for each order and quarter of an hour. Raises `TooManyLookups`.
    """
    number = read_number(typed_number)
    if _count("ask", number) > MOST_ATTEMPTS:
        raise TooManyLookups
    contact = OrderContact.objects.select_related("order").filter(order__number=number).first()
    known = contact.email if contact else "nobody@invalid"
    matches = constant_time_compare(_plain(known), _plain(email)) and contact is not None
    order_id = contact.order_id if contact is not None and matches else 0
    slot = _slot()
    about = salted_hmac("orders.lookup.letter", f"{number}{order_id}").hexdigest()[:32]
    with transaction.atomic():
        # A row is written for a wrong pair too, so that the time tells nothing; it sends nothing.
        enqueue("orders.lookup_code", key=f"lookup-code:{about}:{slot}", order_id=order_id, slot=slot)


def open_with(typed_number: str, typed_code: str) -> Order | None:
    """The order of this number, when this is its code. Raises `TooManyLookups`."""
    number = read_number(typed_number)
    if _count("code", number) > MOST_ATTEMPTS:
        raise TooManyLookups
    digits = "".join(c for c in typed_code if c.isascii() and c.isdigit())
    now = _slot()
    right = [constant_time_compare(code(number, slot), digits) for slot in (now, now - 1)]
    return Order.objects.filter(number=number).first() if number and any(right) else None


def code(number: str, slot: int) -> str:
    """The code of an order for one quarter of an hour: digits that only the store can make."""
    made = int(salted_hmac("orders.lookup.code", f"{number}:{slot}", algorithm="sha256").hexdigest(), 16)
    return f"{made % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _slot() -> int:
    return int(time.time()) // _SLOT_SECONDS


def _plain(email: str) -> str:
    return email.strip().casefold()


def _count(what: str, number: str) -> int:
    """Count this attempt, and say how many there were within the hour."""
    bucket = int(salted_hmac(f"orders.lookup.{what}", number).hexdigest()[:8], 16) % _BUCKETS
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {LookupTally._meta.db_table} AS tally (bucket, hour, attempts)
            VALUES (%s, date_trunc('hour', now()), 1)
            ON CONFLICT (bucket) DO UPDATE
               SET attempts = CASE WHEN tally.hour = EXCLUDED.hour THEN tally.attempts + 1 ELSE 1 END,
                   hour = EXCLUDED.hour
            RETURNING attempts
            """,  # noqa: S608 - the table's name is the model's
            [bucket],
        )
        return cursor.fetchone()[0]
