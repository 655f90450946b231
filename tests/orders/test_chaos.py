"""A handful of deaths while people shop: three ledgers agree afterwards, and a checker that would overlook a lie is void.

`make accept-chaos` runs it at full size.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
A_FEW = {"SEED": "20261127", "FAULTS": "5", "OPERATIONS": "110", "PEOPLE": "6", "DURABLE": "0"}


@pytest.mark.long
def test_a_few_deaths_leave_three_ledgers_that_agree() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.chaos"],
        cwd=ROOT,
        env=os.environ | A_FEW,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    figures = dict(re.findall(r"(\w+)=([\d.]+)", run.stdout.splitlines()[-1]))
    assert figures["violations"] == figures["missed"] == "0", said
    assert int(figures["faults"]) == 5, said
    assert int(figures["paid"]) > 0, said
    assert int(figures["planted"]) >= 10, said
