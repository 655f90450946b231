"""Giving money back: never more than was taken, by two people above a sum, and once however often it is tried."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.domain import oddities
from orders.domain.states import RETURN
from orders.models import OddPayment, Order, OrderAction, Payment, Refund, ReturnRequest
from orders.payment.provider import ProviderRefused, minor_units
from orders.payment.registry import provider
from privacy.crashpoints import crashpoint
from privacy.outbox import enqueue

if TYPE_CHECKING:
    from privacy.models import Subject

logger = logging.getLogger(__name__)


class CannotRefund(Exception):
    """The text is a sentence for whoever asked."""


def propose(payment_id: int, amount: Decimal, *, reason: str, by: Subject) -> Refund:
    """Promise to give back a sum. Up to the limit it goes at once; above, it waits for a second person.

    The sum counts against what was taken from now on, so two proposals cannot promise the same money. Raises
    `CannotRefund`.
    """
    if reason not in Refund.Reason.values or reason in (Refund.Reason.SECOND_PAYMENT, Refund.Reason.TOO_LATE):
        raise CannotRefund(_("Choose one of the reasons."))
    with transaction.atomic():
        payment = _locked(payment_id)
        if payment.state not in (Payment.State.PAID,):
            raise CannotRefund(_("This payment is not paid, so nothing can be given back."))
        _check_amount(payment, amount)
        alone = amount <= limit_for_one(payment.currency)
        refund = Refund(
            payment=payment,
            amount=amount,
            currency=payment.currency,
            reason=reason,
            proposed_by=by,
            needs_second=not alone,
            state=Refund.State.DUE if alone else Refund.State.PROPOSED,
            decided_by=by if alone else None,
            decided_at=timezone.now() if alone else None,
        )
        _promise(refund)
        _write_down(refund, OrderAction.Kind.REFUNDED, by)
        crashpoint("before_refund_is_committed")
    return refund


def release(refund_id: int, *, by: Subject) -> Refund:
    """The second person agrees, and the money goes. Raises `CannotRefund` for the one who proposed it."""
    with transaction.atomic():
        refund = _waiting(refund_id)
        if refund.proposed_by_id == by.pk:
            raise CannotRefund(_("Somebody else has to release this refund: you proposed it."))
        refund.state, refund.decided_by, refund.decided_at = Refund.State.DUE, by, timezone.now()
        refund.save(update_fields=["state", "decided_by", "decided_at"])
        _write_down(refund, OrderAction.Kind.REFUND_RELEASED, by)
        _close_the_return_of(refund)
        _send(refund)
    return refund


def reject(refund_id: int, *, by: Subject) -> Refund:
    """Do not give this sum back; whoever proposed it may take it back in the same way."""
    with transaction.atomic():
        refund = _waiting(refund_id)
        refund.state, refund.decided_by, refund.decided_at = Refund.State.REJECTED, by, timezone.now()
        refund.save(update_fields=["state", "decided_by", "decided_at"])
        _write_down(refund, OrderAction.Kind.REFUND_REJECTED, by)
        _unpromise(refund)
    return refund


def give_back_useless(payment: Payment, reason: Refund.Reason) -> Refund:
    """Return a whole payment that buys nothing. No person is asked: the money was never the store's to keep.

    To be called with the payment's order locked.
    """
    refund = Refund(
        payment=payment,
        amount=payment.captured,
        currency=payment.currency,
        reason=reason,
        state=Refund.State.DUE,
        decided_at=timezone.now(),
    )
    _promise(refund)
    enqueue("orders.returned_mail", key=f"refund-mail:{refund.pk}", refund_id=refund.pk)
    return refund


def limit_for_one(currency: str) -> Decimal:
    """Up to this one person decides alone. A currency without a limit always needs two."""
    return Decimal(settings.REFUND_BY_ONE_UP_TO.get(currency, 0))


def carry_out(refund_id: int) -> None:
    """Give one promised sum back at the provider. Tried again after a failure it is the same refund there."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    if refund.state != Refund.State.DUE:
        return
    payment = refund.payment
    try:
        made = provider().refund(
            payment.intent_id, amount=refund.amount, currency=refund.currency, idempotency_key=str(refund.key)
        )
    except ProviderRefused as refusal:
        _refused(refund_id, str(refusal))
        return
    crashpoint("after_refund_before_commit")
    still_due = Refund.objects.filter(pk=refund_id, state=Refund.State.DUE)
    still_due.update(state=Refund.State.DONE, done_at=timezone.now(), provider_refund_id=made.id[:120])


def _refused(refund_id: int, because: str) -> None:
    with transaction.atomic():
        Order.objects.select_for_update().get(payments__refunds=refund_id)
        refund = Refund.objects.select_for_update().select_related("payment").get(pk=refund_id)
        if refund.state != Refund.State.DUE:
            return
        refund.state, refund.refused_because = Refund.State.REFUSED, because[:200]
        refund.save(update_fields=["state", "refused_because"])
        _unpromise(refund)
        says = f"{refund.amount} {refund.currency} could not be given back: {because}"
        oddities.note(OddPayment.Kind.REFUND_REFUSED, str(refund.key), says, refund.payment)


def _locked(payment_id: int) -> Payment:
    Order.objects.select_for_update(of=("self",)).get(payments=payment_id)
    return Payment.objects.select_for_update().get(pk=payment_id)


def _waiting(refund_id: int) -> Refund:
    """A proposed refund, its order locked first as everywhere."""
    Order.objects.select_for_update(of=("self",)).get(payments__refunds=refund_id)
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.state != Refund.State.PROPOSED:
        raise CannotRefund(_("This refund was decided already."))
    return refund


def _check_amount(payment: Payment, amount: Decimal) -> None:
    if not amount.is_finite() or amount <= 0 or amount * minor_units(payment.currency) % 1:
        raise CannotRefund(_("Type an amount above zero that exists in this currency."))
    if amount > payment.returnable:
        raise CannotRefund(
            _("At most %(left)s %(currency)s of this payment can still be given back.")
            % {"left": payment.returnable, "currency": payment.currency}
        )


def _promise(refund: Refund) -> None:
    # The table's own constraint refuses the sum that would be more than was taken, whatever code forgot to look.
    Payment.objects.filter(pk=refund.payment_id).update(refund_total=F("refund_total") + refund.amount)
    refund.save(force_insert=True)
    if refund.state == Refund.State.DUE:
        _send(refund)


def _unpromise(refund: Refund) -> None:
    Payment.objects.filter(pk=refund.payment_id).update(refund_total=F("refund_total") - refund.amount)


def _write_down(refund: Refund, kind: OrderAction.Kind, by: Subject) -> None:
    said = f"{refund.amount} {refund.currency}"
    OrderAction.objects.create(order_id=refund.payment.order_id, kind=kind, by=by, detail=said)


def _close_the_return_of(refund: Refund) -> None:
    """Goods that came back are paid back from now on, not from the day on which one person proposed it."""
    for request in ReturnRequest.objects.filter(refund=refund):
        if RETURN.move(request.pk, ReturnRequest.State.REFUNDED, closed_at=timezone.now()):
            enqueue("orders.return_mail", key=f"return-mail:{request.key}:refunded", request_id=request.pk)


def _send(refund: Refund) -> None:
    enqueue("orders.refund", key=f"refund:{refund.pk}", refund_id=refund.pk)
