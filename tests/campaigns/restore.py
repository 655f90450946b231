"""`make accept-restore [SEED= EACH=500 HOW=files]`: back up, erase, stop and correct, restore; nobody comes back.

`HOW` is "files" (the cluster's directory) or "dump" (pg_dump and pg_restore); without it both are done, one after the other.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

from tests.campaigns.installation import own_installation, seed_from


def main() -> int:
    seed, each = seed_from(), int(os.environ.get("EACH") or 500)
    way = os.environ.get("HOW", "")
    if not way:
        # Settings are read once in a process, so each way has one of its own.
        environments = [{**os.environ, "SEED": str(seed), "HOW": name} for name in ("files", "dump")]
        command = [sys.executable, "-m", "tests.campaigns.restore"]
        return max(subprocess.run(command, env=environment, check=False).returncode for environment in environments)
    print(f"SEED={seed} EACH={each} HOW={way}", flush=True)
    started = time.monotonic()
    with own_installation() as folder:
        from tests.campaigns.restoring import backups
        from tests.campaigns.restoring.drill import drill

        logging.disable(logging.ERROR)  # every page that is shut would be a line
        backups.let_the_superuser_in()
        backup = {"files": backups.Files, "dump": backups.Dump}[way](folder)
        figures = drill(backup, each=each, seed=seed, say=lambda line: print(line, flush=True))
    for line in figures.wrong[:30]:
        print(line)
    print(
        f"how={way} erased={figures.erased} opted_out={figures.stopped} corrected={figures.corrected} "
        f"wrong={len(figures.wrong)} deeds={figures.seconds.get('deeds', 0):.1f}s "
        f"replay={figures.seconds.get('replay', 0):.1f}s seconds={time.monotonic() - started:.0f} SEED={seed}",
        flush=True,
    )
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
