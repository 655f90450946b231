"""The list of the ways to break the policy as a page for people."""

from __future__ import annotations

from pathlib import Path

from tests.hostile_operator import by_admin, by_paper, by_pipes, by_shell, by_sql  # noqa: F401 - entered by being imported
from tests.hostile_operator.ways import WAYS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hostile-operator.md"

_HEAD = """# What a hostile operator tries

Somebody who runs the store, or has got hold of a part of it, wants what the policy does not allow. Each line is a test in
`tests/hostile_operator/` that tries it for real. It is refused, or it is found by what the last column names; a check is
one of `manage.py check --database default`. The list is made from the tests: `python -m tests.hostile_operator`.
"""


def markdown() -> str:
    """The whole page."""
    closed = [way for way in WAYS if not way.open_because]
    opened = [way for way in WAYS if way.open_because]
    lines = [_HEAD, f"{len(closed)} ways are closed, {len(opened)} are open and stand at the end.\n"]
    for by in dict.fromkeys(way.by for way in closed):
        lines += [f"## {by}\n", "| what is tried | what stops it or finds it |", "|---|---|"]
        lines += [f"| {way.name} | {way.stopped_by} |" for way in closed if way.by == by] + [""]
    if opened:
        lines += ["## Open\n", "| what is tried | by | why it succeeds, and what remains |", "|---|---|---|"]
        lines += [f"| {way.name} | {way.by} | {way.open_because} |" for way in opened] + [""]
    return "\n".join(lines).rstrip() + "\n"
