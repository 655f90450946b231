"""A small storm of a provider's messages: two sets of books agree afterwards, and a planted difference would be seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from orders.models import OddPayment, Payment, PaymentEvent, Refund
from privacy.models import Effect
from tests.campaigns.payment_storm.books import differences, written
from tests.campaigns.payment_storm.mailbox import Mailbox, pointed_at
from tests.campaigns.payment_storm.storm import SLOW_SECONDS, storm
from tests.support.payment_sandbox import PaymentSandbox


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[PaymentSandbox]:
    started = PaymentSandbox(tmp_path, "--slow-seconds", str(SLOW_SECONDS), "--retry-seconds", "0.2").start()
    yield started
    started.stop()


@pytest.mark.django_db(transaction=True)
def test_after_a_storm_the_books_agree_and_a_planted_difference_is_found(provider: PaymentSandbox) -> None:
    mailbox = Mailbox(provider.state)
    try:
        with pointed_at(provider, mailbox):
            blown = storm(20261123, 80, provider, mailbox, say=lambda _line: None)
    finally:
        mailbox.close()
    assert blown.figures.wrong == []
    assert differences(provider.state, blown.planted) == []
    assert blown.figures.deliveries > 200
    assert blown.figures.forged > 20
    assert blown.figures.pages > 10

    def found() -> str:
        return "\n".join(differences(provider.state, blown.planted))

    paid = Payment.objects.filter(state=Payment.State.PAID, refund_total=0).select_related("order").first()
    Payment.objects.filter(pk=paid.pk).update(captured=paid.captured - 1)
    assert f"{paid.currency}: the provider has" in found()
    Payment.objects.filter(pk=paid.pk).update(captured=paid.captured)

    Payment.objects.filter(pk=paid.pk).update(state=Payment.State.CANCELLED)
    assert f"{paid.intent_id}: {written(paid.captured)} taken there, cancelled here" in found()
    assert f"{paid.order.number}: is paid with" in found()
    Payment.objects.filter(pk=paid.pk).update(state=Payment.State.PAID)

    useless = Refund.objects.filter(proposed_by=None, state=Refund.State.DONE).first()
    Refund.objects.filter(pk=useless.pk).update(state=Refund.State.DUE)
    assert f"{useless.payment.intent_id}:" in found()
    Refund.objects.filter(pk=useless.pk).update(state=Refund.State.DONE)

    forged = next(iter(blown.planted.forged))
    PaymentEvent.objects.create(event_id=forged, payment=paid, kind="k", outcome="paid", happened_at=timezone.now())
    assert f"{forged}: a forged message was accepted" in found()

    odd = OddPayment.objects.filter(kind=OddPayment.Kind.DISAGREES).first()
    if odd is not None:
        odd.delete()
        assert "staff were not told" in found()
    Effect.objects.filter(kind="orders.confirmation_mail", ids__order_id=paid.order_id).delete()
    assert f"{paid.order.number}: 0 confirmations" in found()
