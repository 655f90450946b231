"""A campaign by text or push message takes the same road as one by mail, and the night is kept."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from marketing.carriers import sandbox
from marketing.domain import sending
from marketing.models import Campaign, CampaignText, Delivery
from privacy.declaration import Purpose
from privacy.models import Disclosure
from privacy.outbox import deliver_due
from privacy.permission import may_contact, withdraw
from tests.marketing.telephoning import MIDNIGHT, NOON, PUSHES, TEXTS, campaign, nothing_taken, run  # noqa: F401, a fixture
from tests.support.readers import reader
from tests.support.staff import superuser
from tests.support.telephones import (
    NUMBER,
    TOKEN,
    name_number,
    push_reader,
    reply,
    text_reader,
)

pytestmark = pytest.mark.django_db

State = Delivery.State


class TestCampaigns:
    @time_machine.travel(NOON, tick=True)
    def test_one_by_text_and_one_by_push_reach_exactly_those_who_permitted_it(self):
        text_reader()
        push_reader()
        reader("mail@example.com")
        name_number(Client(), "010-9999-0000")  # never proved
        left = text_reader("010-8888-0000", client=Client())
        withdraw(left.subject, method="form")
        assert run(campaign()) == [NUMBER]
        assert run(campaign("push", Purpose.MARKETING_PUSH)) == [TOKEN]
        given = Disclosure.objects.filter(purpose__in=[TEXTS[0], PUSHES[0]]).values_list("handed_to", "fields")
        assert sorted((to, tuple(fields)) for to, fields in given) == [
            ("push_service", ("marketing_pushdevice.device",)),
            ("text_service", ("marketing_textnumber.phone",)),
        ]

    @time_machine.travel(NOON, tick=True)
    def test_the_mark_the_sender_and_the_way_out_stand_in_the_message(self, settings):
        number = text_reader()
        run(campaign())
        (words,) = [parcel.content.decode() for parcel in sandbox.taken]
        assert words.startswith("(광고) Autumn teas")
        assert settings.OPERATOR_NAME in words
        assert f"/marketing/leave/{number.token}/" in words

    @time_machine.travel(MIDNIGHT, tick=True)
    def test_at_night_only_those_who_permitted_the_night_too(self):
        text_reader()
        text_reader("010-7777-0000", client=Client(), at_night=True)
        sent = campaign()
        assert run(sent) == ["+821077770000"]
        waiting = Delivery.objects.get(state=State.CLAIMED)
        assert waiting.why == "night"
        with time_machine.travel(waiting.due_at, tick=True):
            assert run(sent) == [NUMBER]

    @time_machine.travel(NOON, tick=True)
    @pytest.mark.parametrize("when", ["claimed", "handed over"])
    def test_a_no_takes_back_what_has_not_left(self, when):
        number = text_reader()
        sent = campaign()
        sandbox.taken.clear()
        sending.claiming.claim(sent.pk)
        with sending.carrier_of("sms").line() as line:
            working = sending.Round(sent, line)
            items = sending.hand_over(sent, 8) if when == "handed over" else []
            reply(Client(), "STOP")
            for item in items:
                working.give(item)
        assert run(sent) == []
        delivery = Delivery.objects.get(subject=number.subject)
        assert delivery.state in (State.REVOKED, State.HANDED_OVER if when == "handed over" else State.REVOKED)

    def test_trying_one_on_oneself_goes_to_ones_own_number_and_to_nobody_elses(self):
        text_reader("010-7777-0000", client=Client())
        browser = superuser()
        draft = Campaign.objects.create(name="Tea", channel="sms", purpose=Purpose.MARKETING_SMS)
        CampaignText.objects.create(campaign=draft, locale="en", subject="Autumn teas", body="<p>New.</p>")
        address = reverse("admin:marketing_campaign_do", args=[draft.pk])
        refusal = browser.post(address, {"do": "try", "locale": "en"}, follow=True).content.decode()
        assert "Name a number or a device of your own first" in refusal
        text_reader(client=browser)
        sandbox.taken.clear()
        browser.post(address, {"do": "try", "locale": "en"})
        deliver_due()
        assert [parcel.to for parcel in sandbox.taken] == [NUMBER]
        assert sandbox.taken[0].content.decode().startswith("(광고) Autumn teas")

    def test_a_number_that_is_given_up_is_left_alone_and_no_permission_is_changed(self):
        number = text_reader(at_night=True)
        sandbox.gone.add(NUMBER)
        assert run(campaign()) == []
        assert may_contact(number.subject, *TEXTS)
        sandbox.gone.clear()
        assert run(campaign()) == []
