"""Whom the store erases, its courier and its payment provider forget too: over HTTP, and down to the bytes of their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from orders.courier.provider import CourierUnavailable
from orders.domain import parcels
from orders.models import DeliveryAddress, OrderContact, Parcel, Payment, PaymentInstrument
from orders.payment.provider import Forgotten
from privacy import outbox
from privacy.gate import collecting
from privacy.internal import erasing, forgetting
from privacy.models import Effect, ErasureNotice
from tests.orders.fake_courier import FakeCourier
from tests.orders.test_courier_sandbox import KEY, SECRET, courier  # noqa: F401 - a fixture
from tests.support import aged

pytestmark = pytest.mark.django_db

PLANTED = {"recipient": "Qwx Planted", "phone": "+821099887766", "street": "77 Plantedro", "postal_code": "04321"}
CARD = {"cardholder": "Qwx Cardholder", "line1": "88 Billingro", "postal_code": "09876"}
VALUES = [*PLANTED.values(), *CARD.values()]


@pytest.fixture
def bought(settings, payment_sandbox, wish, type_card, courier):  # noqa: F811
    """An order of two years ago with a parcel and a payment at two machines that speak HTTP."""
    settings.COURIER_SANDBOX_URL, settings.COURIER_SANDBOX_KEY, settings.COURIER_WEBHOOK_SECRET = (
        courier.url,
        KEY,
        SECRET,
    )
    provider = payment_sandbox.provider()
    settings.PAYMENT_SANDBOX_URL, settings.PAYMENT_SANDBOX_KEY = provider._url, provider._key
    settings.PAYMENT_WEBHOOK_SECRET, settings.PAYMENT_SANDBOX_ACCOUNT = provider._webhook_secret, provider.account
    user = aged.account()
    order = aged.order(placed_at=aged.years_ago(2), subject=user.subject, account=user)
    address = DeliveryAddress.objects.get(order=order)
    with collecting(surface="staff.admin", subject=user.subject, fields=[getattr(DeliveryAddress, n) for n in PLANTED]):
        for name, value in PLANTED.items():
            setattr(address, name, value)
        address.save()
    intent = provider.create_intent(wish)
    type_card(intent, **CARD)
    Payment.objects.filter(order=order).update(intent_id=intent.id)
    parcel = Parcel.objects.create(order=order, courier="sandbox")
    parcels.register(parcel.pk)
    parcel.refresh_from_db()
    return user, parcel, intent


def files_of(*folders: Path) -> str:
    return "".join(p.read_bytes().decode("utf-8", "replace") for f in folders for p in f.rglob("*") if p.is_file())


def found(*folders: Path) -> list[str]:
    text = files_of(*folders)
    return [value for value in VALUES if value in text]


def test_the_files_of_courier_and_provider_hold_nothing_of_a_person_who_was_erased(bought, courier, payment_sandbox):  # noqa: F811
    user, parcel, intent = bought
    folders = (courier.state, payment_sandbox.state)
    # The search finds what is there: every planted value.
    assert found(*folders) == VALUES
    courier.move(parcel.tracking_number, "delivered")
    erasing.erase(user.subject, acted_by=None, why="Article 17")
    outbox.deliver_due()
    answers = dict(ErasureNotice.objects.values_list("handed_to", "answer"))
    assert answers == {"courier": "forgotten", "payment_provider": "forgotten"}
    assert not ErasureNotice.objects.exclude(recorded_by=None).exists()
    assert found(*folders) == []
    # The books stay: which parcel went, and what was paid.
    assert parcel.tracking_number in files_of(courier.state)
    assert payment_sandbox.provider().retrieve(intent.id).captured
    assert not Effect.objects.filter(kind="privacy.ask_to_forget", done_at=None).exists()


def test_a_courier_that_still_carries_the_parcel_is_asked_again_for_as_long_as_that_lasts(bought, courier):  # noqa: F811
    user, parcel, _intent = bought
    erasing.erase(user.subject, acted_by=None, why="Article 17")
    asked = Effect.objects.filter(
        kind="privacy.ask_to_forget", ids__notice_id=str(ErasureNotice.objects.get(handed_to="courier").pk)
    )
    for _hour in range(8):
        outbox.deliver_due()
        row = asked.get()
        assert (row.done_at, row.parked_at) == (None, None)
        assert row.last_error.startswith("Still needed")
        asked.update(due_at=row.created_at)
    courier.move(parcel.tracking_number, "delivered")
    outbox.deliver_due()
    assert ErasureNotice.objects.get(handed_to="courier").answer == "forgotten"


def test_a_courier_that_is_away_is_asked_again_and_staff_may_enter_its_answer(settings):
    settings.COURIER = "tests.orders.fake_courier.FakeCourier"
    FakeCourier.begin_anew()
    user = aged.account()
    order = aged.order(placed_at=aged.years_ago(2), subject=user.subject, account=user)
    Parcel.objects.create(order=order, courier="fake")
    parcels.register(Parcel.objects.get().pk)
    forget, FakeCourier.forget = FakeCourier.forget, _is_away
    try:
        erasing.erase(user.subject, acted_by=None, why="Article 17")
        outbox.deliver_due()
    finally:
        FakeCourier.forget = forget
    (notice,) = forgetting.unanswered(aged.years_ago(-1))
    assert notice.handed_to == "courier"
    assert Effect.objects.get(kind="privacy.ask_to_forget").last_error.startswith("CourierUnavailable")
    Effect.objects.filter(kind="privacy.ask_to_forget").update(due_at=aged.years_ago(1))
    outbox.deliver_due()
    notice.refresh_from_db()
    assert notice.answer == "forgotten"


def _is_away(self, tracking_number: str) -> Forgotten:
    raise CourierUnavailable("away")


def test_the_order_that_is_left_names_nobody(bought, courier):  # noqa: F811
    user, parcel, _intent = bought
    courier.move(parcel.tracking_number, "delivered")
    erasing.erase(user.subject, acted_by=None, why="Article 17")
    for model in (OrderContact, DeliveryAddress, PaymentInstrument):
        assert not model.objects.filter(subject=user.subject).exists()
