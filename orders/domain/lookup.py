"""A guest finds an order again by its number and e-mail address; every wrong pair gets the same answer."""

from __future__ import annotations

from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

from orders.models import LookupTally, Order, OrderContact
from orders.models.order import read_number

# Per hour and bucket. A person mistypes twice; a machine that tries addresses for one number is stopped.
MOST_ATTEMPTS = 10
_BUCKETS = 1 << 16


class TooManyLookups(Exception):
    """This number was asked for too often within the hour."""


def find(typed_number: str, email: str) -> Order | None:
    """The order of this number, when this is the address that it was placed with.

    The work is the same for a number that does not exist: one count, one look-up, one comparison.
    """
    number = read_number(typed_number)
    if _count(number) > MOST_ATTEMPTS:
        raise TooManyLookups
    contact = OrderContact.objects.select_related("order").filter(order__number=number).first()
    known = contact.email if contact else "nobody@invalid"
    if not constant_time_compare(_plain(known), _plain(email)) or contact is None:
        return None
    return contact.order


def _plain(email: str) -> str:
    return email.strip().casefold()


def _count(number: str) -> int:
    """Count this attempt, and say how many there were within the hour."""
    bucket = int(salted_hmac("orders.lookup", number).hexdigest()[:8], 16) % _BUCKETS
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
