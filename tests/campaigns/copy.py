"""`make accept-copy [ORDERS=10000 SECONDS=10 MEGABYTES=200]`: one person with many orders fetches a copy.

The store that makes it is a process of its own, whose memory is measured by the kernel from its start to its end. What arrives
is unpacked and compared with the database, record by record. Time and memory over the limit, or a record that is missing, fail.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from tests.campaigns.installation import own_installation


def main() -> int:
    if os.environ.get("COPY_OF"):
        return _make(os.environ["COPY_OF"], Path(os.environ["COPY_TO"]))
    orders = int(os.environ.get("ORDERS") or 10_000)
    seconds, megabytes = float(os.environ.get("SECONDS") or 10), float(os.environ.get("MEGABYTES") or 200)
    print(f"ORDERS={orders}", flush=True)
    with own_installation(), tempfile.TemporaryDirectory() as folder:
        from tests.campaigns.copying.person import expected, with_orders

        subject = with_orders(orders)
        wanted = expected(subject)
        print(f"{sum(wanted.values())} records of {len(wanted)} kinds", flush=True)
        to = Path(folder) / "copy.zip"
        environment = {**os.environ, "COPY_OF": str(subject.pk), "COPY_TO": str(to)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.campaigns.copy"], env=environment, check=True, capture_output=True, text=True
        )
        figures = json.loads(done.stdout)
        with zipfile.ZipFile(to) as copy:
            data = json.loads(copy.read("copy.json"))
            page = copy.read("copy.html").decode()
            sizes = {entry.filename: entry.file_size for entry in copy.infolist()}
            packed = to.stat().st_size
    wrong = []
    found: dict[str, int] = {}
    for record in data["records"]:
        found[record["record"]] = found.get(record["record"], 0) + 1
    if found != wanted:
        wrong.append(f"the copy holds {found}, the database {wanted}")
    if page.count("<tr>") < sum(wanted.values()):
        wrong.append("the page has fewer lines than there are records")
    if figures["seconds"] > seconds:
        wrong.append(f"it took {figures['seconds']:.1f} s")
    if figures["megabytes"] > megabytes:
        wrong.append(f"it took {figures['megabytes']:.0f} MB")
    for line in wrong:
        print(line)
    evidence = len(data["collections"]) + len(data["disclosures"])
    took = " ".join(f"{name}={figures[name]:.1f}" for name in ("seconds", "cpu", "first", "before", "megabytes"))
    print(
        f"orders={orders} records={sum(found.values())} evidence={evidence} {took} "
        f"json={sizes['copy.json'] >> 20}MB html={sizes['copy.html'] >> 20}MB zip={packed >> 10}KB wrong={len(wrong)}"
    )
    return 1 if wrong else 0


def _make(key: str, to: Path) -> int:
    """The process that is measured: it starts the store as a web process does, and streams one copy."""
    import django

    django.setup()
    from privacy.internal.copying import stream
    from privacy.models import Subject

    subject = Subject.objects.get(pk=key)
    before = _megabytes()
    started, cpu, first = time.monotonic(), time.process_time(), None
    with to.open("wb") as file:
        for piece in stream(subject):
            first = first or time.monotonic()
            file.write(piece)
    figures = {
        "seconds": time.monotonic() - started,
        "first": (first or started) - started,
        "cpu": time.process_time() - cpu,
        "before": before,
        "megabytes": _megabytes(),
    }
    print(json.dumps(figures))
    return 0


def _megabytes() -> float:
    """The most memory that this program ever had resident, as the kernel counts it."""
    # Not getrusage: there a new program inherits the peak of the one that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
