"""A guest's order becomes an account's: only where the account has proved the order's address, and only on its own wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from accounts.queries import owns_email
from orders.models import Order, OrderAction, OrderContact
from privacy.gate import merge

if TYPE_CHECKING:
    from accounts.models import User


def can_claim(order: Order, account: User) -> bool:
    """Whether this order is a guest's that was placed with a confirmed address of the account."""
    if order.account_id is not None or order.subject is None:
        return False
    contact = OrderContact.objects.filter(order=order).first()
    return contact is not None and owns_email(account, contact.email)


def claim(order_id: int, account: User) -> bool:
    """Put the order into the account, and say that guest and account are one person; False where that is not proved."""
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("subject").get(pk=order_id)
        if not can_claim(order, account):
            return False
        guest = order.subject
        order.account = account
        order.save(update_fields=["account"])
        OrderAction.objects.create(order=order, kind=OrderAction.Kind.CLAIMED, by=account.subject)
        if guest is not None:
            merge(guest, account.subject)
    return True
