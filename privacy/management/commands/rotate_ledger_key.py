"""`rotate_ledger_key`: a new key signs from now on, and the two vouch for each other, so that old proofs stay readable."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from privacy.internal.ledger import keys


class Command(BaseCommand):
    help = "Give the ledger a new signing key. Restart the store afterwards; until then it goes on signing with the former."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--into",
            metavar="FILE",
            default=settings.LEDGER_KEY_FILE,
            help="where the new key is written (needed where LEDGER_SIGNING_KEY stands in the environment)",
        )
        parser.add_argument(
            "--former-is-lost",
            action="store_true",
            help="the environment already holds a key that never signed: let it follow the last one without that one's signature",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["former_is_lost"]:
                listed = keys.start_anew()
            elif options["into"]:
                listed = keys.rotate(Path(options["into"]))
            else:
                raise CommandError(
                    "LEDGER_SIGNING_KEY stands in the environment: name a file with --into, then put what it holds there."
                )
        except keys.KeyNotVouchedFor as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"The new key could not be written: {error.strerror}. Nothing was changed.") from error
        self.stdout.write(f"Key {listed.pk} follows {listed.former_id}.")
        if not options["former_is_lost"]:
            where = options["into"]
            self.stdout.write(
                f"It stands in {where}, readable by you alone. Restart the store, so that it signs with it."
            )
