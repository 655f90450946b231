"""`privacy_report`: every promise of the policy, where it is kept, which test shows it, and what is still open."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from privacy.internal import report


class Command(BaseCommand):
    help = "Hold the privacy policy against the code, clause by clause. The exit status is 1 while anything is open."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = report.rows()
        open_rows = [row for row in rows if row.open]
        if options["json"]:
            self.stdout.write(json.dumps(report.as_data(), ensure_ascii=False, indent=2))
        else:
            for row in rows:
                self.stdout.write(f"{'open' if row.open else 'kept'}  {row.id}: {row.promise}")
                for label, names in (("enforced in", row.enforced), ("shown by", row.shown)):
                    if names:
                        self.stdout.write(f"        {label} {', '.join(names)}")
                for name, figure in row.figures.items():
                    self.stdout.write(f"        {name}: {'not measured' if figure is None else f'{figure:g}'}")
                if row.open:
                    self.stdout.write(f"        open: {row.open}")
                for statement in row.unkept:
                    self.stdout.write(f"        stated and not kept: {statement}")
            self.stdout.write(f"\n{len(rows) - len(open_rows)} of {len(rows)} promises are kept in full.")
        if open_rows:
            sys.exit(1)
