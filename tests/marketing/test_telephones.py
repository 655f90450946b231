"""Text and push messages go to those who proved a number or a device with a code, and end by every road."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketing.carriers import sandbox
from marketing.domain import proving, replying, suppressing
from marketing.models import Delivery, PushDevice, Suppression, TextNumber
from privacy.declaration import Purpose
from privacy.internal import expiring
from privacy.internal.erasing import erase
from privacy.internal.reminding import remind_due
from privacy.models import Collection, ConsentEvent, Disclosure, Preference
from privacy.outbox import deliver_due
from privacy.permission import may_contact, withdraw
from privacy.queries import held
from tests.marketing.telephoning import NIGHT, PUSHES, TEXTS, campaign, nothing_taken, run  # noqa: F401, a fixture
from tests.support.pages import answer, hidden_inputs
from tests.support.readers import reader
from tests.support.staff import superuser
from tests.support.telephones import (
    NUMBER,
    TOKEN,
    code,
    name_number,
    push_reader,
    received,
    register,
    reply,
    send_back,
    text_reader,
)

pytestmark = pytest.mark.django_db

State = Delivery.State


class TestNumber:
    def test_naming_one_permits_nothing_and_sends_one_code(self, client):
        page = name_number(client)
        assert page.status_code == 302
        number = TextNumber.objects.get()
        assert number.phone == NUMBER
        assert number.collection.surface == "web.texts"
        assert number.subject.jurisdiction == "KR"
        assert not may_contact(number.subject, *TEXTS)
        assert len(received()) == 1
        assert Disclosure.objects.get().handed_to == "text_service"
        assert NUMBER not in str(Disclosure.objects.values())

    def test_the_page_carries_the_notice_and_the_box_and_ticks_nothing(self, client):
        page = client.get(reverse("marketing:texts")).content.decode()
        assert "Kept until you unsubscribe" in page
        assert 'name="no_marketing"' in page
        code_page = client.get(name_number(client).url).content.decode()
        assert "Send me news of this store by text message" in code_page
        assert 'name="at_night"' in code_page
        assert "checked" not in code_page.partition("<main")[2].partition("</main")[0]

    def test_only_the_code_permits_and_only_what_was_ticked(self, client):
        page = name_number(client).url
        typed = code()
        before = ConsentEvent.objects.count()
        client.get(page)
        client.head(page)
        assert ConsentEvent.objects.count() == before
        assert answer(client, page, {"code": typed}).status_code == 200
        subject = TextNumber.objects.get().subject
        assert may_contact(subject, *TEXTS)
        assert not may_contact(subject, NIGHT, "sms")
        event = ConsentEvent.objects.get(subject=subject, state="given")
        assert (event.purpose, event.surface, event.method) == (Purpose.MARKETING_SMS, "web.texts", "form")
        assert event.text_digest

    def test_the_night_is_a_yes_of_its_own(self):
        assert may_contact(text_reader(at_night=True).subject, NIGHT, "sms")

    def test_a_code_is_good_once(self, client):
        page = name_number(client).url
        typed = code()
        answer(client, page, {"code": typed})
        withdraw(TextNumber.objects.get().subject, method="form")
        assert answer(client, page, {"code": typed}).status_code == 410
        assert not may_contact(TextNumber.objects.get().subject, *TEXTS)

    def test_after_five_wrong_ones_the_right_one_is_refused(self, client):
        page = name_number(client).url
        typed = code()
        wrong = f"{(int(typed) + 1) % 10**6:06d}"
        for _time in range(proving.MOST_TRIES):
            assert answer(client, page, {"code": wrong}).status_code == 422
        assert answer(client, page, {"code": typed}).status_code == 410
        assert not may_contact(TextNumber.objects.get().subject, *TEXTS)

    def test_a_code_is_over_after_a_quarter_of_an_hour(self, client):
        page = name_number(client).url
        typed = code()
        answers = {**hidden_inputs(client.get(page)), "code": typed}
        with time_machine.travel(timezone.now() + proving.GOOD_FOR + dt.timedelta(seconds=1), tick=False):
            assert client.post(page, answers).status_code == 410
        assert not may_contact(TextNumber.objects.get().subject, *TEXTS)

    def test_one_number_gets_five_codes_a_day_from_whatever_browser(self):
        for _time in range(proving.MOST_CODES):
            assert name_number(Client()).status_code == 302
        refused = name_number(Client())
        assert refused.status_code == 429
        assert "tomorrow" in refused.content.decode()
        assert "010-1234-5678" in refused.content.decode()
        assert len(received()) == proving.MOST_CODES

    def test_all_numbers_together_get_no_more_than_the_purse_bears(self, settings):
        settings.MARKETING_CODES_PER_DAY = 2
        answers = [name_number(Client(), f"010-1234-567{n}").status_code for n in range(3)]
        assert answers == [302, 302, 429]

    @pytest.mark.parametrize("typed", ["12", "abc", "02-2000-1234", "+1 900 555 1234", "4111 1111 1111 1111"])
    def test_what_is_no_mobile_number_is_refused_with_everything_still_there(self, client, typed):
        page = name_number(client, typed)
        assert page.status_code == 422
        assert not TextNumber.objects.exists()
        if not typed.startswith("4111"):
            assert typed in page.content.decode()

    def test_the_ticked_box_contradicts(self, client):
        assert name_number(client, no_marketing="on").status_code == 422
        assert not TextNumber.objects.exists()

    def test_whether_a_number_is_known_shows_nowhere(self, client):
        text_reader()
        stranger = Client()
        known = name_number(stranger)
        new = name_number(Client(), "010-1234-9999")
        assert known.status_code == new.status_code == 302
        assert stranger.get(known.url).status_code == 200

    def test_who_has_the_telephone_in_hand_is_its_owner(self):
        before = text_reader()
        now = text_reader(client=Client())
        assert now.pk != before.pk
        assert TextNumber.objects.get().subject == now.subject

    def test_by_the_link_of_a_mail_it_stays_with_the_one_who_reads_it(self, client):
        subscription = reader()
        url = reverse("marketing:texts_by_link", args=[subscription.token])
        number = text_reader(url=url)
        assert number.subject == subscription.subject
        page = client.get(reverse("marketing:choices", args=[subscription.token])).content.decode()
        assert "text message" in page
        assert "at night" in page

    def test_what_was_never_proved_goes_after_a_day(self, client):
        name_number(client)
        TextNumber.objects.update(created_at=timezone.now() - dt.timedelta(hours=23))
        expiring.expire()
        assert TextNumber.objects.exists()
        TextNumber.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
        expiring.expire()
        assert not TextNumber.objects.exists()


class TestDevice:
    def test_registering_permits_nothing(self, client):
        answered = register(client)
        assert answered.status_code == 202
        device = PushDevice.objects.get()
        assert Collection.objects.get(pk=device.collection_id).surface == "api.devices"
        assert not may_contact(device.subject, *PUSHES)
        assert len(received(TOKEN)) == 1
        assert Disclosure.objects.get().handed_to == "push_service"

    def test_options_give_the_lines_the_questions_and_the_box(self, client):
        notice = client.options("/api/v1/marketing/devices/").json()["notice"]
        assert [line["field"] for line in notice["lines"]] == ["device"]
        assert [q["purpose"] for q in notice["questions"]] == [Purpose.MARKETING_PUSH, NIGHT]
        assert notice["no_marketing"]

    def test_the_code_permits(self):
        device = push_reader()
        assert may_contact(device.subject, *PUSHES)
        assert not may_contact(device.subject, NIGHT, "push")
        event = ConsentEvent.objects.get(subject=device.subject, state="given")
        assert (event.surface, event.method) == ("api.devices", "api")

    def test_a_wrong_code_an_old_ticket_and_a_stale_notice_are_named(self, client):
        ticket = register(client).json()["ticket"]
        wrong = f"{(int(code(TOKEN)) + 1) % 10**6:06d}"
        assert send_back(client, ticket, wrong).status_code == 400
        assert send_back(client, "made-up", code(TOKEN)).status_code == 410
        assert send_back(client, ticket, code(TOKEN), notice="old").status_code == 400
        assert not may_contact(PushDevice.objects.get().subject, *PUSHES)

    @pytest.mark.parametrize(
        "token", ["short", "with a space in the middle of it", "x" * 513, "한글로된토큰은없습니다한글로된"]
    )
    def test_what_is_no_token_is_refused(self, client, token):
        assert register(client, token).status_code == 400
        assert not PushDevice.objects.exists()

    def test_the_box_contradicts(self, client):
        assert register(client, no_marketing=True).status_code == 400

    def test_it_can_be_forgotten_by_its_key_and_an_unknown_key_gets_the_same_answer(self, client):
        device = push_reader()
        assert client.delete("/api/v1/marketing/devices/7d7f1f43-8a8a-4d6e-9d55-3a2b1c0d9e8f/").status_code == 204
        assert PushDevice.objects.filter(pk=device.pk).exists()
        assert client.delete(f"/api/v1/marketing/devices/{device.token}/").status_code == 204
        assert not PushDevice.objects.exists()

    def test_it_is_removed_when_its_push_service_says_that_it_is_gone(self):
        push_reader()
        sandbox.gone.add(TOKEN)
        sent = campaign("push", Purpose.MARKETING_PUSH)
        assert run(sent) == []
        assert not PushDevice.objects.exists()
        assert Delivery.objects.get().state == State.REFUSED
        assert not Suppression.objects.exists()

    def test_of_two_devices_the_one_that_came_last_is_reached(self, client):
        push_reader("old-device-token-0001", client=client)
        newer = push_reader("new-device-token-0002", client=client)
        assert PushDevice.objects.filter(subject=newer.subject).count() == 2
        assert run(campaign("push", Purpose.MARKETING_PUSH)) == ["new-device-token-0002"]


class TestLeaving:
    @pytest.mark.parametrize(
        "words", ["STOP", "stop.", "Stop please", "수신거부", "수신 거부합니다", "配信停止", "退订", "t"]
    )
    def test_a_word_for_stop_is_heard(self, client, words):
        number = text_reader(at_night=True)
        assert reply(client, words).status_code == 200
        assert not may_contact(number.subject, *TEXTS)
        assert not may_contact(number.subject, NIGHT, "sms")
        event = ConsentEvent.objects.filter(subject=number.subject, state="withdrawn").first()
        assert (event.method, event.surface) == ("text", "provider.texts")
        assert suppressing.suppressed({0: NUMBER}, TEXTS[0])

    @pytest.mark.parametrize("words", ["Thank you", "That is nice", "언제 와요?", "", "T-shirt?"])
    def test_nothing_else_is_a_choice(self, client, words):
        number = text_reader()
        assert reply(client, words).status_code == 200
        assert may_contact(number.subject, *TEXTS)

    def test_an_unsigned_answer_stops_nobody(self, client):
        number = text_reader()
        for signature in ("", "t=1,v1=00", "nonsense"):
            assert reply(client, "STOP", signature=signature).status_code == 400
        assert client.get(reverse("incoming_text")).status_code == 405
        assert may_contact(number.subject, *TEXTS)

    def test_a_number_that_nobody_named_is_left_alone_too(self, client):
        assert reply(client, "STOP", "+821055550000").status_code == 200
        assert suppressing.suppressed({0: "+821055550000"}, TEXTS[0])
        assert "5555" not in str(list(Suppression.objects.values()))

    @pytest.mark.parametrize("road", ["link", "choices", "api", "staff", "withdraw"])
    @pytest.mark.parametrize("channel", ["sms", "push"])
    def test_every_other_road_ends_it_at_once(self, client, road, channel):
        record = text_reader(at_night=True) if channel == "sms" else push_reader(at_night=True)
        address = NUMBER if channel == "sms" else TOKEN
        way = TEXTS if channel == "sms" else PUSHES
        match road:
            case "link":
                assert client.get(reverse("marketing:leave", args=[record.token])).status_code == 200
                assert may_contact(record.subject, *way)
                client.post(reverse("marketing:leave", args=[record.token]))
            case "choices":
                answer(client, reverse("marketing:choices", args=[record.token]), {})
            case "api":
                client.post("/api/v1/marketing/opt-out", {"token": str(record.token)}, content_type="application/json")
            case "staff":
                withdraw(record.subject, method="admin", surface="staff.admin")
            case "withdraw":
                withdraw(record.subject, [way], method="mail")
        assert not may_contact(record.subject, *way)
        assert suppressing.suppressed({0: address}, way[0])

    def test_a_yes_for_texts_later_does_not_bring_the_old_night_back(self):
        number = text_reader(at_night=True)
        withdraw(number.subject, method="form")
        again = text_reader(client=Client())
        assert may_contact(again.subject, *TEXTS)
        assert not may_contact(again.subject, NIGHT, "sms")
        assert not may_contact(number.subject, NIGHT, "sms")

    def test_only_a_new_code_takes_a_number_off_the_list(self, client):
        text_reader()
        reply(client, "STOP")
        name_number(Client())
        assert suppressing.suppressed({0: NUMBER}, TEXTS[0])
        text_reader(client=Client())
        assert not suppressing.suppressed({0: NUMBER}, TEXTS[0])

    def test_the_hash_outlives_an_erasure_and_nothing_else_does(self):
        number, device = text_reader(), push_reader()
        for record in (number, device):
            erase(record.subject, acted_by=None, why="GDPR Art. 17")
        assert not TextNumber.objects.exists()
        assert not PushDevice.objects.exists()
        assert suppressing.suppressed({0: NUMBER, 1: TOKEN}, TEXTS[0]) == {0, 1}

    def test_what_is_not_wanted_any_more_is_removed(self):
        withdraw(text_reader().subject, method="form")
        withdraw(push_reader().subject, method="form")
        expiring.expire()
        assert not TextNumber.objects.exists()
        assert not PushDevice.objects.exists()


class TestRights:
    def test_both_stand_in_what_is_held(self):
        number, device = text_reader(), push_reader()
        values = [
            value["value"] for record in (number, device) for group in held(record.subject) for value in group["values"]
        ]
        assert NUMBER in values
        assert TOKEN in values

    def test_a_choice_is_confirmed_by_text_where_there_is_no_mailbox(self):
        number = text_reader(at_night=True)
        with time_machine.travel(timezone.now() + dt.timedelta(minutes=10), tick=False):
            said = received()[-1]
        assert "Send me news of this store by text message: yes" in said
        assert f"/marketing/choices/{number.token}/" in said

    def test_after_two_years_it_is_brought_to_mind_by_the_same_channel(self):
        number = text_reader(at_night=True)
        two_years = dt.timedelta(days=729), dt.timedelta(days=732)
        assert two_years[0] < Preference.objects.get(purpose=TEXTS[0]).reconfirm_at - timezone.now() < two_years[1]
        Preference.objects.update(reconfirm_at=timezone.now() - dt.timedelta(days=1))
        deliver_due()
        sandbox.taken.clear()
        assert remind_due() == 2
        deliver_due()
        (said,) = received()
        assert "Send me news of this store by text message: yes" in said
        assert may_contact(number.subject, *TEXTS)
        assert two_years[0] < Preference.objects.get(purpose=TEXTS[0]).reconfirm_at - timezone.now() < two_years[1]


def test_words_for_stop_are_read_as_a_whole():
    assert replying.Reply("+82", "  S T O P !").says_stop
    assert not replying.Reply("+82", "nonstop delivery?").says_stop


def test_the_pages_of_staff_show_masks_only():
    text_reader()
    push_reader()
    browser = superuser()
    for name in ("textnumber", "pushdevice"):
        page = browser.get(reverse(f"admin:marketing_{name}_changelist"))
        assert NUMBER not in page.content.decode()
        assert TOKEN not in page.content.decode()
        assert "•••" in page.content.decode()
