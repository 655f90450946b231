"""The store's tables as the life goes on, and beside them what must stand where, night by night."""

from __future__ import annotations

import datetime as dt
import heapq
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import connection

from tests.campaigns.retention_life import plan

# A copy of a row that the store itself made, with other keys and dates: so that columns which come later need no word here.
# The collection's copy opens the gate, as every collection does.
CLONING = """
CREATE TEMPORARY TABLE IF NOT EXISTS pattern (table_name text PRIMARY KEY, row jsonb NOT NULL);
CREATE OR REPLACE FUNCTION pg_temp.cloned(source text, changed jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    made text;
    whole jsonb := (SELECT p.row FROM pattern p WHERE p.table_name = source) || changed;
BEGIN
    EXECUTE format('INSERT INTO %I SELECT (jsonb_populate_record(NULL::%I, $1)).* RETURNING id::text', source, source)
       INTO made USING whole;
    RETURN made;
END $$;
CREATE OR REPLACE FUNCTION pg_temp.all_cloned(deeds jsonb) RETURNS text[] LANGUAGE plpgsql AS $$
-- Each deed: table, changes, and under which names earlier results go into it.
DECLARE
    deed jsonb;
    made text[] := '{}';
    changed jsonb;
    refers record;
BEGIN
    FOR deed IN SELECT * FROM jsonb_array_elements(deeds) LOOP
        changed := deed -> 'changed';
        FOR refers IN SELECT * FROM jsonb_each_text(deed -> 'refers') LOOP
            changed := changed || jsonb_build_object(refers.key, made[refers.value::int + 1]);
        END LOOP;
        IF (deed ->> 'numbered')::boolean THEN
            changed := changed || jsonb_build_object('id', nextval(pg_get_serial_sequence(deed ->> 'table', 'id')));
        END IF;
        made := made || pg_temp.cloned(deed ->> 'table', changed);
    END LOOP;
    RETURN made;
END $$;
"""


@dataclass(slots=True)
class Record:
    """One row: where, and when it must leave its table and die. `law` is "" where none keeps it."""

    table: str
    key: str
    leaves_at: dt.datetime
    dies_at: dt.datetime
    law: str


class Expected:
    """What must stand where, by the promise alone."""

    def __init__(self) -> None:
        self.in_use: dict[str, set[str]] = defaultdict(set)
        self.apart: dict[tuple[str, str], dt.datetime] = {}
        self.laws: Counter[tuple[str, str]] = Counter()
        self.holds: dict[tuple[str, str], list[dt.datetime]] = defaultdict(list)
        self.removed = self.moved = 0
        self.longest = dt.timedelta()
        self._events: list[tuple[dt.datetime, int, Callable[[dt.datetime], None]]] = []
        self._number = count()
        self.left_tonight: dict[str, list[str]] = defaultdict(list)
        self.moved_tonight: dict[str, list[str]] = defaultdict(list)
        self.died_tonight: dict[str, list[str]] = defaultdict(list)

    def stands(self, table: str, key: str) -> None:
        """A row whose end nobody knows yet."""
        self.in_use[table].add(key)

    def will_leave(self, record: Record) -> None:
        self._at(record.leaves_at, lambda night: self._leave(record, record.leaves_at, night))

    def _at(self, moment: dt.datetime, deed: Callable[[dt.datetime], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._number), deed))

    def due_by(self, moment: dt.datetime) -> bool:
        """Whether anything may change until then."""
        return bool(self._events) and self._events[0][0] <= moment

    def night(self, now: dt.datetime) -> None:
        """Let come true everything that is due by now."""
        for tonight in (self.left_tonight, self.moved_tonight, self.died_tonight):
            tonight.clear()
        while self._events and self._events[0][0] <= now:
            moment, _number, deed = heapq.heappop(self._events)
            self.longest = max(self.longest, now - moment)
            deed(now)

    def _leave(self, record: Record, since: dt.datetime, now: dt.datetime) -> None:
        if record.key not in self.in_use[record.table]:
            return
        self.in_use[record.table].discard(record.key)
        self.left_tonight[record.table].append(record.key)
        if record.law and record.dies_at > now:
            self._keep_apart(record, record.dies_at, record.law, now)
        else:
            self._die(record, now)

    def _keep_apart(self, record: Record, until: dt.datetime, law: str, now: dt.datetime) -> None:
        self.moved += 1
        self.moved_tonight[record.table].append(record.key)
        self.apart[record.table, record.key] = until
        self.laws[record.table, law] += 1
        self._at(until, lambda night: self._let_go(record, law, night))

    def _let_go(self, record: Record, law: str, now: dt.datetime) -> None:
        del self.apart[record.table, record.key]
        self.laws[record.table, law] -= 1
        self._die(record, now)

    def _die(self, record: Record, now: dt.datetime) -> None:
        held = [until for until in self.holds[record.table, record.key] if until > now]
        if held:
            self._keep_apart(record, min(held), "Court order", now)
            return
        self.removed += 1
        self.died_tonight[record.table].append(record.key)


