"""`ensure_staff` makes this installation's first staff member, and keeps the sign-in where only its owner reads it."""

import os
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from accounts.domain.staff import ensure_first_staff
from kmall24 import engines
from kmall24.engines.places import private_directory


class Command(BaseCommand):
    help = "Makes the first staff member when there is none, and shows the sign-in while its first password stands."

    def handle(self, *args: Any, **options: Any) -> None:
        kept = private_directory(engines.state_dir() / "secrets") / "staff"
        email, password = ensure_first_staff()
        password = password or _kept_password(kept, email)
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"{email}\n{password}")
        if options["verbosity"]:
            # Shown on purpose: whoever starts the store for the first time has no other way to learn it.
            self.stdout.write(f"Staff sign-in: {email}, {f'password {password}' if password else 'password as chosen'}")


def _kept_password(kept: Path, email: str) -> str:
    """The first password, as long as it is still the one that opens the door."""
    try:
        kept_email, _, password = kept.read_text(encoding="utf-8").strip().partition("\n")
    except FileNotFoundError:
        return ""
    staff = get_user_model().objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    stands = kept_email == email and password and staff is not None and staff.check_password(password)
    return password if stands else ""
