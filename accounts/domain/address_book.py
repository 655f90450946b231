"""The address book: add, change, put first, remove."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.models import SavedAddress, User

# Enough for a family and its friends, too few to fill a disk.
LIMIT = 50


class AddressBookFull(Exception):
    """The account has as many addresses as it may keep."""


def save_address(
    account: User, values: Mapping[str, str], *, is_default: bool = False, address: SavedAddress | None = None
) -> SavedAddress:
    """Add an address, or change one; call it inside the collection that the values came in by.

    The first one of an account is its default.
    """
    with transaction.atomic():
        # The account's row is the lock: two at once must not both become the default, nor pass the limit.
        User.objects.select_for_update().only("pk").get(pk=account.pk)
        book = SavedAddress.objects.filter(account=account)
        if address is None:
            count = book.count()
            if count >= LIMIT:
                raise AddressBookFull
            address = SavedAddress(account=account, subject_id=account.subject_id)
            is_default = is_default or count == 0
        for name, value in values.items():
            setattr(address, name, value)
        if is_default and not address.is_default:
            book.filter(is_default=True).update(is_default=False)
            address.is_default = True
        address.save()
    return address


def put_first(address: SavedAddress) -> None:
    """Make an address the one that is offered first."""
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=address.account_id)
        SavedAddress.objects.filter(account_id=address.account_id, is_default=True).update(is_default=False)
        SavedAddress.objects.filter(pk=address.pk).update(is_default=True)


def remove_address(address: SavedAddress) -> None:
    """Remove an address; when it was the default, the oldest of the others takes its place."""
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=address.account_id)
        account_id, was_default = address.account_id, address.is_default
        address.delete()
        if was_default:
            heir = SavedAddress.objects.filter(account_id=account_id).order_by("pk").first()
            if heir is not None:
                SavedAddress.objects.filter(pk=heir.pk).update(is_default=True)
