"""People and orders as they were years ago: made through the gate, then dated back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg2
from django.db import connections
from django.utils import timezone

from accounts.models import Profile, SavedAddress, User
from orders.models import DeliveryAddress, Order, OrderContact, Payment, PaymentInstrument
from privacy.declaration import personal_fields
from privacy.gate import collecting
from privacy.internal import archive, database
from privacy.models import Subject

ADDRESS = {
    "recipient": "Mina Kim",
    "phone": "+16502530000",
    "country": "US",
    "city": "Springfield",
    "street": "1 Elm St",
}
CARD = {"token": "tok_1", "brand": "visa", "last4": "4242", "expiry": "12/2034", "cardholder": "MINA KIM"}


def days_ago(days: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def years_ago(years: int, days: float = 0) -> dt.datetime:
    """So many years and days before now; never 29 February, so that a year later is the same day."""
    then = timezone.now() - dt.timedelta(days=days)
    return then.replace(year=then.year - years, day=min(then.day, 28))


def order(
    *,
    placed_at: dt.datetime,
    subject: Subject | None = None,
    account: User | None = None,
    email: str = "mina@example.com",
    state: str = Order.State.PAID,
    delivered: bool = True,
) -> Order:
    """An order with everything that is kept of its buyer, settled and delivered at the moment it was placed."""
    subject = subject or Subject()
    fields = [*personal_fields(OrderContact), *personal_fields(DeliveryAddress), *personal_fields(PaymentInstrument)]
    with collecting(surface="provider.payment", subject=subject, fields=fields):
        made = Order.objects.create(
            subject=subject,
            account=account,
            language="en",
            currency="USD",
            goods_total=Decimal(0),
            shipping_total=Decimal(12),
            total=Decimal(12),
            form_token=uuid.uuid4(),
            placed_at=placed_at,
            expires_at=placed_at,
            state=state,
            paid_at=placed_at if state == Order.State.PAID else None,
            cancelled_at=placed_at if state == Order.State.CANCELLED else None,
            delivered_at=placed_at if delivered and state == Order.State.PAID else None,
            fulfilment="delivered" if delivered and state == Order.State.PAID else "waiting",
        )
        OrderContact.objects.create(order=made, email=email)
        DeliveryAddress.objects.create(order=made, **ADDRESS)
        if state == Order.State.PAID:
            payment = Payment.objects.create(
                order=made,
                provider="test",
                amount=12,
                currency="USD",
                state=Payment.State.PAID,
                captured=12,
                settled_at=placed_at,
            )
            PaymentInstrument.objects.create(payment=payment, **CARD)
    return made


def account(email: str = "mina@example.com", *, closed_at: dt.datetime | None = None, **extra: Any) -> User:
    """An account with a name and a saved address."""
    user = User.objects.create_user(email, "pass-word-17", **extra)
    with collecting(
        surface="staff.console",
        subject=user.subject,
        fields=[*personal_fields(Profile), *personal_fields(SavedAddress)],
    ):
        Profile.objects.create(account=user, name="Mina Kim", phone="+16502530000")
        SavedAddress.objects.create(account=user, **ADDRESS)
    if closed_at:
        User.objects.filter(pk=user.pk).update(closed_at=closed_at)
        user.refresh_from_db()
    return user


def as_owner(sql: str) -> list[Any]:
    """Run SQL as the role that owns the tables; it sees what was committed, so the test needs `transactional_db`."""
    with _owner() as owner, owner.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def reinstall() -> None:
    """Bring grants, functions and triggers back to what the models ask for, as a migration does."""
    with _owner() as owner, owner.cursor() as cursor:
        archive.install(cursor, database.application_role())


@contextmanager
def owning() -> Iterator[Callable[[str], list[Any]]]:
    """A way to ask as the owner again and again, on one connection."""
    with _owner() as owner:
        owner.autocommit = True

        def ask(sql: str) -> list[Any]:
            with owner.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []

        yield ask


@contextmanager
def _owner() -> Iterator[Any]:
    parameters = {
        **connections["default"].get_connection_params(),
        **{k: v for k, v in connections["owner"].get_connection_params().items() if k in ("user", "password")},
    }
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    connection = psycopg2.connect(**parameters)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()
