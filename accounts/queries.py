"""Reads about accounts that other floors and pages share."""

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from accounts.models import Interest, Profile, SavedAddress, User
from privacy.models import Effect, Subject


def primary_email(account: User) -> str:
    """The address that mails about the account go to; "" when it has none."""
    return EmailAddress.objects.get_primary_email(account) or ""


def sign_in_address(subject: Subject) -> EmailAddress | None:
    """The address that the owner of an account signs in with; None for a guest, and for an account without one."""
    return EmailAddress.objects.filter(
        user__subject=subject, user__is_active=True, user__closed_at__isnull=True, primary=True
    ).first()


def owns_email(account: User, email: str) -> bool:
    """Whether an address is one of the account's own, and confirmed to be."""
    return EmailAddress.objects.filter(user=account, email=email.lower(), verified=True).exists()


def profile_of(account: User) -> Profile | None:
    """What the owner told about themselves, None when they told nothing."""
    return Profile.objects.filter(account=account).first()


def interests_of(account: User) -> list[str]:
    """The shelves that the owner of an account likes, by their names in addresses."""
    return list(Interest.objects.filter(account=account).order_by("shelf").values_list("shelf", flat=True))


def addresses_of(account: User) -> QuerySet[SavedAddress]:
    """The address book, the one to use first at its head."""
    return SavedAddress.objects.filter(account=account)


def letter_under_way(address: EmailAddress) -> bool:
    """Whether a letter to this address still waits in the outbox."""
    return Effect.objects.filter(
        kind="accounts.letter", ids__address_id=address.pk, done_at__isnull=True, parked_at__isnull=True
    ).exists()
