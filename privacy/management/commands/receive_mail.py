"""`receive_mail < letter.eml`: one letter to the privacy mailbox becomes a case; one line of JSON says which."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.internal.desk import receiving


class Command(BaseCommand):
    help = "Take one mail from standard input as a letter to the privacy mailbox, for use behind a mail server's pipe."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(receiving.MOST_BYTES + 1)
        if not raw.strip():
            raise CommandError("There was no mail on standard input. Use: manage.py receive_mail < letter.eml")
        # What is too large or cannot be read becomes a case in quarantine, so that no letter is lost at this door.
        case = receiving.receive_mail(raw)
        self.stdout.write(
            json.dumps(
                {
                    "id": str(case.pk),
                    "kind": case.kind,
                    "state": case.state,
                    "expected_by": case.expected_by.isoformat(),
                    "why": case.why,
                },
                ensure_ascii=False,
            )
        )
