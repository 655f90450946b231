"""Opening an account: the account, its sign-in address and its owner's name come in together or not at all."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from accounts.models import Profile, User
from privacy.models import Collection


def sign_up(collection: Collection, *, email: str, password: str, name: str = "") -> User:
    """Open an account for the subject of the collection that is open. The address has yet to be confirmed."""
    account = User(subject=collection.subject)
    account.set_password(password)
    account.save()
    EmailAddress.objects.create(user=account, email=email.lower(), primary=True, verified=False)
    if name:
        Profile.objects.create(account=account, subject=collection.subject, name=name)
    return account


def add_email(account: User, email: str) -> EmailAddress:
    """Add a sign-in address that has yet to be confirmed; adding one twice is adding it once."""
    address, _ = EmailAddress.objects.get_or_create(user=account, email=email.lower())
    return address
