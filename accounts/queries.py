"""Reads about accounts that other floors and pages share."""

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from accounts.models import Profile, SavedAddress, User


def primary_email(account: User) -> str:
    """The address that mails about the account go to; "" when it has none."""
    return EmailAddress.objects.get_primary_email(account) or ""


def profile_of(account: User) -> Profile | None:
    """What the owner told about themselves, None when they told nothing."""
    return Profile.objects.filter(account=account).first()


def addresses_of(account: User) -> QuerySet[SavedAddress]:
    """The address book, the one to use first at its head."""
    return SavedAddress.objects.filter(account=account)
