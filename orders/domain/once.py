"""Asking twice is asking once: a key and what was sent with it get one answer, however often and however fast they come.

After draft-ietf-httpapi-idempotency-key-header. The row that remembers a key is written in the transaction of the order, and
its key is unique: of two at once, one places the order and the other waits for that to be decided.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare, salted_hmac

from orders.models import KeptAnswer, Order

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
# A string of RFC 8941, which the draft asks for; and the same without quotation marks, as many clients send it.
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-\[\]-~]+")


class BadKey(ValueError):
    """The header cannot be read as a key."""


class SentBefore(Exception):
    """The same key was used a moment ago, by somebody quicker."""


class AnotherBody(Exception):
    """The key was used before, with something else; `order` is what came of that, None when it was refused."""

    def __init__(self, order: Order | None) -> None:
        super().__init__("This key was used with another request.")
        self.order = order


@dataclass(frozen=True, slots=True)
class Once:
    """One request that shall count once."""

    key_digest: bytes
    body_digest: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of the same request before: an order, or a problem with its status."""

    order: Order | None
    status: int
    problem: dict[str, Any] | None


def read_key(header: str) -> str:
    """The key in an `Idempotency-Key` header; `BadKey` when there is none in it."""
    text = header.strip()
    quoted = _QUOTED.fullmatch(text)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
    if not key or len(key) > LONGEST_KEY or not (quoted or _BARE.fullmatch(key)):
        raise BadKey(header[:20])
    return key


def once(surface: str, whose: str, key: str, body: Mapping[str, Any]) -> Once:
    """This request, told from all others: where it was sent, by whom, under which key, saying what."""
    said = json.dumps(body, sort_keys=True, default=str)
    return Once(_digest("key", surface, whose, key), _digest("body", surface, said))


def recall(request: Once) -> Kept | None:
    """What came of it before, None when it is new. Raises `AnotherBody` when its key was used for something else."""
    row = (
        KeptAnswer.objects.select_related("order")
        .filter(key_digest=request.key_digest, kept_at__gt=Now() - KEPT_FOR)
        .first()
    )
    if row is None:
        return None
    if not constant_time_compare(bytes(row.body_digest), request.body_digest):
        raise AnotherBody(row.order)
    return Kept(row.order, row.status, row.problem)


def remember(request: Once, order: Order) -> None:
    """Write down that this order came of it, in the order's own transaction.

    `SentBefore` says that somebody quicker sent the same: let everything roll back, and `recall`.
    """
    if not _write(request, order.pk, 201, None):
        raise SentBefore


def remember_refusal(request: Once, status: int, problem: dict[str, Any]) -> Kept:
    """Write down why nothing came of it; the answer is what is kept, which somebody quicker may have written."""
    if not _write(request, None, status, problem) and (kept := recall(request)):
        return kept
    return Kept(None, status, problem)


def _write(request: Once, order_id: int | None, status: int, problem: dict[str, Any] | None) -> bool:
    """Keep an answer; False when another one is kept under the key. One that is older than a day makes room.

    Whoever is second waits here for the first one's transaction to end.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders_keptanswer AS kept (key_digest, body_digest, order_id, status, problem, kept_at)
            VALUES (%s, %s, %s, %s, %s::jsonb, statement_timestamp())
            ON CONFLICT (key_digest) DO UPDATE
               SET body_digest = excluded.body_digest, order_id = excluded.order_id, status = excluded.status,
                   problem = excluded.problem, kept_at = excluded.kept_at
             WHERE kept.kept_at <= statement_timestamp() - make_interval(secs => %s)
            RETURNING id
            """,
            [
                request.key_digest,
                request.body_digest,
                order_id,
                status,
                None if problem is None else json.dumps(problem),
                KEPT_FOR // timedelta(seconds=1),
            ],
        )
        return cursor.fetchone() is not None


def forget_old() -> int:
    """Remove what is older than a day, by the database's clock; says how many."""
    return KeptAnswer.objects.filter(kept_at__lte=Now() - KEPT_FOR).delete()[0]


def _digest(what: str, *parts: str) -> bytes:
    # As a list, so that no two ways to divide a text into parts are one.
    return salted_hmac(f"orders.once.{what}", json.dumps(parts), algorithm="sha256").digest()
