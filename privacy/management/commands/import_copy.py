"""`import_copy`: read a person's copy in again, through the gate."""

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.errors import PrivacyError
from privacy.internal import whereabouts
from privacy.internal.copying.reading import CopyFile
from privacy.internal.copying.taking_back import lines, take_back
from privacy.models import Subject


class Command(BaseCommand):
    help = (
        "Read the ZIP that a person was given in again. What this store signed goes back to the person it was made of; "
        "--subject or --account says for whom a copy from elsewhere is meant. No permission comes with a copy. The exit "
        "status is 1 when something of it has no place here; each is named with the reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        whom = parser.add_mutually_exclusive_group()
        whom.add_argument("--subject", type=UUID, help="the key of the person it is for")
        whom.add_argument("--account", metavar="EMAIL", help="the account it is for, by its sign-in address")

    def handle(self, *args: Any, **options: Any) -> None:
        subject = self._subject(options["subject"], options["account"])
        try:
            with options["file"].open("rb") as file:
                outcome = take_back(CopyFile(file), subject=subject)
        except OSError as error:
            raise CommandError(f"{options['file']} could not be opened: {error.strerror}.") from error
        except PrivacyError as error:
            raise CommandError(str(error)) from error
        for line in lines(outcome):
            self.stdout.write(line)
        self.stdout.write(f"For {outcome.subject}; nothing that was taken permits any marketing.")
        if outcome.refused:
            sys.exit(1)

    @staticmethod
    def _subject(key: UUID | None, address: str | None) -> Subject | None:
        if key:
            found = Subject.objects.filter(pk=key, merged_into=None).first()
        elif address:
            found = next((s for s in whereabouts.subjects_with_email(address) if s.merged_into_id is None), None)
        else:
            return None
        if found is None:
            raise CommandError("There is no such person here.")
        return found
