"""What orders cause outside: a confirmation by mail, and goods given back when nobody paid."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from orders.domain import lookup, parcels, payment, refunding
from orders.domain.giving_up import cancel_unpaid
from orders.models import Order, OrderContact, Parcel, Refund, ReturnRequest
from privacy.declaration import Purpose
from privacy.mail import send_letter
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
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    send_letter(
        contact,
        "email",
        purpose=Purpose.NOTIFICATION,
        template="orders/mail/confirmation.txt",
        locale=order.language,
        context={
            "order": order,
            "lines": list(order.lines.all()),
            "store": settings.OPERATOR_NAME,
            "address": settings.BASE_URL + reverse("orders:lookup"),
            "privacy_mailbox": settings.PRIVACY_MAILBOX,
        },
        headers={"Message-ID": f"<order-{order.number.lower()}@{host}>", "Auto-Submitted": "auto-generated"},
    )


@effect("orders.close_payment")
def close_payment(payment_id: int) -> None:
    """Close a payment that nobody needs any more."""
    payment.close(payment_id)


@effect("orders.refund")
def give_back(refund_id: int) -> None:
    """Give a promised sum back at the provider."""
    refunding.carry_out(refund_id)


@effect("orders.returned_mail")
def tell_of_return(refund_id: int) -> None:
    """Tell a buyer that money which bought nothing is on its way back, before they wonder."""
    refund = Refund.objects.select_related("payment__order").get(pk=refund_id)
    order = refund.payment.order
    contact = OrderContact.objects.filter(order=order).first()
    if contact is None:
        return
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    send_letter(
        contact,
        "email",
        purpose=Purpose.NOTIFICATION,
        template="orders/mail/returned.txt",
        locale=order.language,
        context={
            "order": order,
            "refund": refund,
            "second": refund.reason == Refund.Reason.SECOND_PAYMENT,
            "store": settings.OPERATOR_NAME,
            "privacy_mailbox": settings.PRIVACY_MAILBOX,
        },
        headers={"Message-ID": f"<refund-{refund.key}@{host}>", "Auto-Submitted": "auto-generated"},
    )


@effect("orders.release_unpaid")
def release_unpaid(order_id: int) -> None:
    """Give the goods of one order back, when its time to pay is over."""
    cancel_unpaid(order_id)


@effect("orders.register_parcel")
def register_parcel(parcel_id: int) -> None:
    """Tell the courier of a parcel."""
    parcels.register(parcel_id)


@effect("orders.handed_over_mail")
def tell_of_parcel(parcel_id: int) -> None:
    """Tell the buyer that a parcel is on its way, and by which number to follow it."""
    _tell_of(parcel_id, "orders/mail/handed_over.txt", "handed-over")


@effect("orders.delivered_mail")
def tell_of_delivery(parcel_id: int) -> None:
    """Tell the buyer that a parcel has arrived, and how to give something back."""
    _tell_of(parcel_id, "orders/mail/delivered.txt", "delivered")


def _tell_of(parcel_id: int, template: str, what: str) -> None:
    parcel = Parcel.objects.select_related("order").get(pk=parcel_id)
    pieces = list(parcel.lines.select_related("line"))
    _write_to_buyer(parcel.order, template, f"{what}-{parcel.key}", {"parcel": parcel, "pieces": pieces})


@effect("orders.cancelled_mail")
def tell_of_cancellation(order_id: int) -> None:
    """Tell the buyer that the order is cancelled and the money on its way."""
    order = Order.objects.get(pk=order_id)
    _write_to_buyer(order, "orders/mail/cancelled.txt", f"cancelled-{order.number.lower()}", {})


@effect("orders.return_mail")
def tell_of_decision(request_id: int) -> None:
    """Tell the buyer how far their return is."""
    request = ReturnRequest.objects.select_related("order", "refund").get(pk=request_id)
    about = f"return-{request.key}-{request.state}"
    _write_to_buyer(request.order, "orders/mail/return_state.txt", about, {"request": request})


@effect("orders.lookup_code")
def send_lookup_code(order_id: int, slot: int) -> None:
    """Send the code that opens an order; nothing for a question that matched none."""
    order = Order.objects.filter(pk=order_id).first()
    if order is not None:
        told = {"code": lookup.code(order.number, slot)}
        _write_to_buyer(order, "orders/mail/lookup_code.txt", f"code-{order.number.lower()}-{slot}", told)


def _write_to_buyer(order: Order, template: str, about: str, context: dict[str, object]) -> None:
    """One letter about an order; a second copy after a crash carries the same name. Nobody is told of an erased one."""
    contact = OrderContact.objects.filter(order=order).first()
    if contact is None:
        return
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    send_letter(
        contact,
        "email",
        purpose=Purpose.NOTIFICATION,
        template=template,
        locale=order.language,
        context={
            "order": order,
            "store": settings.OPERATOR_NAME,
            "address": settings.BASE_URL + reverse("orders:lookup"),
            "privacy_mailbox": settings.PRIVACY_MAILBOX,
            **context,
        },
        headers={"Message-ID": f"<{about}@{host}>", "Auto-Submitted": "auto-generated"},
    )
