"""The copy of somebody who bought often, small; `make accept-copy` does it with ten thousand orders and holds time and memory."""

import os
import subprocess
import sys

import pytest


@pytest.mark.long
def test_everything_of_many_orders_is_in_the_copy():
    environment = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "KMALL24_STATE_DIR")}
    # Time is held by the campaign, on a machine that does nothing else.
    small = environment | {"ORDERS": "120", "SECONDS": "480"}
    command = [sys.executable, "-m", "tests.campaigns.copy"]
    done = subprocess.run(command, env=small, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "orders=120 records=484" in done.stdout
