"""That a survey is answered once for each ticket, with nobody known: a signed random number, and its hash when it is spent."""

from __future__ import annotations

import secrets

from django.core import signing
from django.db import connection
from django.utils.crypto import salted_hmac

from marketing.models import SpentTicket, Survey

_SALT = "marketing.ticket"


def make(survey: Survey) -> str:
    """A new ticket for one answer. It is kept nowhere: who holds it is its only trace."""
    return signing.Signer(salt=_SALT, sep=".").sign(f"{survey.pk}-{secrets.token_urlsafe(12)}")


def is_genuine(survey: Survey, ticket: str) -> bool:
    """Whether the store made this ticket for this survey."""
    try:
        said = signing.Signer(salt=_SALT, sep=".").unsign(ticket)
    except signing.BadSignature:
        return False
    return said.partition("-")[0] == str(survey.pk)


def is_spent(ticket: str) -> bool:
    """Whether it was answered with already."""
    return SpentTicket.objects.filter(digest=_digest(ticket)).exists()


def spend(survey: Survey, ticket: str) -> bool:
    """Spend a ticket within the transaction of its answers; False for one that is spent. The second of two waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SpentTicket._meta.db_table} (digest, survey_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",  # noqa: S608
            [_digest(ticket), survey.pk],
        )
        return bool(cursor.rowcount)


def _digest(ticket: str) -> bytes:
    return salted_hmac("marketing.ticket.spent", ticket, algorithm="sha256").digest()
