"""`verify_ledger`: the whole ledger, from the rows of evidence to the signatures; the first wrong entry is named."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.internal.ledger import journal, verifying
from privacy.internal.ledger.heads import Head


class Command(BaseCommand):
    help = "Check every entry of the ledger and every signed head. The exit status is 1 when something is not as it was signed."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--witness",
            action="append",
            default=[],
            metavar="FILE",
            help="a head that was kept elsewhere: /privacy/ledger/head as it was once downloaded, or a receipt",
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        witnesses = [*journal.heads(), *(_head_in(Path(name)) for name in options["witness"])]
        started = time.monotonic()
        report = verifying.verify(witnesses=witnesses)
        seconds = time.monotonic() - started
        if options["json"]:
            findings = [
                {"what": f.what, "sentence": f.sentence, "position": f.position, "stop": f.stop}
                for f in report.findings
            ]
            figures = {"entries": report.entries, "heads": report.heads, "waiting": report.waiting}
            rest = {"unsigned": report.unsigned, "seconds": round(seconds, 3), "findings": findings}
            self.stdout.write(json.dumps(figures | rest))
        else:
            rate = f"{report.entries / seconds:,.0f} a second"
            self.stdout.write(
                f"{report.entries:,} entries ({rate}), {report.heads:,} heads, {report.waiting:,} leaves waiting."
            )
            if report.unsigned:
                self.stdout.write(f"The last {report.unsigned:,} entries are under no signed head yet.")
            for finding in report.findings:
                self.stdout.write(str(finding))
            first = report.first
            self.stdout.write(f"First wrong: {first}" if first else "Everything is as it was signed.")
        if not report.is_true:
            sys.exit(1)


def _head_in(path: Path) -> Head:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Head.of(data.get("ledger", data).get("head", data))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CommandError(
            f"{path} holds no signed head. Give it /privacy/ledger/head as downloaded, or a receipt."
        ) from error
