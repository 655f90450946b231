"""One row of everything, made by the store's own models and kept only as text: what the rows of a life are copies of."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Profile, SavedAddress, User
from catalogue.models import Product, Review
from marketing.models import Subscription
from orders.models import DeliveryAddress, Order, OrderContact, Parcel, Payment, PaymentInstrument
from privacy.declaration import Origin, personal_fields
from privacy.gate import collecting
from privacy.models import ConsentEvent, Preference, RequestMessage, RightsRequest, Subject

ADDRESS = {
    "recipient": "Mina Kim",
    "phone": "+16502530000",
    "country": "US",
    "city": "Springfield",
    "street": "1 Elm St",
}
CARD = {"token": "tok_1", "brand": "visa", "last4": "4242", "expiry": "12/2034", "cardholder": "MINA KIM"}


def patterns() -> dict[str, str]:
    """A row of each table as JSON, by table. The rows themselves are rolled back; the one product stays."""
    product = Product.objects.get_or_create(slug="a-thing-to-review", defaults={"status": Product.Status.ACTIVE})[0]
    everything = [field for model in apps.get_models() for field in personal_fields(model, origin=Origin.PERSON)]
    with transaction.atomic():
        with collecting(surface="staff.console", subject=Subject(), fields=everything) as collection:
            rows = [collection, collection.subject, *_rows(collection.subject, product)]
        found = {}
        with connection.cursor() as cursor:
            for row in rows:
                table = row._meta.db_table
                cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t WHERE id = %s', [row.pk])
                found[table] = cursor.fetchone()[0]
        transaction.set_rollback(True)
    return found


def _rows(subject: Subject, product: Product) -> list[Any]:
    now = timezone.now()
    # Inside the open collection, and not by the way of the console, which opens one of its own.
    user = User(subject=subject)
    user.set_unusable_password()
    user.save()
    email = apps.get_model("account.EmailAddress").objects.create(
        user=user, email="mina@example.com", verified=True, primary=True
    )
    order = Order.objects.create(
        subject=subject,
        language="en",
        currency="USD",
        goods_total=Decimal(0),
        shipping_total=Decimal(12),
        total=Decimal(12),
        form_token=uuid.uuid4(),
        placed_at=now,
        expires_at=now,
        state=Order.State.PAID,
        paid_at=now,
    )
    parcel = Parcel.objects.create(order=order, courier="test", state=Parcel.State.HANDED_OVER)
    payment = Payment.objects.create(
        order=order, provider="test", amount=12, currency="USD", state=Payment.State.PAID, captured=12, settled_at=now
    )
    case = RightsRequest.objects.create(
        subject=subject, kind="access", channel="mail", received_at=now, expected_by=now, state="open"
    )
    event = ConsentEvent.objects.create(
        subject=subject,
        purpose="marketing.communications.email",
        channel="email",
        state="given",
        method="form",
        policy_version="2026-11-01",
    )
    return [
        user,
        email,
        Profile.objects.create(account=user, name="Mina Kim"),
        SavedAddress.objects.create(account=user, **ADDRESS),
        order,
        OrderContact.objects.create(order=order, email="mina@example.com"),
        DeliveryAddress.objects.create(order=order, **ADDRESS),
        payment,
        parcel,
        PaymentInstrument.objects.create(payment=payment, **CARD),
        Review.objects.create(product=product, author_name="Mina Kim", body="Good", rating=5),
        Subscription.objects.create(email="mina@example.com"),
        case,
        RequestMessage.objects.create(request=case, body="Dear store", letter_digest="d", received_at=now),
        event,
        Preference.objects.create(
            subject=subject,
            purpose=event.purpose,
            channel=event.channel,
            state=event.state,
            event=event,
            since=now,
        ),
    ]
