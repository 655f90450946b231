"""`make accept-ledger [SEED= TRIALS=]`: a superuser tampers with the ledger, ten thousand times, and is found each time.

Each trial tampers in one way (an edit, a deletion, an insertion, a reordering), covers it up more or less well, up to removing
heads and signing with a key of their own, and lets the store go on: then `verify` must find it, or the signer refuse. The
entry that was touched first must lie in what is found. In between the untouched ledger is verified, and must be found true.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from tests.campaigns.installation import own_installation, seed_from

SIZES = (3, 40, 90, 60, 120, 37)
KINDS = ("edit", "deletion", "insertion", "reordering")


def main() -> int:
    seed, trials = seed_from(), int(os.environ.get("TRIALS") or 10_000)
    print(f"SEED={seed} TRIALS={trials}", flush=True)
    started = time.monotonic()
    with own_installation() as folder:
        from django.conf import settings

        _become_superuser()
        settings.LEDGER_JOURNAL = str(Path(folder) / "journal")
        missed, done = campaign(random.Random(seed), trials, Path(settings.LEDGER_JOURNAL))
    for line in missed[:50]:
        print(line)
    kinds = " ".join(f"{kind}={sum(n for (k, _c), n in done.items() if k == kind)}" for kind in KINDS)
    covers = " ".join(f"cover{c}={sum(n for (_k, cover), n in done.items() if cover == c)}" for c in range(5))
    print(f"trials={trials} {kinds} {covers} missed={len(missed)} seconds={time.monotonic() - started:.0f} SEED={seed}")
    return 1 if missed else 0


def campaign(
    randomness: random.Random, trials: int, journal_folder: Path
) -> tuple[list[str], Counter[tuple[str, int]]]:
    """Make a ledger, tamper with it again and again; what was missed, and how often which was tried."""
    from django.db import transaction

    from privacy.internal.ledger import building, journal, verifying
    from tests.support.tampering import Superuser, write_evidence

    for size in SIZES:
        write_evidence(size, randomness)
        building.extend()
    kept = journal_folder.with_name("kept")
    shutil.copytree(journal_folder, kept)
    missed: list[str] = []
    done: Counter[tuple[str, int]] = Counter()
    for number in range(trials):
        kind, cover = KINDS[number % len(KINDS)], randomness.randrange(5)
        with transaction.atomic():
            deed = Superuser(randomness).do(kind, cover=cover)
            witnesses = list(journal.heads())
            refused = ""
            if cover == 3:
                # The store's own signer comes by, knowing nothing.
                try:
                    building.extend()
                except building.LedgerBroken as error:
                    refused = str(error)
            report = verifying.verify(witnesses=witnesses)
            if report.is_true and not refused:
                missed.append(f"trial {number}: {deed} with cover {cover} was not found")
            elif deed.position is not None and not _is_named(report, deed.position):
                said = "; ".join(map(str, report.findings))
                missed.append(f"trial {number}: {deed} with cover {cover} was found elsewhere: {said}")
            transaction.set_rollback(True)
        if cover >= 3:
            shutil.rmtree(journal_folder)
            shutil.copytree(kept, journal_folder)
        done[kind, cover] += 1
        if number % 100 == 0:
            report = verifying.verify()
            if not report.is_true:
                missed.append(f"after trial {number} the untouched ledger was found wrong: {report.first}")
        if number and number % 1000 == 0:
            print(f"{number} trials, {len(missed)} missed", flush=True)
    return missed, done


def _is_named(report: object, position: int) -> bool:
    """Whether a finding means the entry that was touched, and none that comes before it is called wrong by name."""
    ranges = [(f.position, f.stop) for f in report.findings if f.position is not None]
    exact = [start for start, stop in ranges if stop - start == 1]
    return any(start <= position < stop for start, stop in ranges) and all(start >= position for start in exact)


def _become_superuser() -> None:
    """Work as the role that initdb made, which this campaign's own cluster is told to let in."""
    from django.db import OperationalError, connections

    from kmall24.engines import places, postgres

    data = places.place().directory / "postgres"
    (data / "pg_hba.conf").write_text("local all all trust\n", encoding="ascii")
    os.kill(int((data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGHUP)
    store = connections["default"]
    store.close()
    store.settings_dict["USER"] = postgres.CLUSTER_ROLE
    for patience in range(100):
        try:
            store.ensure_connection()
            return
        except OperationalError:
            if patience == 99:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
