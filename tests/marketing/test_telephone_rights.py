"""A number or a device is data as any other: a letter stops it, a copy has it in it, an erasure removes it and keeps its hash."""

import datetime as dt
import io
import json
import zipfile

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from marketing.carriers import sandbox
from marketing.domain import claiming, suppressing
from marketing.models import Delivery, PushDevice, Suppression, TextNumber
from privacy.declaration import Purpose
from privacy.errors import NotDisclosed
from privacy.gate import disclose
from privacy.internal.copying import packing
from privacy.internal.desk import fulfilling, receiving
from privacy.internal.erasing import erase
from privacy.internal.reminding import remind_due
from privacy.models import ConsentEvent, Disclosure, Preference
from privacy.outbox import deliver_due
from privacy.permission import may_contact
from tests.marketing.telephoning import NIGHT, NOON, PUSHES, TEXTS, campaign, nothing_taken, run  # noqa: F401, a fixture
from tests.support.desk import ERASE, asked, confirmed, mail_of, two_of_the_desk
from tests.support.readers import NEWS, reader
from tests.support.staff import PASSWORD, superuser
from tests.support.telephones import NUMBER, TOKEN, push_reader, received, text_reader

pytestmark = pytest.mark.django_db


def told(body: str, *, by_post: bool = True, sender: str = "") -> receiving.Told:
    return receiving.Told(by_post=by_post, received_at=timezone.now(), sender=sender, heading="", body=body)


def stopped(record: TextNumber | PushDevice) -> bool:
    """No message, no night, and the address on the list."""
    way = TEXTS if isinstance(record, TextNumber) else PUSHES
    address = NUMBER if isinstance(record, TextNumber) else TOKEN
    permitted = [purpose for purpose in (way[0], NIGHT) if may_contact(record.subject, purpose, way[1])]
    return not permitted and suppressing.suppressed({0: address}, way[0]) == {0}


class TestALetter:
    @pytest.mark.parametrize("words", ["unsubscribe", "Stop sending me texts!", "문자 수신 거부합니다"])
    def test_of_whoever_has_a_number_and_a_device_beside_the_mailbox_stops_all_three(self, words, client):
        subscription = reader("mina@example.com")
        link = f"/marketing/choices/{subscription.token}/texts/"
        number = text_reader(url=link, at_night=True)
        client.force_login(_account_of(subscription.subject))
        device = push_reader(client=client, at_night=True)
        assert number.subject == device.subject == subscription.subject
        receiving.receive_letter(mail_of(words, "Mina@Example.com"))
        assert not may_contact(subscription.subject, *NEWS)
        assert stopped(number)
        assert stopped(device)
        last = ConsentEvent.objects.filter(subject=number.subject, purpose=TEXTS[0]).latest("received_at")
        assert (last.state, last.method, last.surface) == ("withdrawn", "mail", "mail.privacy_mailbox")

    @pytest.mark.parametrize(
        "words",
        [
            "Stop sending me texts: 010-1234-5678.",
            "Please unsubscribe +82 10 1234 5678 from your text messages.",
            "010 1234 5678 번호로 오는 광고 문자 수신 거부합니다.",
            "Orders 12345678, 23456789, 34567890 and 45678901 of 2026-10-01, 25,000 won, 2026-10-02, 31,500 won: fine. "
            "But unsubscribe my 010-1234-5678.",
        ],
    )
    def test_that_names_a_number_stops_it_from_whatever_mailbox_it_comes(self, words):
        number, other = text_reader(at_night=True), text_reader("010-7777-0000")
        receiving.receive_letter(mail_of(words, "stranger@example.com"))
        assert stopped(number)
        assert may_contact(other.subject, *TEXTS)

    @pytest.mark.parametrize("by_post", [True, False])
    def test_on_paper_or_a_call_stops_the_number_that_it_names(self, by_post):
        number = text_reader()
        staff, _second = two_of_the_desk()
        receiving.receive_told(told("No more advertising to 010-1234-5678, please.", by_post=by_post), staff=staff)
        assert stopped(number)
        last = ConsentEvent.objects.filter(subject=number.subject, purpose=TEXTS[0]).latest("received_at")
        assert last.method == ("post" if by_post else "admin")

    def test_about_something_else_that_names_a_number_stops_nothing(self):
        number = text_reader()
        receiving.receive_letter(mail_of("Where is my parcel? Call me: 010-1234-5678", "mina@example.com"))
        assert may_contact(number.subject, *TEXTS)

    def test_that_lists_many_numbers_is_not_its_writers(self):
        """Whoever sends the telephone book stops five, not everybody."""
        numbers = [text_reader(f"010-2222-000{n}") for n in range(7)]
        named = ", ".join(f"010-2222-000{n}" for n in range(7))
        receiving.receive_letter(mail_of(f"unsubscribe {named}", "stranger@example.com"))
        assert sum(may_contact(number.subject, *TEXTS) for number in numbers) == 2

    def test_takes_back_what_was_claimed_for_the_number(self):
        number = text_reader()
        sent = campaign()
        claiming.claim(sent.pk)
        receiving.receive_letter(mail_of("unsubscribe 010-1234-5678", "stranger@example.com"))
        assert Delivery.objects.get(subject=number.subject).state == Delivery.State.REVOKED
        assert run(sent) == []


