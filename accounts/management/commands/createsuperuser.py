"""`createsuperuser` asks for the e-mail address to sign in with, since an account has no other name to type."""

import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.models import User


class Command(BaseCommand):
    help = "Make a superuser; asks for the address, and for the password twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", help="the address to sign in with")

    def handle(self, *, email: str | None = None, **_options: Any) -> None:
        email = (email or input("E-mail address: ")).strip()
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password (again): "):
            raise CommandError("The two passwords differ. Nothing was made.")
        try:
            validate_email(email)
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        User.objects.create_superuser(email, password)
        self.stdout.write("The superuser can sign in now.")
