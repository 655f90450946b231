"""`make bench-ledger [ENTRIES= PAIRS=]`: what a leaf costs eight writers, and how many entries a second are verified.

Writing is measured on a cluster that is as durable as a store's: rounds with the trigger and without it take turns, and the
middle of the pairs' ratios is what counts, so that a busy machine slows both. Verifying is measured in seconds of the clock,
which the goal is about and which want a quiet machine, and in seconds of one processor, which are what it costs wherever it runs.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.campaigns.installation import own_installation

WRITERS = 8
SECONDS_A_ROUND = 2

# As the store's driver sends it: one statement, read and planned anew each time, committed by itself.
WRITE = """
\\set person random(0, 9)
INSERT INTO privacy_consentevent (id, subject_id, purpose, channel, state, method, surface, policy_version, text_digest, \
locale, shown_at, under_gpc, received_at, acted_by_id) VALUES (gen_random_uuid(), \
('00000000-0000-4000-8000-00000000000' || :person)::uuid, 'marketing.communications.email', 'email', 'given', 'form', \
'web.account', '2026-11-01', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'ko', \
'2026-11-23 07:00:00+00'::timestamptz, false, '2026-11-23 07:00:00.123456+00'::timestamptz, null);
"""

# Half of the entries are choices, half are collections with their lists of fields.
FILL = (
    "INSERT INTO privacy_consentevent (id, subject_id, purpose, channel, state, method, surface, policy_version, text_digest,"
    " locale, shown_at, under_gpc, received_at) SELECT gen_random_uuid(), ('00000000-0000-4000-8000-00000000000' || n %% 10)::uuid,"
    " 'marketing.communications.email', 'email', 'given', 'form', 'web.account', '2026-11-01', md5(n::text) || md5(n::text),"
    " 'ko', now(), false, clock_timestamp() FROM generate_series(1, %s) n",
    "INSERT INTO privacy_collection (id, subject_id, surface, channel, fields, policy_version, notice_digest, notice_locale,"
    " notice_shown_at, source, transaction_id, received_at) SELECT gen_random_uuid(),"
    " ('00000000-0000-4000-8000-00000000000' || n %% 10)::uuid, 'web.checkout', 'web', ARRAY['orders_ordercontact.email',"
    " 'orders_ordercontact.name', 'orders_deliveryaddress.street', 'orders_deliveryaddress.city'], '2026-11-01',"
    " md5(n::text) || md5(n::text), 'ko', now(), '', 0, clock_timestamp() FROM generate_series(1, %s) n",
)
ENTRIES_A_HEAD = 50_000


def main() -> int:
    entries, pairs = int(os.environ.get("ENTRIES") or 1_000_000), int(os.environ.get("PAIRS") or 11)
    with own_installation(disposable=False):
        ratio, plain, with_leaf = writing(pairs)
        print(f"{WRITERS} writers: {plain:,.0f} plain inserts a second, {with_leaf:,.0f} with their leaf", flush=True)
        entering = fill(entries)
        verified, per_core = verifying(), verifying_per_core()
    print(
        f"writers={WRITERS} plain={plain:.0f}/s leaf={with_leaf:.0f}/s slower={100 * (1 - ratio):.1f}% "
        f"entries={entries} entered={entering:.0f}/s verified={verified:.0f}/s verified_per_core={per_core:.0f}/s"
    )
    return 0 if ratio >= 0.9 and verified >= 250_000 else 1


def writing(pairs: int) -> tuple[float, float, float]:
    """The middle ratio of inserts with a leaf to plain ones, and the middle figure of each."""
    from django.db import connections

    with connections["owner"].cursor() as owner:
        owner.execute(
            "INSERT INTO privacy_subject (id, kind, created_at, jurisdiction) "
            "SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'customer', now(), '' FROM generate_series(0, 9) n"
        )
        _round()
        figures: dict[bool, list[float]] = {True: [], False: []}
        for pair in range(pairs):
            for with_leaf in (True, False) if pair % 2 else (False, True):
                owner.execute(
                    f"ALTER TABLE privacy_consentevent {'ENABLE' if with_leaf else 'DISABLE'} TRIGGER privacy_leaf"
                )
                figures[with_leaf].append(_round())
        owner.execute("TRUNCATE privacy_consentevent CASCADE")
        owner.execute("DELETE FROM privacy_waitingleaf WHERE source = 'privacy_consentevent'")
        owner.execute("ALTER TABLE privacy_consentevent ENABLE TRIGGER privacy_leaf")
    ratios = [leaf / plain for leaf, plain in zip(figures[True], figures[False], strict=True)]
    print(f"pairs: {' '.join(f'{ratio:.3f}' for ratio in ratios)}", flush=True)
    return statistics.median(ratios), statistics.median(figures[False]), statistics.median(figures[True])


def _round() -> float:
    """Inserts a second of eight writers, as the application role."""
    from django.db import connections

    from kmall24.engines import binaries

    store = connections["default"].settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(WRITE)
        script.flush()
        program = binaries.postgres_installation() / "bin" / "pgbench"
        command = [program, "-n", "-h", store["OPTIONS"].get("host") or store["HOST"], "-U", store["USER"]]
        command += ["-c", str(WRITERS), "-j", "2", "-T", str(SECONDS_A_ROUND), "-M", "simple", "-f", script.name]
        done = subprocess.run([*command, store["NAME"]], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench said no figure: {done.stdout}{done.stderr}")
    return float(found[1])


def fill(entries: int) -> float:
    """Write evidence, take it in and sign; the entries that were taken in, in the tree and under a head each second."""
    from django.db import connection, connections

    from privacy.internal.ledger import building

    seconds = 0.0
    for start in range(0, entries, ENTRIES_A_HEAD):
        number = min(ENTRIES_A_HEAD, entries - start)
        with connection.cursor() as cursor:
            for statement in FILL:
                cursor.execute(statement, [number // 2])
        started = time.perf_counter()
        building.extend()
        seconds += time.perf_counter() - started
    with connections["owner"].cursor() as owner:
        owner.execute("VACUUM ANALYZE")
    return entries / seconds


def verifying() -> float:
    """Entries verified a second, the better of two runs."""
    rates = []
    for _ in range(2):
        started = time.perf_counter()
        rates.append(_verified() / (time.perf_counter() - started))
    return max(rates)


def verifying_per_core() -> float:
    """Entries verified for each second that a processor works, here and in the server: what a busy machine does not change."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    worked = time.process_time() + _worked(server)
    entries = _verified()
    seconds = time.process_time() + _worked(server) - worked
    connection.close()
    return entries / seconds


def _verified() -> int:
    from privacy.internal.ledger import verifying

    report = verifying.verify()
    if not report.is_true:
        raise RuntimeError(f"The ledger of the measurement is not true: {report.first}")
    return report.entries


def _worked(process: int) -> float:
    """The processor's seconds that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
