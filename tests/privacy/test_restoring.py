"""The drill with a real backup of a real cluster, small; `make accept-restore` does it in full, by dump as well."""

import os
import subprocess
import sys

import pytest


@pytest.mark.long
def test_nobody_comes_back_with_a_backup():
    environment = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "KMALL24_STATE_DIR")}
    command = [sys.executable, "-m", "tests.campaigns.restore"]
    small = environment | {"EACH": "5", "HOW": "files", "SEED": "11"}
    done = subprocess.run(command, env=small, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "erased=5 opted_out=5 corrected=1 wrong=0" in done.stdout
