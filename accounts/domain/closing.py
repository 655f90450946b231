"""The end of an account: closed by its owner, or emptied because the person is erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.domain.sign_out import sign_out_everywhere
from accounts.models import User
from privacy import journal
from privacy.errors import NotErased
from privacy.gate import guest_named_in
from privacy.models import Subject

_AT_A_TIME = 2000


def close_account(account: User, *, now: dt.datetime | None = None) -> None:
    """Close an account at its owner's wish: nobody signs in any more, and the night removes it with all that hung on it.

    Closing twice is closing once; the day that counts is the first.
    """
    now = now or timezone.now()
    with transaction.atomic():
        if User.objects.filter(pk=account.pk, closed_at=None).update(closed_at=now, is_active=False):
            # Whoever left has left, also after a backup of before was restored.
            journal.note("accounts.closed", [account.subject_id], closed_at=now.isoformat())
        sign_out_everywhere(account)
        account.refresh_from_db(fields=["closed_at", "is_active"])


@journal.replays("accounts.closed")
def close_again(line: Mapping[str, Any], people: Sequence[Subject]) -> None:
    """After a restore: the account that its owner closed is closed again, as of that day."""
    for account in User.objects.filter(subject__in=people):
        close_account(account, now=dt.datetime.fromisoformat(line["closed_at"]))


def prepare_erasure(people: Iterable[UUID]) -> None:
    """Let go of what the declarations do not lead to: the sessions of these people, signed in or as guests.

    Raises `NotErased` for somebody who works here: their rights are taken away first, and that is a superuser's decision.
    """
    people = list(people)
    accounts = User.objects.filter(subject__in=people)
    if accounts.filter(is_staff=True).exists() or accounts.filter(is_superuser=True).exists():
        raise NotErased("This account works here. Take its rights away first, then erase it.")
    handles, keys = {str(pk) for pk in accounts.values_list("pk", flat=True)}, {str(key) for key in people}
    ended = [
        session.session_key
        for session in Session.objects.iterator(chunk_size=_AT_A_TIME)
        if _belongs_to(SessionStore().decode(session.session_data), handles, keys)
    ]
    for start in range(0, len(ended), _AT_A_TIME):
        Session.objects.filter(pk__in=ended[start : start + _AT_A_TIME]).delete()


def _belongs_to(data: dict[str, object], accounts: set[str], people: set[str]) -> bool:
    return str(data.get(SESSION_KEY, "")) in accounts or guest_named_in(data) in people
