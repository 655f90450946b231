"""use.transaction, use.service: what is collected serves the purchase and the service that was asked for, nothing else."""

import dataclasses

import pytest
from django.apps import apps
from django.core import checks, mail
from django.urls import reverse

from accounts.models import Interest
from orders.domain.payment import finalise
from orders.models import Order, OrderContact
from privacy.declaration import Category, Keep, PersonalDatum, Purpose, datum, personal_fields
from privacy.gate import disclose
from privacy.internal import policy
from privacy.models import Disclosure
from privacy.outbox import deliver_due
from tests.orders.shop import ADDRESS, CONTACT, buy, payment_of, variant

OF_A_SALE = {"use.transaction", "use.service"}


def clause_of(purpose: str) -> str:
    return policy.current().purposes[purpose]["clause"]


def test_every_declared_value_is_used_as_the_policy_in_force_states():
    seen = 0
    for model in apps.get_models():
        for field in personal_fields(model):
            declared = datum(field)
            for purpose in declared.purposes:
                seen += 1
                assert policy.current().states(declared.category, purpose, declared.keep), (model, field.name, purpose)
    assert seen >= 30


@pytest.mark.parametrize("app", ["orders", "accounts"])
def test_what_a_sale_and_an_account_ask_for_serves_them_and_no_promotion(app):
    for model in apps.get_app_config(app).get_models():
        for field in personal_fields(model):
            # What somebody likes is asked for by itself, with a permission of its own.
            allowed = {"use.experience"} if model is Interest else OF_A_SALE
            purposes = set(datum(field).purposes)
            if datum(field).category in (Category.INTERESTS, Category.PURCHASE_HISTORY):
                # What was liked and bought may choose among the news for whoever permitted that very use, and nobody else.
                assert policy.current().legal_basis(Purpose.ADVERTISING) == "consent"
                purposes -= {Purpose.ADVERTISING}
            assert {clause_of(p) for p in purposes} <= allowed, (model, field.name)


def test_a_use_that_the_policy_does_not_state_stops_the_release(monkeypatch):
    field = OrderContact._meta.get_field("email")
    planted = PersonalDatum(Category.EMAIL, (Purpose.NOTIFICATION, Purpose.ADVERTISING), Keep.CONTRACT)
    assert [m for m in checks.run_checks() if m.id == "privacy.E006"] == []
    monkeypatch.setattr(field, "personal", planted)
    found = [m for m in checks.run_checks() if m.id == "privacy.E006"]
    assert len(found) == 1
    assert found[0].level >= checks.ERROR


@pytest.mark.usefixtures("store")
class TestAPurchase:
    def test_sends_one_letter_to_the_buyer_and_hands_nothing_else_over(self, client, provider):
        order = buy(client, variant())
        provider.settle(payment_of(order).intent_id)
        finalise(payment_of(order).pk)
        deliver_due()
        assert Order.objects.get().state == Order.State.PAID
        assert [message.to for message in mail.outbox] == [[CONTACT["email"]]]
        trace = Disclosure.objects.get()
        assert (trace.handed_to, trace.purpose) == ("mailer", Purpose.NOTIFICATION)
        assert trace.fields == ["orders_ordercontact.email"]
        assert trace.legal_basis == "contract"

    def test_tells_the_provider_an_amount_and_a_number_and_nothing_of_the_buyer(self, client, provider):
        buy(client, variant())
        (request,) = provider.books.requests
        told = " ".join(str(value) for value in dataclasses.asdict(request).values()).lower()
        assert request.reference.lower() in told
        for value in (CONTACT["email"], ADDRESS["recipient"], ADDRESS["street"], ADDRESS["phone"], "94043"):
            assert value.lower() not in told

    def test_gives_the_buyer_what_was_asked_for_and_a_stranger_nothing(self, client):
        order = buy(client, variant())
        page = reverse("orders:detail", args=[order.number])
        shown = client.get(page).content.decode()
        assert ADDRESS["recipient"] in shown
        assert ADDRESS["street"] in shown
        assert client.__class__().get(page).status_code == 404

    def test_the_letter_of_a_sale_is_no_advertisement(self, client):
        order = buy(client, variant(), no_marketing="on")
        row = disclose(order.contact, to="mailer", purpose=Purpose.NOTIFICATION).row
        assert set(row) == {"email"}
