"""Violations of the policy, planted in a copy of the tree, are found before a release (the hundred: `make accept-mutations`)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.campaigns.violations import columns, faces, outlets, promises  # noqa: F401 - they register their kinds
from tests.campaigns.violations.tree import KINDS

# Drawn once: a failure here is a check that stopped finding, not the luck of the day.
SEED = "2026"


@pytest.mark.long
def test_a_sample_of_violations_is_found_and_the_tree_as_it_is_raises_no_alarm():
    ran = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.mutations"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SEED": SEED, "VIOLATIONS": "8", "WORKERS": "2", "PYTHONPATH": str(settings.BASE_DIR)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr[-2000:]
    assert "mutations: 8 of 8 caught, 0 false alarms" in ran.stdout


def test_every_id_of_a_check_is_shown_by_a_violation_or_a_test_of_its_own():
    """A check that no planted violation meets could be one that finds nothing."""
    checks = Path(settings.BASE_DIR) / "privacy" / "internal" / "checks"
    declared = {
        line.split('id="', 1)[1].split('"', 1)[0]
        for path in checks.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if 'id="privacy.' in line
    }
    planted = {identity for kind in KINDS for identity in kind.found_as}
    tests = (Path(settings.BASE_DIR) / "tests").rglob("*.py")
    tested = "\n".join(path.read_text(encoding="utf-8") for path in tests if path.name != Path(__file__).name)
    assert {identity for identity in declared - planted if identity not in tested} == set()