def _account_of(subject):
    return User.objects.create_user("mina@example.com", PASSWORD, subject=subject)


def _copy_of(subject) -> dict:
    content = b"".join(packing.stream(subject))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return json.loads(packed.read("copy.json"))


class TestACopy:
    def test_has_the_number_and_the_device_with_how_they_came_and_who_was_handed_them(self):
        for record, surface, to in (
            (text_reader(), "web.texts", "text_service"),
            (push_reader(), "api.devices", "push_service"),
        ):
            copied = _copy_of(record.subject)
            name = "phone" if isinstance(record, TextNumber) else "device"
            (found,) = [row for row in copied["records"] if row["record"] == record._meta.label]
            assert found["values"][name] == getattr(record, name)
            assert surface in {collection["surface"] for collection in copied["collections"]}
            assert copied["fields"][f"{record._meta.label}.{name}"]["recipients"] == [to]
            given = {(c["purpose"], c["state"]) for c in copied["consents"]}
            assert {state for purpose, state in given if purpose in (TEXTS[0], PUSHES[0])} == {"requested", "given"}

    def test_holds_no_key_by_which_somebody_could_choose_or_prove(self):
        number = text_reader()
        content = b"".join(packing.stream(number.subject))
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            everything = b"".join(packed.read(name) for name in packed.namelist())
        assert NUMBER.encode() in everything, "a search that could not find it would prove nothing"
        assert str(number.seed).encode() not in everything
        assert str(number.token).encode() not in everything


class TestAnErasure:
    def test_by_the_desk_removes_both_and_keeps_their_hashes(self, client):
        subscription = reader("mina@example.com")
        account = _account_of(subscription.subject)
        client.force_login(account)
        number = text_reader(url=f"/marketing/choices/{subscription.token}/texts/")
        device = push_reader(client=client)
        EmailAddress.objects.filter(user=account).update(verified=True)
        assert number.subject == device.subject
        case = confirmed(asked(ERASE, kind="erasure"))
        staff, _second = two_of_the_desk()
        fulfilling.fulfil(case, staff=staff)
        assert not TextNumber.objects.exists()
        assert not PushDevice.objects.exists()
        assert suppressing.suppressed({0: NUMBER}, TEXTS[0]) == {0}
        assert suppressing.suppressed({0: TOKEN}, PUSHES[0]) == {0}
        kept = str(list(Suppression.objects.values())) + str(list(Disclosure.objects.values()))
        assert NUMBER not in kept
        assert TOKEN not in kept

    def test_takes_back_what_was_claimed_and_a_new_code_is_the_only_way_back(self):
        from marketing.domain import claiming

        number = text_reader()
        sent = campaign()
        claiming.claim(sent.pk)
        erase(number.subject, acted_by=None, why="GDPR Art. 17")
        assert Delivery.objects.get().state == Delivery.State.REVOKED
        assert run(sent) == []
        text_reader()
        with time_machine.travel(NOON, tick=True):
            assert run(campaign()) == [NUMBER]


