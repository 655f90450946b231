"""The single entry point for proving that nothing of a visit stays: one is sent, counted, and then searched for everywhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from psycopg2 import sql

from cookies.domain.aggregate import aggregate
from cookies.models import PurgeCertificate, RemovalProof
from cookies.traffic import planted, store, traces
from cookies.traffic.planted import Planted
from cookies.traffic.traces import Place

logger = logging.getLogger(__name__)

# Seconds within which a page view is to be counted and gone.
PATIENCE = store.PROMISED
_BETWEEN_LOOKS = 0.25


class AnotherAudit(Exception):
    """A planted visitor is on its way already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The proof that was written, and the places with the names that the proof leaves out."""

    proof: RemovalProof
    places: list[Place]

    @property
    def holds(self) -> bool:
        """Whether the visitor came through and nothing of it was found."""
        return self.proof.certificate is not None and self.proof.found == 0


def prove_removal(
    *, everything: bool = False, rows: bool = False, before_search: Callable[[Planted], None] = lambda visitor: None
) -> Outcome:
    """Send a planted visitor through the pipe, wait until it is counted and removed, search for it, write down the outcome.

    Only files that were written to since are read, unless `everything` is wanted; `rows` reads every table by SQL as well,
    which is done in any case where the database's files cannot be. `before_search` is for a test that leaves a trace.
    """
    with store.one_audit_at_a_time() as alone:
        if not alone:
            raise AnotherAudit("Another audit is on its way; try again when it is done.")
        planted_at = timezone.now()
        last = PurgeCertificate.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        visitor = planted.send()
        certificate = _counted(visitor, last)
        planted.forget(visitor)
        before_search(visitor)
        places = traces.search(visitor.traces, since=None if everything else planted_at.timestamp())
        # The files of a database elsewhere cannot be read from here; its rows can.
        if rows or any(place.skipped for place in places if place.name == "database"):
            places.append(_search_rows(visitor))
        return Outcome(_write(visitor, planted_at, certificate, places), places)


def _counted(visitor: Planted, last: int) -> PurgeCertificate | None:
    """The certificate with which the last of the visitor's page views was counted; None when one never came through."""
    deadline = time.monotonic() + PATIENCE
    while True:
        aggregate()
        since = PurgeCertificate.objects.filter(pk__gt=last, planted__gt=0)
        if (since.aggregate(number=Sum("planted"))["number"] or 0) >= visitor.pages:
            return since.order_by("-pk").first()
        if time.monotonic() > deadline:
            return None
        time.sleep(_BETWEEN_LOOKS)


def _search_rows(visitor: Planted) -> Place:
    """Every row of every table that this role may read, as text."""
    place = Place("rows")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
            "AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2"
        )
        for schema, table in cursor.fetchall():
            name = sql.Identifier(schema, table)
            conditions = sql.SQL(" OR ").join([sql.SQL("strpos(t::text, %s) > 0")] * len(visitor.traces))
            statement = sql.SQL("SELECT count(*) FILTER (WHERE {}), count(*) FROM {} AS t").format(conditions, name)
            cursor.execute(statement.as_string(cursor.connection), [trace.decode() for trace in visitor.traces])
            found, number = cursor.fetchone()
            place.files += number
            place.found += [f"{schema}.{table}"] * found
    return place


def _write(
    visitor: Planted, planted_at: dt.datetime, certificate: PurgeCertificate | None, places: list[Place]
) -> RemovalProof:
    found = sum(len(place.found) for place in places)
    proof = RemovalProof.objects.create(
        planted_at=planted_at,
        certificate=certificate,
        marker_digest=hashlib.sha256(visitor.marker.encode()).hexdigest(),
        places={place.name: place.as_json() for place in places},
        files=sum(place.files for place in places),
        found=found,
    )
    if found:
        logger.error("A planted visitor left traces in %d files or keys. See `manage.py traffic_audit`.", found)
    if certificate is None:
        logger.error("A planted visitor was not counted within %d seconds. Does the worker run?", PATIENCE)
    return proof
