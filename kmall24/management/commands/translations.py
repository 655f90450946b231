"""`translations` brings the catalogues to the sources; with --check it says what is missing and changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from kmall24 import translations


class Command(BaseCommand):
    help = "Adds new strings to the catalogues, drops unused ones and compiles them; --check only says what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when something is wrong")

        parser.add_argument("--compile", action="store_true", help="only compile the catalogues as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["compile"]:
            translations.compile_all()
            return
        wrong = []
        others = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        for catalogue in (translations.catalogue_of(code) for code in others):
            if not options["check"]:
                translations.update(catalogue)
            wrong += translations.complaints(catalogue)
        for sentence in wrong:
            self.stderr.write(sentence)
        if not options["check"]:
            translations.compile_all()
        elif wrong:
            self.stderr.write(f"{len(wrong)} strings are not right. `manage.py translations` adds what is new.")
            raise SystemExit(1)
