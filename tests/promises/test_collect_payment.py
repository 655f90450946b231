"""collect.payment: wherever a person types a card number, it is refused or struck out, and stands nowhere afterwards."""

import io
import json
import logging
import logging.config
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from accounts.models import SavedAddress, User
from orders.domain.payment import finalise
from orders.models import Order, PaymentInstrument
from privacy.cards import find_card_number
from privacy.declaration import Category
from privacy.internal import policy
from privacy.internal.desk import receiving
from privacy.models import RequestMessage
from privacy.outbox import deliver_due, enqueue
from tests.orders.fake_provider import CARD
from tests.orders.shop import ADDRESS, answers, buy, fill_basket, payment_of, variant
from tests.support.pages import answer

pytestmark = pytest.mark.usefixtures("store")

# Test numbers of card networks, and the ways in which people group digits.
NUMBER = "4000002760003184"
SPELLINGS = [NUMBER, "4000 0027-6000.3184"]
PLANTED = re.compile(r"4000[^0-9a-zA-Z]{0,3}0027[^0-9a-zA-Z]{0,3}6000[^0-9a-zA-Z]{0,3}3184")

_TEXT_COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
AND c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'ARRAY', 'bytea')
ORDER BY 1, 2
"""


def places_in_the_database(pattern: str) -> list[str]:
    """Every "table.column" in which a text matches, whatever the table is for; sessions are opened first."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXT_COLUMNS)
        columns = cursor.fetchall()
        assert len(columns) > 100
        found = []
        for table, column in columns:
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE "{column}"::text ~ %s LIMIT 1', [pattern])
            found += [f"{table}.{column}"] * bool(cursor.fetchone())
    found += ["session"] * any(re.search(pattern, str(s.get_decoded())) for s in Session.objects.all())
    return found


