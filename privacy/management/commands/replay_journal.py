"""`replay_journal`: after a restore, erase, stop and correct again what the journal tells and this database does not know."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.internal.journal import lines, replaying, standing


class Command(BaseCommand):
    # In an emergency nothing else is to stand in the way.
    requires_system_checks: list[str] = []
    help = (
        "Do again what was erased, withdrawn and corrected after the backup that this database was restored from; until then "
        "no page is shown and nothing is sent. Safe to repeat. The exit status is 1 when something is left to do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--check", action="store_true", help="say what is missing on either side; change nothing")
        how.add_argument(
            "--write-lost",
            action="store_true",
            help="write lines that the journal lost again, as the database knows them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if lines.place() is None:
            raise CommandError("There is no journal: PRIVACY_JOURNAL is empty.")
        try:
            if options["check"]:
                self._check()
            elif options["write_lost"]:
                self.stdout.write(f"{replaying.write_lost_lines()} lines written again.")
            else:
                self._replay()
        except lines.JournalBroken as error:
            raise CommandError(str(error)) from error

    def _check(self) -> None:
        missing, lost = list(standing.missing()), list(standing.lost())
        self.stdout.write(f"{len(missing)} lines of the journal are not known to this database.")
        self.stdout.write(f"{len(lost)} lines that this database knows are not in the journal.")
        if missing or lost:
            sys.exit(1)

    def _replay(self) -> None:
        outcome = replaying.replay()
        for kind in sorted({*outcome.done, *outcome.strangers}):
            self.stdout.write(
                f"{kind}: {outcome.done[kind]} done again, {outcome.strangers[kind]} about people who are not in this database"
            )
        for line in outcome.failed:
            self.stderr.write(line)
        if outcome.failed:
            self.stderr.write(f"{len(outcome.failed)} lines could not be replayed: the store stays shut.")
            sys.exit(1)
        if not outcome.done and not outcome.strangers:
            self.stdout.write("Nothing to do: this database knows every line.")
        self.stdout.write("The store opens within a few seconds.")
