"""The first person who works here."""

from __future__ import annotations

import secrets

from django.db import connection, transaction

from accounts.models import User
from accounts.queries import primary_email

FIRST_STAFF_EMAIL = "staff@kmall24.example"
# Two programs that start the same installation at once must not make two.
_LOCK = 0x4B4D414C


def ensure_first_staff(email: str | None = None) -> tuple[str, str | None]:
    """Make one superuser for this installation. Returns the address, and the password only when it was made just now.

    The password stands nowhere but in what is returned; keep it.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        existing = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if existing is not None:
            return primary_email(existing), None
        email = email or FIRST_STAFF_EMAIL
        password = secrets.token_urlsafe(15)
        User.objects.create_superuser(email, password)
    return email, password
