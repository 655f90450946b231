"""News goes to those who said yes in their own mailbox, until they say no."""

import re
import uuid

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from marketing.models import Subscription
from privacy.models import Collection, ConsentEvent, Disclosure, Effect
from privacy.outbox import deliver_due
from privacy.permission import audience, may_contact
from tests.support.pages import answer, hidden_inputs

pytestmark = pytest.mark.django_db

EMAIL = ("marketing.communications.email", "email")


def subscribe(client, email="reader@example.com", **values):
    return answer(client, reverse("marketing:subscribe"), {"email": email, **values})


def path_in_letter(what):
    return re.search(rf"http://[^/]+(/\S*marketing/{what}/\S+)", mail.outbox[-1].body).group(1)


def confirmed(client) -> Subscription:
    subscribe(client)
    deliver_due()
    answer(client, path_in_letter("confirm"), {})
    return Subscription.objects.get()


def test_asking_permits_nothing_and_sends_one_question(client):
    assert subscribe(client).status_code == 302
    subscription = Subscription.objects.get()
    assert subscription.collection.surface == "web.subscribe"
    assert not may_contact(subscription.subject, *EMAIL)
    deliver_due()
    assert [m.to for m in mail.outbox] == [["reader@example.com"]]
    assert Disclosure.objects.get().handed_to == "mailer"


def test_only_the_button_behind_the_link_permits(client):
    subscribe(client)
    deliver_due()
    path = path_in_letter("confirm")
    page = client.get(path)
    subscription = Subscription.objects.get()
    assert not may_contact(subscription.subject, *EMAIL)
    assert client.post(path, hidden_inputs(page)).status_code == 200
    assert may_contact(subscription.subject, *EMAIL)
    asked, event = ConsentEvent.objects.filter(subject=subscription.subject).order_by("received_at")
    assert asked.state == "requested"
    assert (event.state, event.method, event.surface) == ("given", "form", "web.subscribe")
    assert event.text_digest
    assert event.shown_at
    client.post(path, hidden_inputs(page))
    assert ConsentEvent.objects.count() == 2


def test_a_confirmation_without_the_words_that_were_shown_permits_nothing(client):
    subscribe(client)
    deliver_due()
    client.post(path_in_letter("confirm"), {"notice": "made:up"})
    assert not may_contact(Subscription.objects.get().subject, *EMAIL)


def test_the_answer_is_the_same_for_an_address_that_is_known(client):
    confirmed(client)
    mail.outbox.clear()
    collections = Collection.objects.count()
    unknown = subscribe(Client(), "unknown@example.com")
    known = subscribe(Client(), "Reader@example.com")
    assert (known.status_code, known.url, sorted(known.cookies)) == (
        unknown.status_code,
        unknown.url,
        sorted(unknown.cookies),
    )
    deliver_due()
    assert [m.to for m in mail.outbox] == [["unknown@example.com"]]
    assert Collection.objects.count() == collections + 1


def test_an_address_typed_many_times_gets_one_letter(client):
    for _ in range(3):
        subscribe(client)
    deliver_due()
    assert len(mail.outbox) == 1
    assert Subscription.objects.count() == 1


def test_the_browser_that_typed_an_address_is_not_tied_to_it(client):
    subscribe(client)
    assert "sessionid" not in client.cookies


def test_news_for_ones_own_address_hang_on_ones_account_and_for_another_do_not(client):
    account = User.objects.create_user("reader@example.com", "long-enough-and-odd-42")
    client.force_login(account)
    subscribe(client)
    subscribe(client, "friend@example.com")
    own, other = Subscription.objects.order_by("pk")
    assert own.subject == account.subject
    assert other.subject != account.subject


def test_a_ticked_opt_out_box_contradicts_the_form_and_says_so(client):
    response = subscribe(client, no_marketing="on")
    assert response.status_code == 422
    assert "no_marketing" in response.context["form"].errors
    assert not Subscription.objects.exists()


def test_opening_the_link_to_leave_changes_nothing_and_its_button_does(client):
    subscription = confirmed(client)
    path = reverse("marketing:leave", args=[subscription.token])
    assert client.get(path).status_code == 200
    assert may_contact(subscription.subject, *EMAIL)
    assert client.post(path).status_code == 200
    assert not may_contact(subscription.subject, *EMAIL)
    assert not audience(*EMAIL).exists()


def test_one_click_needs_no_cookie_no_csrf_token_and_no_redirect(client):
    subscription = confirmed(client)
    mail_program = Client(enforce_csrf_checks=True)
    response = mail_program.post(
        reverse("marketing:leave", args=[subscription.token]), {"List-Unsubscribe": "One-Click"}
    )
    assert response.status_code == 200
    assert not response.cookies
    event = ConsentEvent.objects.filter(subject=subscription.subject).order_by("received_at").last()
    assert (event.state, event.method) == ("withdrawn", "one_click")
    assert not may_contact(subscription.subject, *EMAIL)


def test_a_link_that_is_not_known_answers_the_same(client):
    subscription = confirmed(client)
    client.get(reverse("privacy:policy"))  # takes away the message that offers the receipt
    stranger = uuid.uuid4()

    def answer(token):
        """The page, without what differs from one showing to the next: tokens, and the address itself."""
        content = client.post(reverse("marketing:leave", args=[token])).content.decode()
        return re.sub(r'value="[^"]*"', "", content).replace(str(token), "")

    assert answer(stranger) == answer(subscription.token)
    assert client.post(reverse("marketing:confirm", args=[uuid.uuid4()]), {}).status_code == 302


def test_who_left_may_come_back(client):
    subscription = confirmed(client)
    client.post(reverse("marketing:leave", args=[subscription.token]))
    mail.outbox.clear()
    # As if an hour had passed, after which the same address may be written to again.
    Effect.objects.all().delete()
    subscribe(client)
    deliver_due()
    answer(client, path_in_letter("confirm"), {})
    assert may_contact(subscription.subject, *EMAIL)
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize("value", ["\x00", "😀@example.com", "x" * 99_999, "x" * 250 + "@example.com", "", "a@b"])
@pytest.mark.parametrize("field", ["email", "notice", "no_marketing"])
def test_hostile_input_gets_an_answer_and_no_crash(client, field, value):
    for sent in (value, [value, value]):
        response = answer(client, reverse("marketing:subscribe"), {"email": "a@example.com", field: sent})
        assert response.status_code in (302, 422)