class World:
    """Writes the days of a plan into the store's tables, as the application role and through the gate."""

    def __init__(self, patterns: dict[str, str]) -> None:
        self.expected = Expected()
        self._addresses: dict[int, str] = {}
        self._passing: dict[int, tuple[str, str]] = {}
        with connection.cursor() as cursor:
            cursor.execute(CLONING)
            cursor.execute("TRUNCATE pattern")
            cursor.executemany("INSERT INTO pattern VALUES (%s, %s)", list(patterns.items()))

    def live(self, day: plan.Day) -> None:
        """Let one day happen."""
        for buyer in day.opened:
            self._open(buyer)
        for sale in day.sales:
            self._sell(sale)
        for passing in day.begun:
            self._begin(passing)
        for buyer in day.closed:
            self._close(buyer)
        for passing in day.over:
            self._end(passing)
        for hold in day.holds:
            self._hold(hold)

    def _do(self, deeds: list[dict[str, Any]]) -> list[str]:
        for deed in deeds:
            deed.setdefault("refers", {})
            deed.setdefault("numbered", True)
            deed.setdefault("changed", {})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_temp.all_cloned(%s::jsonb)", [json.dumps(deeds, default=str)])
            return cursor.fetchone()[0]

    def _somebody(self) -> tuple[str, list[dict[str, Any]]]:
        """A new person and the collection by which their values come in; the first two deeds of many."""
        subject = str(uuid.uuid4())
        return subject, [
            {"table": "privacy_subject", "numbered": False, "changed": {"id": subject}},
            self._collection(subject),
        ]

    @staticmethod
    def _collection(subject: str) -> dict[str, Any]:
        return {
            "table": "privacy_collection",
            "numbered": False,
            "changed": {"id": str(uuid.uuid4()), "subject_id": subject},
        }

    def _open(self, buyer: plan.Buyer) -> None:
        subject, deeds = self._somebody()
        theirs = {"subject_id": subject}
        deeds += [
            {"table": "accounts_user", "changed": {**theirs, "handle": str(uuid.uuid4())}},
            {"table": "account_emailaddress", "refers": {"user_id": 2}, "changed": {"email": f"{subject}@example.com"}},
            {"table": "accounts_profile", "refers": {"account_id": 2, "collection_id": 1}, "changed": theirs},
            {"table": "accounts_savedaddress", "refers": {"account_id": 2, "collection_id": 1}, "changed": theirs},
        ]
        made = self._do(deeds)
        buyer.subject_id, buyer.user_id = subject, int(made[2])
        for deed, key in zip(deeds[2:], made[2:], strict=True):
            self.expected.stands(deed["table"], key)
            if buyer.closed_at:
                self.expected.will_leave(Record(deed["table"], key, buyer.closed_at, buyer.closed_at, ""))

    def _sell(self, sale: plan.Sale) -> None:
        if sale.buyer:
            subject = sale.buyer.subject_id
            deeds: list[dict[str, Any]] = [self._collection(subject)]
        else:
            subject, deeds = self._somebody()
        theirs, collection = {"subject_id": subject}, len(deeds) - 1
        order = len(deeds)
        deeds += [
            {
                "table": "orders_order",
                "changed": {
                    **theirs,
                    "account_id": sale.buyer.user_id if sale.buyer else None,
                    "number": f"K24-{uuid.uuid4().hex[:20]}",
                    "form_token": str(uuid.uuid4()),
                    "placed_at": sale.placed_at,
                    "paid_at": sale.paid_at,
                    "cancelled_at": sale.cancelled_at,
                    "state": "paid" if sale.paid_at else "cancelled",
                    "delivered_at": sale.delivered_at,
                    "fulfilment": "delivered" if sale.delivered_at else "shipped" if sale.sent_at else "waiting",
                },
            },
            {
                "table": "orders_ordercontact",
                "refers": {"order_id": order, "collection_id": collection},
                "changed": theirs,
            },
            {
                "table": "orders_deliveryaddress",
                "refers": {"order_id": order, "collection_id": collection},
                "changed": theirs,
            },
        ]
        if sale.paid_at:
            deeds += [
                {
                    "table": "orders_payment",
                    "refers": {"order_id": order},
                    "changed": {"key": str(uuid.uuid4()), "settled_at": sale.paid_at},
                },
                {
                    "table": "orders_paymentinstrument",
                    "refers": {"payment_id": order + 3, "collection_id": collection},
                    "changed": theirs,
                },
            ]
        if sale.sent_at and not sale.delivered_at:
            sent = {"key": str(uuid.uuid4()), "handed_over_at": sale.sent_at, "tracking_number": uuid.uuid4().hex}
            deeds.append({"table": "orders_parcel", "refers": {"order_id": order}, "changed": sent})
        made = dict(zip((d["table"] for d in deeds), self._do(deeds), strict=True))
        self._addresses[id(sale)] = made["orders_deliveryaddress"]
        ends = plan.years_later(sale.placed_at, plan.CONTRACT_YEARS)
        for table in ("orders_ordercontact", "orders_deliveryaddress"):
            self._lives(Record(table, made[table], sale.purpose_ends, ends, "contract"))
        if sale.paid_at:
            until = plan.years_later(sale.paid_at, plan.PAYMENT_YEARS)
            leaves = sale.paid_at + plan.CARD_IN_DISPUTE
            self._lives(Record("orders_paymentinstrument", made["orders_paymentinstrument"], leaves, until, "payment"))
        leaves = ends if sale.buyer else sale.purpose_ends
        self._lives(Record("orders_order", made["orders_order"], leaves, ends, "contract"))
        if sale.buyer:
            sale.buyer.orders.append((made["orders_order"], sale.purpose_ends, ends))

    def _lives(self, record: Record) -> None:
        self.expected.stands(record.table, record.key)
        self.expected.will_leave(record)

    def _begin(self, passing: plan.Passing) -> None:
        getattr(self, f"_begin_{passing.kind}")(passing)

    def _begin_session(self, passing: plan.Passing) -> None:
        key, ends = uuid.uuid4().hex, passing.over_at or passing.begun_at
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_session VALUES (%s, 'x', %s)", [key, ends])
        self._lives(Record("django_session", key, ends, ends, ""))

    def _begin_review(self, passing: plan.Passing) -> None:
        self._write(passing, "catalogue_review", {"shown_at": passing.begun_at, "hidden_at": None})

    def _begin_subscription(self, passing: plan.Passing) -> None:
        keys = {
            "token": str(uuid.uuid4()),
            "email": f"{uuid.uuid4()}@example.com",
            "created_at": passing.begun_at,
            "confirmed_at": passing.begun_at,
        }
        subject = self._write(passing, "marketing_subscription", keys)
        event = {"id": str(uuid.uuid4()), "subject_id": subject}
        self._do(
            [
                {"table": "privacy_consentevent", "numbered": False, "changed": event},
                {
                    "table": "privacy_preference",
                    "refers": {"event_id": 0},
                    "changed": {"subject_id": subject, "since": passing.begun_at, "state": "given"},
                },
            ]
        )

    def _begin_letter(self, passing: plan.Passing) -> None:
        subject, deeds = self._somebody()
        deeds += [
            {
                "table": "privacy_rightsrequest",
                "numbered": False,
                "changed": {"id": str(uuid.uuid4()), "subject_id": subject, "closed_at": None},
            },
            {
                "table": "privacy_requestmessage",
                "refers": {"request_id": 2, "collection_id": 1},
                "changed": {"subject_id": subject, "letter_digest": uuid.uuid4().hex},
            },
        ]
        made = self._do(deeds)
        self._passing[id(passing)] = (made[2], made[3])
        self.expected.stands("privacy_requestmessage", made[3])

    def _write(self, passing: plan.Passing, table: str, changed: dict[str, Any]) -> str:
        subject, deeds = self._somebody()
        deeds.append({"table": table, "refers": {"collection_id": 1}, "changed": {"subject_id": subject, **changed}})
        key = self._do(deeds)[2]
        self._passing[id(passing)] = (subject, key)
        self.expected.stands(table, key)
        return subject

    def _close(self, buyer: plan.Buyer) -> None:
        self._change("accounts_user", buyer.user_id, "closed_at", buyer.closed_at)
        for key, purpose_ends, dies in buyer.orders:
            # Nobody shows them any more, so from now on they are kept no longer in use than a guest's.
            self.expected.will_leave(Record("orders_order", key, max(purpose_ends, buyer.closed_at), dies, "contract"))

    def _end(self, passing: plan.Passing) -> None:
        first, key = self._passing.pop(id(passing))
        over = passing.over_at
        if passing.kind == "review":
            self._change("catalogue_review", key, "hidden_at", over)
            leaves = over + plan.HIDDEN_BY_MISTAKE
            self.expected.will_leave(Record("catalogue_review", key, leaves, leaves, ""))
        elif passing.kind == "subscription":
            event = {"id": str(uuid.uuid4()), "subject_id": first, "state": "withdrawn"}
            self._do([{"table": "privacy_consentevent", "numbered": False, "changed": event}])
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE privacy_preference SET state = 'withdrawn', since = %s, event_id = %s WHERE subject_id = %s",
                    [over, event["id"], first],
                )
            self.expected.will_leave(Record("marketing_subscription", key, over, over, ""))
        else:
            self._change("privacy_rightsrequest", first, "closed_at", over)
            dies = plan.years_later(over, plan.COMPLAINT_YEARS)
            record = Record("privacy_requestmessage", key, over + plan.PERSON_MAY_COME_BACK, dies, "complaint")
            self.expected.will_leave(record)

    def _hold(self, hold: plan.Hold) -> None:
        key = self._addresses[id(hold.sale)]
        self.expected.holds["orders_deliveryaddress", key].append(hold.until)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO privacy_legalhold (table_name, column_name, row_id, law, reason, until, set_at) "
                "VALUES ('orders_deliveryaddress', 'street', %s, 'Court order', 'a dispute', %s, %s)",
                [key, hold.until, hold.set_at],
            )

    @staticmethod
    def _change(table: str, key: object, column: str, value: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s', [value, key])
