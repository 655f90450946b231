"""One page, by the link of any message and without signing in: everything that may be sent to somebody, seen and changed there."""

import pytest
from django.test import Client
from django.urls import reverse

from marketing.domain import suppressing
from marketing.models import Subscription
from marketing.models.reached import ASKED_BY, SENT_BY
from privacy.permission import DIRECT_MARKETING, may_contact
from tests.marketing.telephoning import nothing_taken  # noqa: F401, a fixture
from tests.support.pages import answer
from tests.support.readers import NEWS, reader
from tests.support.staff import PASSWORD
from tests.support.telephones import NUMBER, TOKEN, push_reader, text_reader

pytestmark = pytest.mark.django_db

EVERYTHING = [(purpose, channel) for channel, purposes in ASKED_BY.items() for purpose in purposes]
QUESTIONS = list(dict.fromkeys(purpose for purpose, _channel in EVERYTHING))


@pytest.fixture
def links(client, django_user_model):
    """The links in the messages of one person who is reached by mail, by text message and on a device."""
    subscription = reader()
    number = text_reader(url=reverse("marketing:texts_by_link", args=[subscription.token]))
    client.force_login(django_user_model.objects.create_user("x@example.com", PASSWORD, subject=subscription.subject))
    device = push_reader(client=client)
    assert subscription.subject == number.subject == device.subject
    return {"email": subscription, "sms": number, "push": device}


def permitted(subject) -> set:
    return {(purpose, channel) for purpose, channel in EVERYTHING if may_contact(subject, purpose, channel)}


def test_the_page_asks_for_everything_that_there_is():
    """A new kind of message stands on it, or this says which one does not."""
    assert set(EVERYTHING) == {(purpose, channel) for purpose, channel in DIRECT_MARKETING}


@pytest.mark.parametrize("channel", ["email", "sms", "push"])
def test_by_the_link_of_any_message_all_of_it_is_seen(links, channel):
    stranger = Client()
    page = stranger.get(reverse("marketing:choices", args=[links[channel].token]))
    assert page.status_code == 200
    boxes = {purpose: ticked for purpose, _words, ticked in page.context["boxes"]}
    assert set(boxes) == set(QUESTIONS)
    assert {purpose for purpose, ticked in boxes.items() if ticked} == {
        p for p, _c in permitted(links[channel].subject)
    }
    text = page.content.decode()
    assert "reader@example.com" not in text
    assert NUMBER not in text
    assert TOKEN not in text
    assert "sessionid" not in stranger.cookies


@pytest.mark.parametrize("channel", ["email", "sms", "push"])
def test_by_the_link_of_any_message_all_of_it_is_changed(links, channel):
    subject, path = links[channel].subject, reverse("marketing:choices", args=[links[channel].token])
    answer(Client(), path, {"also": [purpose.value for purpose in QUESTIONS]})
    assert permitted(subject) == set(EVERYTHING)
    one = QUESTIONS[2]
    answer(Client(), path, {"also": [purpose.value for purpose in QUESTIONS if purpose != one]})
    assert {purpose for purpose, _channel in set(EVERYTHING) - permitted(subject)} == {one}
    answer(Client(), path, {})
    assert permitted(subject) == set()
    for way, address in (("email", "reader@example.com"), ("sms", NUMBER), ("push", TOKEN)):
        for purpose in SENT_BY[way]:
            assert suppressing.suppressed({0: address}, purpose) == {0}


def test_one_button_on_it_stops_everything(links):
    page = Client().get(reverse("marketing:choices", args=[links["email"].token])).content.decode()
    leave = reverse("marketing:leave", args=[links["email"].token])
    assert f'action="{leave}"' in page
    assert Client().post(leave).status_code == 200
    assert permitted(links["email"].subject) == set()


def test_an_answer_to_other_words_than_those_in_force_changes_nothing(links):
    subject, path = links["email"].subject, reverse("marketing:choices", args=[links["email"].token])
    before = permitted(subject)
    assert NEWS in before
    answered = Client().post(path, {"notice": "made:up", "also": []}, follow=True)
    assert "changed" in answered.content.decode()
    assert permitted(subject) == before


def test_the_link_cannot_be_guessed_and_is_nobody_elses():
    tokens = [reader(f"r{n}@example.com").token for n in range(3)]
    assert len(set(tokens)) == 3
    assert {token.version for token in tokens} == {4}, "122 random bits"
    kept = {field.name for field in Subscription._meta.fields if field.unique}
    assert "token" in kept