class TestTheDoorOut:
    """A number goes to the service for text messages and to nobody else, whatever permission stands; so for the others."""

    @pytest.mark.parametrize("to", ["mailer", "push_service", "courier", "payment_provider", "kita"])
    def test_lets_no_number_to_anybody_else(self, to):
        number = text_reader(at_night=True)
        self._refused(number, to, own=TEXTS[0])

    @pytest.mark.parametrize("to", ["mailer", "text_service", "courier", "payment_provider", "kita"])
    def test_lets_no_device_to_anybody_else(self, to):
        device = push_reader(at_night=True)
        self._refused(device, to, own=PUSHES[0])

    @pytest.mark.parametrize("to", ["text_service", "push_service", "courier", "payment_provider"])
    def test_lets_no_mail_address_to_them(self, to):
        self._refused(reader(permits=[Purpose.MARKETING_EMAIL, Purpose.THIRD_PARTY_PROMOTION]), to, own=NEWS[0])

    def test_lets_them_to_their_own_service_for_nothing_but_what_is_permitted(self):
        number = text_reader()
        assert dict(disclose(number, to="text_service", purpose=TEXTS[0]).row) == {"phone": NUMBER}
        for purpose in (
            Purpose.MARKETING_PUSH,
            Purpose.MARKETING_EMAIL,
            Purpose.THIRD_PARTY_PROMOTION,
            Purpose.ADVERTISING,
        ):
            with pytest.raises(NotDisclosed):
                disclose(number, to="text_service", purpose=purpose)

    def _refused(self, record, to: str, *, own: str) -> None:
        before = Disclosure.objects.count()
        for purpose in (own, *Purpose):
            with pytest.raises(NotDisclosed):
                disclose(record, to=to, purpose=purpose)
        assert Disclosure.objects.count() == before


def test_a_device_is_reminded_after_two_years_as_a_number_is_and_silence_keeps_it():
    device = push_reader()
    device.subject.jurisdiction = "KR"
    device.subject.save(update_fields=["jurisdiction"])
    Preference.objects.update(reconfirm_at=timezone.now() - dt.timedelta(days=1))
    deliver_due()
    sandbox.taken.clear()
    assert remind_due() == 1
    deliver_due()
    (said,) = received(TOKEN)
    assert "push message: yes" in said
    assert f"/marketing/choices/{device.token}/" in said
    assert may_contact(device.subject, *PUSHES)
    until_the_next = Preference.objects.get(purpose=PUSHES[0]).reconfirm_at - timezone.now()
    assert dt.timedelta(days=729) < until_the_next < dt.timedelta(days=732)


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_staff_record_a_no_that_they_were_told_and_take_no_address_out(channel):
    record = text_reader(at_night=True) if channel == "sms" else push_reader(at_night=True)
    address = reverse(f"admin:marketing_{record._meta.model_name}_changelist")
    boss = superuser()
    offered = admin.site._registry[type(record)].get_actions(boss.get(address).wsgi_request)
    assert "record_opt_out" in offered
    assert "take_out" not in offered
    assert "delete_selected" not in offered
    boss.post(address, {"action": "record_opt_out", "_selected_action": record.pk})
    assert stopped(record)
    last = ConsentEvent.objects.filter(subject=record.subject, state="withdrawn").latest("received_at")
    assert (last.method, last.surface) == ("admin", "staff.admin")
    assert last.acted_by is not None
