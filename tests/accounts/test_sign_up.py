"""Opening an account goes through the gate, and says nothing about who has one."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import Profile, User
from privacy.models import Collection, ConsentEvent
from privacy.outbox import deliver_due
from tests.support.pages import answer, hidden_inputs

pytestmark = pytest.mark.django_db

PASSWORD = "long-enough-and-odd-42"
NEW = {"email": "new@example.com", "password1": PASSWORD, "name": "Lee Jisoo"}


def sign_up(client, **values):
    return answer(client, reverse("account_signup"), {**NEW, **values})


def test_sign_up_is_one_collection_that_covers_the_columns_it_wrote(client):
    response = sign_up(client)
    assert response.status_code == 302
    collection = Collection.objects.get()
    assert collection.surface == "web.sign_up"
    assert collection.fields == ["account_emailaddress.email", "accounts_profile.name"]
    assert collection.notice_digest
    account = User.objects.get()
    assert account.subject == collection.subject
    assert Profile.objects.get().collection == collection
    assert not EmailAddress.objects.get(user=account).verified


def test_a_ticked_opt_out_box_is_a_refusal_and_an_unticked_one_is_nothing(client):
    sign_up(client, no_marketing="on")
    events = ConsentEvent.objects.filter(subject=User.objects.get().subject)
    assert {e.state for e in events} == {"refused"}
    assert {e.purpose for e in events} >= {"marketing.communications.email", "marketing.communications.sms"}
    assert all(e.text_digest for e in events)
    sign_up(client.__class__(), email="second@example.com")
    assert ConsentEvent.objects.count() == len(events)


def test_a_name_is_not_needed(client):
    sign_up(client, name="")
    assert User.objects.exists()
    assert not Profile.objects.exists()


def test_nothing_is_written_when_the_notice_did_not_come_along(client):
    response = client.post(reverse("account_signup"), NEW)
    assert response.status_code == 200
    assert not User.objects.exists()
    assert not Collection.objects.exists()


def test_a_sign_in_address_cannot_be_written_by_sql_outside_a_collection(account):
    with pytest.raises(DatabaseError, match="privacy gate"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE account_emailaddress SET email = 'thief@example.com' WHERE user_id = %s", [account.pk])
    with pytest.raises(DatabaseError, match="privacy gate"), transaction.atomic():
        EmailAddress.objects.create(user=account, email="thief@example.com")


def _shape(response):
    """Everything that somebody outside could compare."""
    return (
        response.status_code,
        response.get("Location"),
        sorted(response.cookies),
        re.sub(rb'value="[^"]*"', b"", response.content),
    )


def test_the_answer_is_the_same_for_an_address_that_is_known(client, account):
    unknown = sign_up(client)
    known = sign_up(client.__class__(), email="Minji@example.com")
    assert _shape(known) == _shape(unknown)
    assert User.objects.count() == 2
    assert Collection.objects.filter(surface="web.sign_up").count() == 1
    deliver_due()
    assert {tuple(m.to) for m in mail.outbox} == {("new@example.com",), ("minji@example.com",)}
    to_known = next(m for m in mail.outbox if m.to == ["minji@example.com"])
    assert "already" in to_known.subject


def test_the_answer_to_a_forgotten_password_is_the_same_for_everybody(client, account):
    url = reverse("account_reset_password")
    known = client.post(url, {"email": "minji@example.com"})
    unknown = client.__class__().post(url, {"email": "nobody@example.com"})
    assert _shape(known) == _shape(unknown)
    deliver_due()
    assert [m.to for m in mail.outbox] == [["minji@example.com"]]


def test_the_link_in_the_letter_confirms_only_when_its_button_is_pressed(client):
    sign_up(client)
    deliver_due()
    (letter,) = mail.outbox
    path = re.search(r"http://[^/]+(/\S*confirm-email/\S+)", letter.body).group(1)
    assert client.get(path).status_code == 200
    assert not EmailAddress.objects.get().verified
    assert client.post(path).status_code == 302
    assert EmailAddress.objects.get().verified
    assert client.__class__().get(path).status_code == 404


def test_opening_a_confirmation_link_signs_nobody_out(client, account):
    sign_up(client)
    deliver_due()
    path = re.search(r"http://[^/]+(/\S*confirm-email/\S+)", mail.outbox[0].body).group(1)
    other_browser = client.__class__()
    other_browser.force_login(account)
    other_browser.get(path)
    assert "_auth_user_id" in other_browser.session


def test_letters_are_written_in_the_language_of_the_page(client):
    url = "/ko" + reverse("account_signup")
    client.post(url, {**hidden_inputs(client.get(url)), **NEW})
    deliver_due()
    assert "/ko/accounts/confirm-email/" in mail.outbox[0].body


def test_nobody_signs_in_before_the_address_is_confirmed(client):
    sign_up(client)
    visitor = client.__class__()
    visitor.post(reverse("account_login"), {"login": NEW["email"], "password": PASSWORD})
    assert "_auth_user_id" not in visitor.session


def test_a_password_like_the_address_is_refused(client):
    response = sign_up(client, email="jisoo.lee.1990@example.com", password1="jisoo.lee.1990")
    assert response.status_code == 200
    assert not User.objects.exists()


HOSTILE = [
    "\x00",
    "a\x00@example.com",
    "😀" * 5000,
    "x" * 200_000,
    "<script>",
    "' OR 1=1 --",
    "a@b",
    "a" * 300 + "@example.com",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["email", "password1", "name", "notice", "no_marketing"])
def test_hostile_input_gets_an_answer_and_no_crash(client, field, value):
    assert sign_up(client, **{field: value}).status_code in (200, 302)
    assert sign_up(client, **{field: [value, value]}).status_code in (200, 302, 429)
