"""The record of processing that GDPR Art. 30(1) asks of a controller: a row for each purpose, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from privacy.internal.datamap.entries import Entry, entries, law_of, newest, receives

# One for each letter of Art. 30(1), and what an auditor asks next.
HEADINGS = (
    "controller and contact (a)",
    "purpose (b)",
    "legal basis",
    "data subjects (c)",
    "categories of personal data (c)",
    "recipients (d)",
    "transfers to other countries (e)",
    "erased after (f)",
    "law",
    "security (g)",
    "collection points",
    "tables",
    "policy version",
)
CONTROLLER = "{operator}, {address}; {mailbox}"
HOME = "KR"
SECURITY = (
    "Written only inside a recorded collection (database trigger); the application's role owns nothing; staff see masks; "
    "every hand-over is written down; no value in logs, queues or caches"
)


def record() -> str:
    """The record. {operator}, {address} and {mailbox} stand for the settings of an installation."""
    stated, found = newest(), entries()
    words = stated.words("en")
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    for purpose in sorted(stated.purposes):
        mine = [entry for entry in found if purpose in entry.declared.purposes]
        receiving = [
            r
            for r in sorted(stated.recipients.values(), key=lambda r: r.id)
            if purpose in r.receives and any(receives(r, entry.declared) for entry in mine)
        ]
        keeps = sorted({str(entry.declared.keep) for entry in mine})
        writer.writerow(
            [
                CONTROLLER,
                f"{words.of('purpose', purpose)} ({purpose})",
                stated.legal_basis(purpose),
                _list(s for entry in mine for s in entry.subjects),
                _list(entry.declared.category for entry in mine) or "none in a table: see the page of cookies",
                _list(f"{words.of('recipient', r.id)} ({r.country})" for r in receiving) or "nobody",
                _list(r.country for r in receiving if r.country != HOME) or "none",
                " ".join(words.of("retention", keep) for keep in keeps),
                _list(law_of(keep) for keep in keeps),
                SECURITY,
                _points(mine),
                _list(entry.model._meta.db_table for entry in mine),
                stated.version,
            ]
        )
    return out.getvalue()


def _points(mine: list[Entry]) -> str:
    """The collection points at which these values come in, as far as a form names them."""
    from privacy.internal.checks.forms import collection_points

    points = collection_points()
    return _list(point for entry in mine for point in points.get(entry.column, ()))


def _list(values: Iterable[str]) -> str:
    return "; ".join(sorted({str(value) for value in values if value}))
