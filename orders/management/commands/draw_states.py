"""`draw_states`: writes docs/order-states.md from the machines by which orders move; `--check` says whether it is fresh."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from orders.domain.states import MACHINES

_HEAD = """# What may follow what after a sale

Made by `manage.py draw_states` from `orders/domain/states.py`; the functions of `orders/domain/` move rows by these same
tables, one conditional update each, so of two that try one does it.
"""


def text() -> str:
    """The whole page."""
    return _HEAD + "".join(f"\n## {machine.name.capitalize()}\n\n{machine.drawing()}\n" for machine in MACHINES)


def path() -> Path:
    """Where it stands."""
    return Path(settings.BASE_DIR) / "docs" / "order-states.md"


class Command(BaseCommand):
    help = "Draw the states of orders, parcels and returns into docs/order-states.md."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            if not path().exists() or path().read_text(encoding="utf-8") != text():
                raise CommandError("docs/order-states.md is stale: run `manage.py draw_states`.")
            return
        path().write_text(text(), encoding="utf-8")
