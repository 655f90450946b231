"""`data_map`: write the map of all personal values, or check that the committed one is fresh."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.internal import datamap


class Command(BaseCommand):
    help = "Write docs/data-map.md from the declarations in the models; --check only compares."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit 1 when the committed map is stale"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        fresh, place = datamap.markdown(), datamap.path()
        if options["check"]:
            if not place.exists() or place.read_text(encoding="utf-8") != fresh:
                raise CommandError("docs/data-map.md is stale: run manage.py data_map and commit what it wrote.")
            self.stdout.write("docs/data-map.md is fresh.")
            return
        place.write_text(fresh, encoding="utf-8")
        self.stdout.write(f"Wrote {place.name}.")
