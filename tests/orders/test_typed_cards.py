"""Card numbers typed by a guest on some pages, into requests, the API and mails are nowhere afterwards.

`make accept-cards` runs it at full size, with a member and staff.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
A_FEW = {"SEED": "20261127", "NUMBERS": "20", "FEW": "1"}


@pytest.mark.long
def test_a_few_numbers_typed_in_many_places_are_found_nowhere() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.campaigns.cards"],
        cwd=ROOT,
        env=os.environ | A_FEW,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    figures = dict(re.findall(r"(\w+)=(\d+)", run.stdout.splitlines()[-1]))
    assert figures["found"] == figures["missed"] == figures["decoys_refused"] == figures["errors"] == "0", said
    assert figures["planted"] == "8", said
    assert int(figures["places"]) > 50, said


@pytest.mark.parametrize("card", ["4242424242424242", "4242 4242 4242 4242", "４２４２４２４２４２４２４２４２"])
def test_a_card_number_is_not_searched_for(store: Any, card: str) -> None:
    page = Client().get("/search/", {"q": card})
    assert "looks like a card number" in page.content.decode()
    assert f'value="{card}"' not in page.content.decode()
