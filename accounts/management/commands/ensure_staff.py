"""`ensure_staff` makes the first staff sign-in of an installation, once, and prints its password, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.domain.staff import ensure_first_staff


class Command(BaseCommand):
    help = "Make the first staff sign-in of this installation, if it has none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="the address to sign in with")

    def handle(self, *, email: str | None = None, **_options: Any) -> None:
        address, password = ensure_first_staff(email)
        if password is None:
            self.stdout.write(f"There is a staff sign-in already: {address}.")
        else:
            self.stdout.write(f"Staff sign-in: {address}\nPassword: {password}\nThe password is shown this once.")
