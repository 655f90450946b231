"""`publish_policy`: let a draft of the policy take effect on its day; one person drafted it, another publishes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from privacy.errors import NotPublished
from privacy.internal import comparing, policy, publishing, reading, side_by_side, whereabouts
from privacy.internal.changes import About
from privacy.models import Subject


class Command(BaseCommand):
    help = (
        "Publish the version of privacy/policy/<version>.toml. It prints what changes, computed from the two versions, and "
        "everybody with an account is told. It cannot be taken back: a mistake is mended by the next version."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("version", help="the day on which it takes effect, such as 2027-03-01")
        parser.add_argument(
            "--drafted-by", metavar="E-MAIL", help="who wrote it: the sign-in address of a member of staff"
        )
        parser.add_argument(
            "--published-by", metavar="E-MAIL", help="who read it and lets it take effect: somebody else"
        )
        parser.add_argument(
            "--effective", metavar="DAY", help="the day again, as a check; it must be the version's own"
        )
        parser.add_argument("--dry-run", action="store_true", help="only print what changes and what stands against it")

    def handle(self, *args: Any, **options: Any) -> None:
        version = options["version"]
        _refuse_another_day(version, options["effective"])
        found = list(publishing.problems(version))
        if version in policy.files() and not any("cannot be read" in problem for problem in found):
            self._print_difference(version)
        for problem in found:
            self.stderr.write(problem)
        if options["dry_run"]:
            return
        if found:
            raise CommandError(f"{version} was not published; the reasons stand above.")
        if not options["drafted_by"] or not options["published_by"]:
            raise CommandError("It takes two people: name them with --drafted-by and --published-by.")
        drafter, publisher = _staff(options["drafted_by"]), _staff(options["published_by"])
        try:
            publication = publishing.publish(publishing.propose(version, drafted_by=drafter), published_by=publisher)
        except NotPublished as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{version} is published and takes effect on {publication.effective}. Everybody with an account is told."
        )
        self.stdout.write(f"SHA-256 {publication.digest}")

    def _print_difference(self, version: str) -> None:
        former = [published for published in policy.versions() if published < version]
        if not former:
            return
        found = comparing.difference(policy.load(former[-1]), policy.load(version))
        teller = side_by_side.Teller(found, reading.LANGUAGES[policy.SOURCE_LOCALE])
        self.stdout.write(
            f"{found.before.version} → {version}: {len(found.changes)} changes, {len(found.material)} material."
        )
        for row in teller.rows():
            mark = "MATERIAL" if row.material else "        "
            self.stdout.write(
                f"  {mark} {row.about}: {row.what}: {row.how}. {'; '.join(row.before)} → {'; '.join(row.after)}"
            )
        for change in found.changes:
            if change.about is About.WORDS:
                self.stdout.write(f"           words in {change.key}: {', '.join(change.after) or change.how}")
        if found.is_material:
            self.stdout.write(f"  touches {comparing.touched(found).count()} people, who are asked.")


def _refuse_another_day(version: str, effective: str | None) -> None:
    try:
        dt.date.fromisoformat(version)
    except ValueError as error:
        raise CommandError("A version is named for the day on which it takes effect, such as 2027-03-01.") from error
    if effective is not None and effective != version:
        raise CommandError(
            f"{version} takes effect on {version}, not on {effective}. Name the files and `effective` for the day you mean."
        )


def _staff(address: str) -> Subject:
    """The member of staff who signs in with an address."""
    people = whereabouts.subjects_with_email(address)
    accounts = get_user_model()._default_manager.filter(subject__in=people, is_staff=True, is_active=True)
    found = [person for person in people if person.pk in set(accounts.values_list("subject", flat=True))]
    if len(found) != 1:
        raise CommandError(f"{address} is not the sign-in address of one member of staff.")
    return found[0]
