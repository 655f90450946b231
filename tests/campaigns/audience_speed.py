"""`make bench-audience [PEOPLE= ROUNDS=]`: who may be asked, of a million, and what a claim costs for each of them.

Beside it the same question to a plain table that holds nothing but the current state: what a store without events, laws and
expiry would have. A claim is a batch's whole transaction: the audience read in order, the permissions held, the addresses
looked up in the list of those to be left alone, the deliveries written.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import psycopg2.extensions

from tests.campaigns.installation import own_installation

PROMISED_SECONDS, PROMISED_RATIO, PROMISED_MICROSECONDS = 1.0, 1.5, 15.0

AS_TEXT = psycopg2.extensions.new_type((2950,), "UUID_AS_TEXT", lambda value, _cursor: value)


def main() -> int:
    number, rounds = int(os.environ.get("PEOPLE") or 1_000_000), int(os.environ.get("ROUNDS") or 5)
    print(f"PEOPLE={number} ROUNDS={rounds}", flush=True)
    with own_installation(MARKETING_EMAILS_PER_MINUTE="6000000"):
        from django.db import connection, connections, transaction

        from privacy.permission import audience, hold_permissions
        from tests.support import readers

        readers.many(number)
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "CREATE TABLE plain AS SELECT subject_id AS person, purpose, channel, state FROM privacy_preference"
            )
            cursor.execute("CREATE INDEX plain_given ON plain (purpose, channel, person) WHERE state = 'given'")
            cursor.execute("GRANT SELECT ON plain TO PUBLIC")
            cursor.execute("VACUUM ANALYZE plain")
            for table in ("privacy_preference", "privacy_subject", "marketing_subscription"):
                cursor.execute(f"VACUUM ANALYZE {table}")

        def keys_of(sql: str, params: object) -> int:
            with connection.cursor() as cursor:
                # As they come off the line: making an object of each costs both ways the same, and more than all else.
                psycopg2.extensions.register_type(AS_TEXT, cursor.cursor)
                cursor.execute(sql, params)
                return len(cursor.fetchall())

        def ask_plain() -> int:
            return keys_of(
                "SELECT person FROM plain WHERE purpose = %s AND channel = %s AND state = 'given'", readers.NEWS
            )

        def ask_keys() -> int:
            return keys_of(*audience(*readers.NEWS).query.sql_with_params())

        ours, plain = [], []
        for _ in range(rounds):
            plain.append(_timed(ask_plain))
            ours.append(_timed(ask_keys))
        through_django = _timed(lambda: len(list(audience(*readers.NEWS))))
        ratio = statistics.median(ours) / statistics.median(plain)

        keys = list(audience(*readers.NEWS).order_by("subject_id")[:50_000])

        def hold() -> None:
            for start in range(0, len(keys), 500):
                with transaction.atomic():
                    hold_permissions(keys[start : start + 500], *readers.NEWS)

        held = 1e6 * _timed(hold) / len(keys)
        claimed = _claims(min(number, 200_000))
        handed = _hand_overs()
    seconds = statistics.median(ours)
    passed = seconds < PROMISED_SECONDS and ratio <= PROMISED_RATIO and held <= PROMISED_MICROSECONDS
    print(
        f"passed={passed} audience={seconds:.2f}s plain={statistics.median(plain):.2f}s ratio={ratio:.2f} "
        f"as_django_objects={through_django:.2f}s permission_held={held:.1f}us whole_claim={claimed:.1f}us "
        f"hand_over_with_disclosure={handed:.0f}us"
    )
    return 0 if passed else 1


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _claims(most: int) -> float:
    """Microseconds a recipient for the whole claim."""
    from marketing.domain import claiming
    from tests.campaigns.optout import _campaign

    made = _campaign("speed", "marketing.communications.email")
    seen = 0
    begun = time.perf_counter()
    while seen < most and (looked_at := claiming.claim(made.pk)):
        seen += looked_at
    return 1e6 * (time.perf_counter() - begun) / max(1, seen)


def _hand_overs() -> float:
    """Microseconds a message for the second transaction, the disclosures written down."""
    from django.conf import settings

    from marketing.domain import sending
    from marketing.models import Campaign

    campaign = Campaign.objects.get(name="speed")
    begun, count = time.perf_counter(), 0
    while count < 2000 and (items := sending.hand_over(campaign, settings.MARKETING_SLOTS)):
        count += len(items)
    return 1e6 * (time.perf_counter() - begun) / max(1, count)


if __name__ == "__main__":
    sys.exit(main())
