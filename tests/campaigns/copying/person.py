"""Makes a person with as many orders as wanted, through the gate, a hundred orders in one collection."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from orders.models import DeliveryAddress, Order, OrderContact, Payment, PaymentInstrument
from privacy.declaration import Purpose, personal_fields
from privacy.gate import collecting, disclose
from privacy.internal import whereabouts
from privacy.models import Subject
from tests.support import aged

_A_SESSION = 100


def with_orders(count: int) -> Subject:
    """A customer with so many orders, each with contact, address, payment and card, and handed to a courier."""
    user = aged.account("often@example.com")
    for start in range(0, count, _A_SESSION):
        _buy(user, start, min(_A_SESSION, count - start))
    return user.subject


def _buy(user: User, start: int, count: int) -> None:
    fields = [*personal_fields(OrderContact), *personal_fields(DeliveryAddress), *personal_fields(PaymentInstrument)]
    now = timezone.now()
    with collecting(surface="provider.payment", subject=user.subject, fields=fields):
        orders = Order.objects.bulk_create(
            Order(
                subject=user.subject,
                account=user,
                language="en",
                currency="USD",
                goods_total=Decimal(0),
                shipping_total=Decimal(12),
                total=Decimal(12),
                form_token=uuid.uuid4(),
                placed_at=now - dt.timedelta(hours=start + n),
                expires_at=now,
                state=Order.State.PAID,
                paid_at=now,
                delivered_at=now,
                fulfilment="delivered",
            )
            for n in range(count)
        )
        OrderContact.objects.bulk_create(OrderContact(order=order, email="often@example.com") for order in orders)
        addresses = DeliveryAddress.objects.bulk_create(
            DeliveryAddress(order=order, **{**aged.ADDRESS, "street": f"{start + n} Elm Street"})
            for n, order in enumerate(orders)
        )
        payments = Payment.objects.bulk_create(
            Payment(order=order, provider="test", amount=12, currency="USD", state="paid", captured=12, settled_at=now)
            for order in orders
        )
        PaymentInstrument.objects.bulk_create(PaymentInstrument(payment=payment, **aged.CARD) for payment in payments)
    disclose(addresses, to="courier", purpose=Purpose.DELIVERY)


def expected(subject: Subject) -> dict[str, int]:
    """How many records of each kind stand in the database, counted without the code that makes the copy."""
    people = whereabouts.family(subject)
    counts = {
        model._meta.label: model._base_manager.filter(**{f"{path}__in": people}).count()
        for model, path in whereabouts.holders()
    }
    return {label: count for label, count in counts.items() if count}
