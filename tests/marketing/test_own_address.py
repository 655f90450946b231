"""Whoever says yes where no address is typed gets what they asked for: at the address that they sign in with, once it is proved."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from marketing.domain import claiming
from marketing.models import Delivery, Subscription, Suppression
from privacy.declaration import Purpose
from privacy.gate import collecting
from privacy.models import Collection, ConsentEvent
from privacy.outbox import deliver_due
from privacy.permission import may_contact, withdraw
from tests.marketing.conftest import new_campaign, released
from tests.marketing.test_sending import run
from tests.support.pages import answer, hidden_inputs
from tests.support.people import shown_notice
from tests.support.readers import NEWS, reader
from tests.support.telephones import text_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def mina(client) -> User:
    account = User.objects.create_user("mina@example.com", "long-enough-42")
    client.force_login(account)
    return account


def tick(client, *positions: int):
    """Tick boxes of the privacy centre, by their place."""
    page = client.get(reverse("privacy:centre"))
    notice = re.search(r'name="notice" value="([^"]+)"', page.content.decode())[1]
    return client.post(reverse("privacy:choose"), {"notice": notice, **{f"allow_{n}": "on" for n in positions}})


def unverified(account: User) -> None:
    EmailAddress.objects.filter(user=account).update(verified=False)


def test_a_yes_in_the_privacy_centre_brings_the_news_without_another_letter(client, mina, sink):
    tick(client, 0)
    subscription = Subscription.objects.get()
    assert (subscription.subject, subscription.email) == (mina.subject, "mina@example.com")
    assert subscription.confirmed_at
    deliver_due()
    assert [m for m in mail.outbox if "Somebody" in m.body] == []
    run(released(new_campaign()))
    assert [m.to for m in sink.taken] == ["mina@example.com"]


def test_it_came_in_by_the_door_under_the_words_of_that_yes(client, mina):
    tick(client, 0)
    collection = Collection.objects.get(pk=Subscription.objects.get().collection_id)
    yes = ConsentEvent.objects.get(subject=mina.subject, state="given")
    assert collection.surface == "web.account"
    assert collection.fields == ["marketing_subscription.email"]
    assert collection.notice_digest == yes.text_digest


@pytest.mark.parametrize(("position", "purpose"), [(1, Purpose.SURVEY_INVITATION), (2, Purpose.THIRD_PARTY_PROMOTION)])
def test_each_purpose_by_itself(client, mina, sink, position, purpose):
    tick(client, position)
    assert Subscription.objects.get().confirmed_at
    run(released(new_campaign()))
    assert sink.taken == []
    partner = "A tea house" if purpose == Purpose.THIRD_PARTY_PROMOTION else ""
    run(released(new_campaign(purpose=purpose, partner=partner)))
    assert [m.to for m in sink.taken] == ["mina@example.com"]


def test_a_mailbox_that_was_not_proved_is_asked_first(client, mina, sink, settings):
    unverified(mina)
    tick(client, 0)
    assert Subscription.objects.get().confirmed_at is None
    run(released(new_campaign()))
    assert sink.taken == []
    # Neither claimed nor handed over: it is asked in both places.
    assert not Delivery.objects.exists()
    assert claiming.subscriptions([mina.subject.pk]) == {}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    deliver_due()
    (letter,) = [m for m in mail.outbox if "press the button" in m.body]
    path = re.search(r"http://[^/]+(/\S*marketing/choices/\S+)", letter.body)[1]
    page = client.get(path)
    assert Subscription.objects.get().confirmed_at is None
    client.post(path, {**hidden_inputs(page), "also": [Purpose.MARKETING_EMAIL.value]})
    assert Subscription.objects.get().confirmed_at
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    run(released(new_campaign()))
    assert [m.to for m in sink.taken] == ["mina@example.com"]


def test_the_accounts_own_letter_proves_it_too(client, mina):
    unverified(mina)
    tick(client, 0)
    address = EmailAddress.objects.get(user=mina)
    address.verified = True
    address.save()
    email_confirmed.send(sender=EmailAddress, request=None, email_address=address)
    assert Subscription.objects.get().confirmed_at


def test_it_follows_the_account_to_another_address_and_one_that_was_named_does_not(client, mina):
    def moves_to(new: str) -> None:
        before = EmailAddress.objects.get(user=mina, primary=True)
        old = EmailAddress(user=mina, email=before.email)
        with collecting(surface="staff.console", subject=mina.subject, fields=["account.EmailAddress.email"]):
            EmailAddress.objects.filter(pk=before.pk).update(email=new)
        after = EmailAddress.objects.get(pk=before.pk)
        email_changed.send(sender=User, request=None, user=mina, from_email_address=old, to_email_address=after)

    tick(client, 0)
    moves_to("mina.new@example.com")
    followed = Subscription.objects.get()
    assert (followed.email, bool(followed.confirmed_at)) == ("mina.new@example.com", True)
    Subscription.objects.all().delete()
    with collecting(
        surface="web.subscribe",
        subject=mina.subject,
        fields=[Subscription.email],
        notice=shown_notice(Subscription.email),
    ):
        Subscription.objects.create(email="mina.new@example.com", confirmed_at=timezone.now())
    moves_to("mina.newest@example.com")
    assert Subscription.objects.get().email == "mina.new@example.com"


def test_a_wish_that_was_never_confirmed_is_confirmed_by_it(client, mina):
    answer(client, reverse("marketing:subscribe"), {"email": "mina@example.com"})
    assert Subscription.objects.get().confirmed_at is None
    tick(client, 0)
    assert Subscription.objects.get().confirmed_at


def test_whoever_named_another_address_keeps_it(client, mina):
    Subscription.objects.all().delete()
    tick(client, 0)
    Subscription.objects.update(locale="ko")
    withdraw(mina.subject, method="form")
    tick(client, 0)
    assert Subscription.objects.get().locale == "ko"


def test_a_subscription_of_the_same_mailbox_from_before_the_account_gives_way(client, mina):
    old = reader("mina@example.com")
    tick(client, 0)
    assert Subscription.objects.get().subject == mina.subject
    assert old.subject != mina.subject


def test_an_earlier_no_to_this_address_ends_with_it(client, mina, sink):
    withdraw(reader("mina@example.com").subject, method="form")
    assert Suppression.objects.exists()
    tick(client, 0)
    run(released(new_campaign()))
    assert [m.to for m in sink.taken] == ["mina@example.com"]


def test_a_no_there_collects_nothing(client, mina):
    tick(client)
    assert not Subscription.objects.exists()


def test_the_page_of_ones_own_choices_has_every_channel_that_reaches_them(client, mina):
    page = answer(client, reverse("marketing:own_choices"), {"also": [Purpose.MARKETING_EMAIL.value]})
    assert page.status_code == 302
    assert may_contact(mina.subject, *NEWS)
    assert Subscription.objects.get().confirmed_at
    assert "text message" in client.get(reverse("marketing:own_choices")).content.decode()
    number = text_reader(client=client)
    assert number.subject == mina.subject
    boxes = [purpose for purpose, _words, _ticked in client.get(reverse("marketing:own_choices")).context["boxes"]]
    assert Purpose.MARKETING_SMS in boxes
    answer(client, reverse("marketing:own_choices"), {"also": [Purpose.MARKETING_EMAIL.value]})
    assert not may_contact(mina.subject, Purpose.MARKETING_SMS, "sms")
    assert may_contact(mina.subject, *NEWS)


def test_it_wants_a_sign_in(client):
    assert client.get(reverse("marketing:own_choices")).status_code == 302
