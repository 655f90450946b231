"""A letter about an account goes into the outbox with the number of the address that it is for."""

from __future__ import annotations

import uuid

from allauth.account.models import EmailAddress
from django.utils.translation import get_language

from accounts.models import User
from privacy.outbox import enqueue


def post(letter: str, address: EmailAddress | None) -> None:
    """Write to this address; to none, where there is none."""
    if address is None:
        return
    enqueue(
        "accounts.letter",
        key=f"accounts.letter:{uuid.uuid4()}",
        letter=letter,
        address_id=address.pk,
        locale=(get_language() or "en").split("-")[0],
    )


def post_to_primary(letter: str, account: User) -> None:
    """Write to the address that letters about this account go to."""
    post(letter, EmailAddress.objects.filter(user=account, primary=True).first())