@pytest.fixture
def log():
    """What the store's own handler writes, at its most talkative: filter and formatter are those of the settings."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    described = settings.LOGGING["handlers"]["stderr"]
    for name in described["filters"]:
        factory = logging.config.DictConfigurator({"version": 1}).resolve(settings.LOGGING["filters"][name]["()"])
        handler.addFilter(factory())
    kind = settings.LOGGING["formatters"][described["formatter"]]["()"]
    handler.setFormatter(logging.config.DictConfigurator({"version": 1}).resolve(kind)())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def nowhere(log, store):
    """After the test: in no table, no log line, no letter, no cache."""
    yield
    assert places_in_the_database(PLANTED.pattern) == []
    assert not PLANTED.search(log.getvalue())
    assert not any(PLANTED.search(f"{m.subject}\n{m.body}") for m in mail.outbox)
    assert not PLANTED.search(str(cache._cache))


@pytest.fixture
def signed_in(client, django_user_model: type[User]):
    client.force_login(django_user_model.objects.create_user("mina@example.com", "long enough words"))
    return client


def test_the_search_would_find_one_that_was_kept():
    assert places_in_the_database("Tea TEA-1") == []
    variant()
    assert "catalogue_producttext.name" in places_in_the_database("Tea TEA-1")


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("spelling", SPELLINGS)
class TestTyped:
    # The country and the number of a telephone have a form of their own, which no card number has.
    @pytest.mark.parametrize("name", ["email", "recipient", "street", "street_2", "city", "state", "phone"])
    def test_into_the_checkout(self, client, spelling, name):
        fill_basket(client, variant())
        response = client.post("/checkout/", answers(client, **{name: spelling}))
        assert response.status_code == 422
        assert name in response.context["form"].errors
        assert not Order.objects.exists()

    @pytest.mark.parametrize("name", ["recipient", "street", "city", "phone", "postal_code"])
    def test_into_the_address_book(self, signed_in, spelling, name):
        page = reverse("accounts:add_address") + "?country=US"
        response = answer(signed_in, page, ADDRESS | {name: spelling})
        assert response.status_code == 422
        assert name in response.context["form"].errors
        assert not SavedAddress.objects.exists()

    @pytest.mark.parametrize("name", ["recipient", "street_2", "city", "phone"])
    def test_into_the_api(self, signed_in, spelling, name):
        token = signed_in.options("/api/v1/addresses/").json()["notice"]["token"]
        body = json.dumps(ADDRESS | {"notice": token, name: spelling})
        response = signed_in.post("/api/v1/addresses/", body, content_type="application/json")
        assert response.status_code == 400
        assert not PLANTED.search(response.content.decode())

    def test_into_a_profile(self, signed_in, spelling):
        response = answer(signed_in, reverse("accounts:profile"), {"name": spelling, "phone": ""})
        assert response.status_code == 422

    def test_into_sign_up(self, client, spelling):
        sent = {"email": "new@example.com", "password1": "long-enough-and-odd-42", "name": spelling}
        answer(client, reverse("account_signup"), sent)
        assert not User.objects.exists()

    @pytest.mark.parametrize("name", ["number", "email"])
    def test_into_the_look_up_of_an_order(self, client, spelling, name):
        sent = {"number": "K24-AAAA-BBBB", "email": "mina@example.com"} | {name: spelling}
        assert answer(client, reverse("orders:lookup"), sent).status_code == 422
        client.get(f"/orders/{spelling}/")

    def test_into_the_search(self, client, spelling):
        assert client.get("/search/", {"q": spelling}).status_code == 200
        client.get(f"/products/{NUMBER}/", {"variant": spelling}, headers={"Referer": f"https://x.example/{spelling}"})

    def test_into_the_field_for_news(self, client, spelling):
        assert answer(client, reverse("marketing:subscribe"), {"email": spelling}).status_code == 422

    def test_into_a_letter_to_the_privacy_desk(self, client, spelling):
        sent = {"kind": "access", "sender": "mina@example.com", "body": f"Hello\n{spelling}"}
        response = answer(client, reverse("privacy:write"), sent)
        assert response.status_code == 422
        assert "card number" in str(response.context["form"].errors["body"])
        assert not RequestMessage.objects.exists()

    def test_into_a_mail_it_is_struck_out_and_the_letter_is_kept(self, spelling):
        letter = EmailMessage()
        letter["From"] = "Mina <mina@example.com>"
        letter["Subject"] = f"About {spelling}"
        letter.set_content(f"Please look at {spelling}, thank you.")
        receiving.receive_letter(letter.as_bytes())
        message = RequestMessage.objects.get()
        assert "thank you" in message.body
        assert find_card_number(message.body + message.heading) is None
        deliver_due()


@pytest.mark.usefixtures("nowhere")
def test_typed_as_the_name_on_the_card_at_the_provider_it_is_not_kept(client, provider):
    order = buy(client, variant())
    intent = payment_of(order).intent_id
    provider.settle(intent)
    bent = replace(CARD, holder="4000 0027 6000 3184", billing_address=replace(CARD.billing_address, lines=(NUMBER,)))
    provider.books.intents[intent] = replace(provider.books.intents[intent], instrument=bent)
    finalise(payment_of(order).pk)
    kept = PaymentInstrument.objects.get()
    assert kept.last4 == CARD.last4
    assert find_card_number(f"{kept.cardholder} {kept.billing_street}") is None


@pytest.mark.usefixtures("nowhere")
def test_an_error_with_the_number_in_it_reaches_no_log():
    try:
        raise ValueError(f"could not read {NUMBER}")
    except ValueError:
        logging.getLogger("orders").exception("Failed on %s", "4000 0027 6000 3184")


def test_the_outbox_carries_no_value(db):
    for value in (NUMBER, NUMBER + "\n", "4000 0027 6000 3184", "mina@example.com"):
        with pytest.raises(ValueError, match="never values"):
            enqueue("orders.confirmation_mail", key="k", order_id=value)


def test_a_paid_order_keeps_the_little_that_the_policy_names(client, provider):
    order = buy(client, variant())
    provider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    kept = PaymentInstrument.objects.get()
    assert (kept.brand, kept.last4, kept.cardholder, kept.expiry) == ("visa", "4242", "MINA KIM", "07/2031")
    collection = kept.collection
    assert (collection.surface, collection.channel) == ("provider.payment", "provider")


def test_there_is_no_column_for_a_card_number_or_a_code():
    forbidden = re.compile(r"(^|_)(pan|cvc2?|cvv2?|csc|cid|security_code|card_?number|card_?no)($|_)")
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            assert not forbidden.search(field.column), (model, field.name)
    assert not any("number" in c.value.rpartition(".")[2] for c in Category if "card" in c.value)
    assert PaymentInstrument._meta.get_field("last4").max_length == 4
    assert policy.current().never_stored == ("card number", "card security code")


def test_no_page_of_the_store_has_a_field_for_a_card(client):
    fill_basket(client, variant())
    order_page = client.get("/checkout/").content.decode()
    assert not re.search(r'autocomplete="cc-|name="(card|cvc|cvv|security)', order_page)
