"""`take_off_second_factor ADDRESS`: let somebody who lost the device sign in by password, and set up another."""

from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.domain.second_factor import take_off


class Command(BaseCommand):
    help = (
        "Take an account's second factor off, ends its sessions and writes to its owner. For the last administrator who lost "
        "the device; everybody else's is taken off in the admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="ADDRESS", help="the address that the account signs in with")

    def handle(self, *, email: str, **_options: Any) -> None:
        address = EmailAddress.objects.select_related("user").filter(email=email.lower(), verified=True).first()
        if address is None:
            raise CommandError("No account signs in with this address. Nothing was changed.")
        if not take_off(address.user):
            raise CommandError("This account has no second factor. Nothing was changed.")
        self.stdout.write("The second factor is taken off; a new one is asked for where the store asks for one.")
