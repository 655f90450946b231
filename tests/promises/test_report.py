"""The report of promises is complete, names only what exists, and says openly what is missing."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from privacy.internal import policy, report

ROOT = Path(settings.BASE_DIR)
CLAUSES = ROOT.parent / "shared" / "policy-clauses.md"


def test_every_clause_stands_in_the_report_once():
    ids = [entry["id"] for entry in report.clauses()]
    assert len(ids) == len(set(ids))
    if not CLAUSES.exists():
        pytest.skip("the list of clauses beside the project is not here to compare with")
    promised = re.findall(r"^\| `([a-z.\-]+)` \|", CLAUSES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(ids) == sorted(promised)


def test_every_place_and_test_that_the_report_names_exists():
    for entry in report.clauses():
        for name in [*entry["enforced"], *entry["shown"]]:
            assert (ROOT / name).exists(), f"{entry['id']} names {name}"
        assert entry["shown"] or entry.get("open"), f"{entry['id']} is neither shown by a test nor open"


def test_every_test_of_a_promise_is_named_by_the_report():
    named = {name for entry in report.clauses() for name in entry["shown"]}
    for path in (ROOT / "tests" / "promises").glob("test_*.py"):
        if path.name != "test_report.py":
            assert f"tests/promises/{path.name}" in named


def test_every_clause_of_the_policy_texts_is_a_promise():
    ids = {entry["id"] for entry in report.clauses()}
    in_force = policy.current()
    assert {s.clause for s in in_force.statements} <= ids
    for locale in in_force.locales:
        assert {s["clause"] for s in in_force.words(locale).data["section"]} <= ids


@pytest.mark.django_db
def test_the_exit_status_is_one_while_anything_is_open(capsys):
    with pytest.raises(SystemExit) as left:
        call_command("privacy_report", "--json")
    assert left.value.code == 1
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(report.clauses())
    assert any(row["open"] for row in rows)
