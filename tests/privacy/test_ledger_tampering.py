"""A small run of `make accept-ledger`: a superuser of the database tampers with the ledger in every way, and is found each time."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tampering import DEEDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_whatever_a_superuser_does_to_the_ledger_is_found():
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "KMALL24_"))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.ledger"],
        cwd=ROOT,
        env=environment | {"TRIALS": "80", "SEED": "7"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = done.stdout.splitlines()[-1]
    assert "missed=0" in figures
    assert all(int(re.search(rf"{kind}=(\d+)", figures)[1]) == 20 for kind in DEEDS)
