"""What orders cause outside: a confirmation by mail, and goods given back when nobody paid."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from orders.domain.payment import cancel_unpaid
from orders.models import Order, OrderContact
from privacy.declaration import Purpose
from privacy.gate import disclose
from privacy.outbox import effect


@effect("orders.confirmation_mail")
def send_confirmation(order_id: int) -> None:
    """Tell the buyer that the order was paid, in the language they bought in.

    The message names itself after the order, so that a second copy, after a crash between sending and noting it, is
    recognised as the same one. An order whose person was erased has nobody to be told.
    """
    order = Order.objects.get(pk=order_id)
    contact = OrderContact.objects.filter(order=order).first()
    if contact is None or order.state != Order.State.PAID:
        return
    email = disclose(contact, to="mailer", purpose=Purpose.NOTIFICATION).row["email"]
    with translation.override(order.language):
        context = {
            "order": order,
            "lines": list(order.lines.all()),
            "store": settings.OPERATOR_NAME,
            "address": settings.BASE_URL + reverse("orders:lookup"),
            "privacy_mailbox": settings.PRIVACY_MAILBOX,
        }
        subject = render_to_string("orders/mail/confirmation_subject.txt", context).strip()
        body = render_to_string("orders/mail/confirmation.txt", context)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    EmailMessage(
        subject,
        body,
        to=[email],
        headers={"Message-ID": f"<order-{order.number.lower()}@{host}>", "Auto-Submitted": "auto-generated"},
    ).send()


@effect("orders.release_unpaid")
def release_unpaid(order_id: int) -> None:
    """Give the goods of one order back, when its time to pay is over."""
    cancel_unpaid(order_id)
