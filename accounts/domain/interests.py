"""Keeping, and forgetting, what the owner of an account likes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Interest, User
from privacy.models import Subject


def keep_interests(account: User, shelves: Iterable[str]) -> None:
    """Have exactly these interests; call it inside the collection that they came in by."""
    wished = set(shelves)
    with transaction.atomic():
        # Two forms of one account at once: the later one waits, and has the last word.
        User.objects.select_for_update(of=("self",)).get(pk=account.pk)
        known = set(Interest.objects.filter(account=account).values_list("shelf", flat=True))
        Interest.objects.filter(account=account).exclude(shelf__in=wished).delete()
        Interest.objects.bulk_create(
            Interest(account=account, subject=account.subject, shelf=shelf) for shelf in sorted(wished - known)
        )


def forget_interests(subject: Subject) -> None:
    """Remove the interests of whoever has taken the permission back. Nobody else's values are touched."""
    Interest.objects.filter(account__subject=subject).delete()
