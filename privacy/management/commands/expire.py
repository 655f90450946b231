"""`expire`: remove what has reached its day, move apart what only a law keeps, or say what is left and why."""

import sys
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from privacy.internal import expiring, remaining


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time.max, UTC)
    except ValueError as error:
        raise CommandError(f"{text!r} is no day. Write it as 2031-05-17.") from error


class Command(BaseCommand):
    help = (
        "Bring personal values whose day has come to their end: remove them, or move them where only a law keeps them. "
        "Every batch is read back and certified. The exit status is 1 when something failed or is past its day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what a run would do, and change nothing")
        parser.add_argument("--on", metavar="DAY", help="with --dry-run: reckon for the end of this day, 2031-05-17")
        parser.add_argument(
            "--report", action="store_true", help="say what is left, why and until when; change nothing"
        )
        parser.add_argument("--batch", type=int, default=expiring.BATCH, help="rows of one table in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["on"] and not options["dry_run"]:
            raise CommandError("--on goes with --dry-run: what has not come yet cannot be brought to its end.")
        if options["batch"] < 1:
            raise CommandError("--batch must be at least 1.")
        if options["report"]:
            self._report()
        elif options["dry_run"]:
            self._plan(_day(options["on"]) if options["on"] else timezone.now())
        else:
            self._run(options["batch"])

    def _run(self, batch: int) -> None:
        night = expiring.expire(batch=batch)
        for line in night.tally.lines():
            law = f" ({line['law']})" if line["law"] else ""
            self.stdout.write(f"{line['table']}{law}: {line['removed']} removed, {line['moved']} moved apart")
        self.stdout.write(
            f"{night.certificates} certificates, {night.erasures} erasures finished, {night.subjects} empty keys removed."
        )
        late = remaining.overdue()
        for name, error in night.failed.items():
            self.stderr.write(f"{name} failed ({error}); the log says where. It is tried again by the next run.")
        if night.failed or late:
            self._late(late)
            sys.exit(1)

    def _plan(self, now: datetime) -> None:
        plan = expiring.would_expire(now)
        for table, line in plan.items():
            self.stdout.write(f"{table}: {line['removed']} would be removed, {line['moved']} moved apart")
        self.stdout.write(f"Reckoned for {now:%Y-%m-%d %H:%M %Z}. Nothing was changed.")

    def _report(self) -> None:
        report = remaining.report()
        for left in [*report.in_use, *report.kept_apart]:
            place = f"law_archive: {left.table}" if left.law else left.table
            self.stdout.write(f"{place}: {left.records}")
            self.stdout.write(f"        {left.because}")
            if left.next_day and left.last_day:
                self.stdout.write(f"        next day {left.next_day:%Y-%m-%d}, last day {left.last_day:%Y-%m-%d}")
            if left.waiting:
                self.stdout.write(f"        {left.waiting} still in use: the event that ends it has not come")
        for hold in report.holds:
            self.stdout.write(f"hold on {hold} until {hold.until:%Y-%m-%d}: {hold.law}; {hold.reason}")
        if report.open_erasures:
            self.stdout.write(f"{report.open_erasures} erasures wait for an order or a request under way")
        self._late(report.overdue)
        if report.overdue:
            sys.exit(1)

    def _late(self, late: list[remaining.Overdue]) -> None:
        self.stdout.write(f"Records past their day: {sum(one.records for one in late)}")
        for one in late:
            self.stdout.write(f"        {one.table}: {one.records}, the oldest since {one.since:%Y-%m-%d}")
