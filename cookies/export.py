"""The statistics as a file: the same numbers as the screen, rounded and suppressed alike, and never one more."""

from __future__ import annotations

import csv
import io
import json

from cookies.queries import Period, rounded

OTHER = "(other)"


def rows(shown: Period) -> list[tuple[str, str, str, int, int | None]]:
    """Kind, day or dimension, value, page views, visitors (None where they are not counted)."""
    found: list[tuple[str, str, str, int, int | None]] = [
        ("day", day.day.isoformat(), "partial" if day.partial else "", rounded(day.views), rounded(day.visitors))
        for day in shown.days
        if day.views is not None and day.visitors is not None
    ]
    for dimension, cells in sorted(shown.cells.items()):
        found += [
            (
                "dimension",
                dimension,
                OTHER if cell.value is None else cell.value,
                rounded(cell.views),
                rounded(cell.visitors) if cell.visitors else None,
            )
            for cell in cells
        ]
    found += [("robots", reason, "", number, None) for reason, number in shown.robots.items()]
    return [*found, ("dropped", "", "", shown.dropped, None)]


def as_csv(shown: Period) -> str:
    """Comma-separated values (RFC 4180). A value that a spreadsheet would take for a formula is quoted with an apostrophe."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["kind", "name", "value", "page_views", "visitors"])
    for kind, name, value, views, visitors in rows(shown):
        harmless = f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
        writer.writerow([kind, name, harmless, views, "" if visitors is None else visitors])
    return sheet.getvalue()


def as_json(shown: Period) -> str:
    """The same as JSON, with the period and the rule that it was held against."""
    fields = ("kind", "name", "value", "page_views", "visitors")
    return json.dumps(
        {
            "first": shown.first.isoformat(),
            "last": shown.last.isoformat(),
            "fewest_visitors": 10,
            "rounded_to": 5,
            "rows": [dict(zip(fields, row, strict=True)) for row in rows(shown)],
        },
        ensure_ascii=False,
    )
