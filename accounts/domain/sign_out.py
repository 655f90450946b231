"""Ending sessions."""

from django.db.models import F

from accounts.models import User


def sign_out_everywhere(account: User) -> None:
    """End every session of an account, this one included: each carries the generation under which it began."""
    User.objects.filter(pk=account.pk).update(session_generation=F("session_generation") + 1)
    account.refresh_from_db(fields=["session_generation"])
