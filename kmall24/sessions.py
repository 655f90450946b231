"""Sessions in the database, where a database that is away is no mistake of whoever asked."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError


class SessionStore(db.SessionStore):
    """Django's own, but for one thing.

    Django takes whatever goes wrong while it brings a session up to date for a session that is gone, and answers "bad
    request". When it is the database that went away, what was asked may well have been done: whoever reads 400 believes
    that it was not, and does not ask again. The error stays what it is, and is answered like any other outage.
    """

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise
