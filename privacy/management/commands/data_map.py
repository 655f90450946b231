"""`data_map`: write the map of all personal values, or check that what is committed is fresh."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.internal import datamap
from privacy.internal.datamap import activities, columns, fides
from privacy.internal.policy import fill


class Command(BaseCommand):
    # A new column is an error until this command has written it down.
    requires_system_checks: list[str] = []

    help = (
        "Write docs/data-map.md, docs/data-map.fides.yml, docs/record-of-processing.csv and privacy/columns.toml from the "
        "declarations in the models."
    )

    def add_arguments(self, parser: Any) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="change nothing; exit 1 when a committed file is stale")
        what.add_argument(
            "--seal",
            action="store_true",
            help="the newest version of the policy is released: it takes no new column any more",
        )
        what.add_argument(
            "--record",
            action="store_true",
            help="print the record of processing with this installation's names filled in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._do(options)
        except columns.Sealed as sealed:
            raise CommandError(str(sealed)) from sealed

    def _do(self, options: dict[str, Any]) -> None:
        if options["record"]:
            self.stdout.write(fill(activities.record()), ending="")
            return
        if options["check"]:
            if stale := datamap.stale():
                raise CommandError(f"{', '.join(stale)}: stale. Run manage.py data_map and commit what it wrote.")
            if unknown := fides.dangling(fides.manifest()):
                raise CommandError(f"The fideslang file uses keys that nothing declares: {', '.join(unknown)}.")
            self.stdout.write("The data map is fresh.")
            return
        if options["seal"]:
            columns.SOURCE.write_text(columns.manifest(seal=True), encoding="utf-8")
        written = datamap.write()
        self.stdout.write(f"Wrote {', '.join(written)}." if written else "Everything was fresh.")
