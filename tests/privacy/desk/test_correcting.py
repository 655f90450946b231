"""A correction reaches every place, waits where it must, goes beside history, and is told to whoever was handed the wrong value."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as postbox
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Profile, SavedAddress
from marketing.models import Subscription
from orders.models import DeliveryAddress, Parcel
from privacy.declaration import Purpose
from privacy.errors import NotDisclosed, Restricted
from privacy.gate import collecting, disclose
from privacy.internal import whereabouts
from privacy.internal.desk import cases, correcting, identifying, notifying, restricting
from privacy.mail import send_letter
from privacy.models import (
    Collection,
    Correction,
    Disclosure,
    Effect,
    LegalOrder,
    ProposedAddress,
    Recipient,
    RecipientNotice,
    Restriction,
)
from privacy.models.request import RequestState
from privacy.outbox import deliver_due
from privacy.permission import grant, may_contact
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.fake_courier import FakeCourier
from tests.orders.shop import variant
from tests.orders.test_parcels import heard, paid_order, sent
from tests.support.desk import asked, confirmed, customer, last_letter, link_in, two_of_the_desk
from tests.support.pages import hidden_inputs
from tests.support.people import shown_notice
from tests.support.staff import signed_in

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(autouse=True)
def _courier(settings):
    settings.COURIER = "tests.orders.fake_courier.FakeCourier"
    FakeCourier.begin_anew()


@pytest.fixture
def mina():
    return customer()


@pytest.fixture
def shopping(mina):
    browser = Client()
    browser.force_login(mina)
    return browser


def keys_of(account, value: str) -> dict[str, str]:
    return {p.key: "Mina Kim" for p in whereabouts.places_of(account.subject) if p.value == value}


def ordered(shopping, sku: str, **typed):
    return paid_order(variant(sku), browser=shopping, recipient="Mina Kym", **typed)


class TestEverywhere:
    def test_profile_address_book_orders_not_yet_shipped_in_one_transaction(self, mina, shopping):
        waiting, gone = ordered(shopping, "A"), ordered(shopping, "B")
        heard(sent(gone), "handed_over")
        staff, _other = two_of_the_desk()
        case = confirmed(asked())
        changed = correcting.apply_correction(case, keys_of(mina, "Mina Kym"), staff=staff)
        assert len(changed) == 4
        assert Profile.objects.get(account=mina).name == "Mina Kim"
        assert SavedAddress.objects.get(account=mina).recipient == "Mina Kim"
        assert DeliveryAddress.objects.get(order=waiting).recipient == "Mina Kim"
        # What the courier carries stays as it was handed over; the right name stands beside it.
        history = DeliveryAddress.objects.get(order=gone)
        assert history.recipient == "Mina Kym"
        assert [(field.name, value) for field, value in correcting.beside(history)] == [("recipient", "Mina Kim")]
        case.refresh_from_db()
        assert (case.state, case.decided_by) == (RequestState.FULFILLED, staff)
        made = Collection.objects.filter(source=f"correction {case.pk}")
        assert {c.surface for c in made} == {"staff.admin"}
        assert {c.acted_by for c in made} == {staff}

    def test_one_place_that_refuses_leaves_all_as_they_were(self, mina, shopping):
        ordered(shopping, "A")
        case = confirmed(asked())
        changes = keys_of(mina, "Mina Kym")
        too_long = next(key for key in changes if "SavedAddress" in key)
        with pytest.raises(ValidationError):
            correcting.apply_correction(case, {**changes, too_long: "x" * 200}, staff=None)
        assert Profile.objects.get(account=mina).name == "Mina Kym"
        assert not Correction.objects.exists()
        case.refresh_from_db()
        assert case.is_open

    def test_a_card_number_is_no_correction(self, mina):
        case = confirmed(asked())
        key = next(iter(keys_of(mina, "Mina Kym")))
        with pytest.raises(ValidationError):
            correcting.apply_correction(case, {key: "4111 1111 1111 1111"}, staff=None)

    def test_what_is_missing_can_be_completed(self, mina):
        case = confirmed(asked())
        empty = [p for p in correcting.correctable_places(case) if not p.value]
        assert empty == []
        with collecting(surface="staff.console", subject=mina.subject, fields=[SavedAddress.street_2]):
            SavedAddress.objects.filter(account=mina).update(street_2="")
        (empty,) = [p for p in correcting.correctable_places(case) if not p.value]
        correcting.apply_correction(case, {empty.key: "Floor 3"}, staff=None)
        assert SavedAddress.objects.get(account=mina).street_2 == "Floor 3"

    def test_a_refused_item_has_a_reason_and_the_person_is_told(self, mina):
        case = confirmed(asked())
        key = next(k for k in keys_of(mina, "Mina Kym") if "Profile" in k)
        correcting.apply_correction(case, {}, staff=None, refusals={key: "is_right"}, words="We looked twice.")
        deliver_due()
        case.refresh_from_db()
        assert case.state == RequestState.DENIED
        body = last_letter().body
        assert "not changed: what stands there is right" in body
        assert "We looked twice." in body
        assert "Mina Kym" not in body
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.update(refusal="")

    def test_a_wish_for_news_does_not_move_to_another_mailbox(self, mina):
        with collecting(surface="staff.console", subject=mina.subject, fields=[Subscription.email]):
            subscription = Subscription.objects.create(email="mina@exmaple.com", confirmed_at=timezone.now())
        way = (Purpose.MARKETING_EMAIL, "email")
        grant(mina.subject, *way, method="form", notice=shown_notice(asks=[way[0]]))
        case = confirmed(asked())
        (place,) = [p for p in correcting.correctable_places(case) if p.record == subscription]
        correcting.apply_correction(case, {place.key: "mina@example.com"}, staff=None)
        subscription.refresh_from_db()
        assert (subscription.email, subscription.confirmed_at) == ("mina@example.com", None)
        assert not may_contact(mina.subject, *way)

    def test_the_order_page_shows_it_beside(self, mina, shopping):
        gone = ordered(shopping, "B")
        heard(sent(gone), "handed_over")
        correcting.apply_correction(confirmed(asked()), keys_of(mina, "Mina Kym"), staff=None)
        page = shopping.get(gone.get_absolute_url()).content.decode()
        assert "Mina Kym" in page
        assert "Mina Kim" in page


class TestTheSignInAddress:
    def _propose(self, mina):
        first, second = two_of_the_desk()
        case = confirmed(asked("Please change the address I sign in with."))
        type(case).objects.filter(pk=case.pk).update(kind="rectification")
        case.refresh_from_db()
        identifying.person_confirmed.send(sender=type(case), case=case)
        key = next(p.key for p in correcting.correctable_places(case) if correcting.is_sign_in_address(p))
        assert correcting.apply_correction(case, {key: "new@example.com"}, staff=first) == []
        deliver_due()
        return case, Correction.objects.get(outcome="proposed"), first, second

    def test_takes_four_eyes_and_the_owner_of_the_new_mailbox(self, mina):
        case, item, first, second = self._propose(mina)
        assert "Another address" in last_letter().subject
        with pytest.raises(correcting.SamePerson):
            correcting.second(item, staff=first)
        assert not correcting.second(item, staff=second)
        assert EmailAddress.objects.get(user=mina).email == "mina@example.com"
        Client().get(link_in(last_letter("new@example.com").body, "requests/confirm"))
        assert EmailAddress.objects.get(user=mina).email == "mina@example.com"
        Client().post(link_in(last_letter("new@example.com").body, "requests/confirm"))
        changed = EmailAddress.objects.get(user=mina)
        assert (changed.email, changed.verified) == ("new@example.com", True)
        case.refresh_from_db()
        assert case.state == RequestState.FULFILLED

    def test_the_owner_alone_is_not_enough(self, mina):
        _case, item, _first, second = self._propose(mina)
        Client().post(link_in(last_letter("new@example.com").body, "requests/confirm"))
        assert EmailAddress.objects.get(user=mina).email == "mina@example.com"
        assert correcting.second(item, staff=second)
        assert EmailAddress.objects.get(user=mina).email == "new@example.com"

    def test_the_new_mailbox_does_not_say_who_asks(self, mina):
        case, _item, _first, _second = self._propose(mina)
        case.verifications.exclude(record__startswith=ProposedAddress._meta.label).delete()
        Client().post(link_in(last_letter("new@example.com").body, "requests/confirm"))
        assert not identifying.identity_is_confirmed(case, "rectification")

    def test_an_address_of_another_account_is_not_taken(self, mina):
        customer("taken@example.com")
        case = confirmed(asked())
        key = next(p.key for p in correcting.correctable_places(case) if correcting.is_sign_in_address(p))
        with pytest.raises(ValidationError):
            correcting.apply_correction(case, {key: "Taken@example.com"}, staff=two_of_the_desk()[0])


class TestNotUsedMeanwhile:
    def test_a_contested_value_does_not_leave(self, mina, shopping):
        order = ordered(shopping, "A")
        address = order.delivery_address
        disclose(address, to="courier", purpose=Purpose.DELIVERY)
        asked()
        disclose(address, to="courier", purpose=Purpose.DELIVERY)  # a letter alone stops nothing
        case = confirmed(asked())
        with pytest.raises(Restricted, match=case.number):
            disclose(address, to="courier", purpose=Purpose.DELIVERY)
        assert Disclosure.objects.filter(handed_to="courier").count() == 2

    def test_a_letter_to_a_contested_address_is_refused(self, mina, shopping):
        order = ordered(shopping, "A", email="kym@example.com")
        case = confirmed(asked())
        sent_before = len(postbox.outbox)
        with pytest.raises(NotDisclosed):
            send_letter(
                order.contact,
                "email",
                purpose=Purpose.SUPPORT,
                template="privacy/mail/reply.txt",
                locale="en",
                context={},
            )
        assert len(postbox.outbox) == sent_before
        cases.close(case, RequestState.FULFILLED, staff=None)
        send_letter(
            order.contact,
            "email",
            purpose=Purpose.SUPPORT,
            template="privacy/mail/reply.txt",
            locale="en",
            context={"heading": "x", "body": "y"},
        )

    def test_a_parcel_waits_uncounted_and_goes_on_when_the_case_ends(self, mina, shopping):
        from orders.domain import parcels

        order = ordered(shopping, "A")
        case = confirmed(asked())
        parcel = parcels.pack(order.pk)
        for _round in range(8):
            Effect.objects.filter(kind="orders.register_parcel").update(due_at=timezone.now())
            deliver_due()
        parcel.refresh_from_db()
        waiting = Effect.objects.get(kind="orders.register_parcel")
        assert parcel.state == Parcel.State.PACKED
        assert FakeCourier.wishes == {}
        assert (waiting.parked_at, waiting.attempts) == (None, 0)
        assert case.number in waiting.last_error
        correcting.apply_correction(case, keys_of(mina, "Mina Kym"), staff=None)
        deliver_due()
        parcel.refresh_from_db()
        assert parcel.state == Parcel.State.REGISTERED
        (wish,) = FakeCourier.wishes.values()
        assert wish.address["recipient"] == "Mina Kim"

    def test_staff_see_why_a_parcel_waits(self, mina, shopping):
        from tests.support.staff import superuser

        order = ordered(shopping, "A")
        case = confirmed(asked())
        from orders.domain import parcels

        parcels.pack(order.pk)
        page = superuser().get(reverse("admin:orders_parcel_changelist")).content.decode()
        assert f"restricted while case {case.number}" in page

    def test_staff_narrow_it_to_what_the_letter_is_about(self, mina, shopping):
        order = ordered(shopping, "A")
        case = confirmed(asked())
        (name,) = [p for p in correcting.correctable_places(case) if p.record._meta.label == "accounts.Profile"][:1]
        restricting.narrow(case, [name], staff=None)
        disclose(order.delivery_address, to="courier", purpose=Purpose.DELIVERY)
        assert [(r.record, r.column) for r in restricting.in_force(case)] == [(name.label, name.column)]

    def test_everything_waits_where_the_person_asks_for_that(self, mina, shopping):
        order = ordered(shopping, "A")
        case = confirmed(asked(kind="restrict_processing"))
        for record, to, purpose in [
            (order.delivery_address, "courier", Purpose.DELIVERY),
            (order.contact, "mailer", Purpose.NOTIFICATION),
            (EmailAddress.objects.get(user=mina), "mailer", Purpose.NOTIFICATION),
        ]:
            with pytest.raises(Restricted):
                disclose(record, to=to, purpose=purpose)
        # Signing in is what the person wants at that moment, and the desk can answer.
        disclose(EmailAddress.objects.get(user=mina), to="mailer", purpose=Purpose.AUTHENTICATION)
        disclose(case.messages.get(), to="mailer", purpose=Purpose.SUPPORT)

    def test_a_court_may_see_it(self, mina, shopping):
        order = ordered(shopping, "A")
        confirmed(asked())
        ordered_by = LegalOrder.objects.create(
            authority="Seoul Central District Court",
            reference="2026-1",
            law="Act",
            subject=mina.subject,
            recorded_by=mina.subject,
        )
        disclose(order.delivery_address, to="court", purpose="law", legal_order=ordered_by)

    def test_a_person_contests_one_value_that_they_see(self, mina, shopping):
        order = ordered(shopping, "A")
        browser = signed_in(mina)
        (place,) = [
            p
            for p in whereabouts.places_of(mina.subject)
            if p.record == order.delivery_address and p.field.name == "recipient"
        ]
        centre = browser.get(reverse("privacy:centre")).content.decode()
        page = reverse("privacy:contest", args=[place.key])
        assert page in centre
        typed = {**hidden_inputs(browser.get(page)), "sender": "mina@example.com", "body": "Kim, with an i."}
        assert browser.get(page).status_code == 200
        assert not Restriction.objects.exists()
        assert browser.post(page, typed).status_code == 302
        with pytest.raises(Restricted):
            disclose(order.delivery_address, to="courier", purpose=Purpose.DELIVERY)
        assert signed_in(customer("other@example.com")).get(page).status_code == 404


class TestRecipientsAreTold:
    @pytest.fixture
    def told(self, mina, shopping):
        order = ordered(shopping, "A")
        sent(order)
        Recipient.objects.filter(pk="courier").update(desk="privacy@courier.example", name="Swift")
        case = confirmed(asked())
        correcting.apply_correction(case, keys_of(mina, "Mina Kym"), staff=None)
        return case

    def test_whoever_was_handed_the_wrong_value_exactly_once(self, told):
        for _round in range(3):
            deliver_due()
            Effect.objects.filter(kind="privacy.tell_recipient").update(done_at=None, due_at=timezone.now())
        letters = [m for m in postbox.outbox if m.to == ["privacy@courier.example"]]
        assert len(letters) == 1
        notice = RecipientNotice.objects.get(handed_to="courier")
        assert notice.sent_at is not None
        assert "Mina Kim" in letters[0].body
        assert Parcel.objects.get().tracking_number in letters[0].body
        assert "1600 Amphitheatre" not in letters[0].body  # only what was wrong
        assert Disclosure.objects.filter(handed_to="courier").count() == 2

    def test_nobody_else_is_told(self, told):
        assert set(RecipientNotice.objects.values_list("handed_to", flat=True)) == {"courier"}

    def test_it_answers_on_its_page_or_by_machine(self, told):
        deliver_due()
        notice = RecipientNotice.objects.get()
        page = link_in(last_letter("privacy@courier.example").body, "recipients/answer")
        machine = Client(enforce_csrf_checks=True)
        assert machine.get(page).status_code == 200
        notice.refresh_from_db()
        assert notice.answered_at is None
        refused = machine.post(page, {"answer": "whatever"}, headers={"Accept": "application/json"})
        assert refused.status_code == 422
        assert machine.post(page, {"answer": "corrected"}, headers={"Accept": "application/json"}).json() == {
            "answer": "corrected"
        }
        notice.refresh_from_db()
        assert (notice.answer, notice.recorded_by) == ("corrected", None)
        assert told.steps.filter(kind="answered").count() == 1
        assert machine.get(page.replace("answer/", "answer/x")).status_code == 404

    def test_one_without_an_address_waits_for_staff(self, mina, shopping):
        order = ordered(shopping, "A")
        sent(order)
        staff, _other = two_of_the_desk()
        case = confirmed(asked())
        correcting.apply_correction(case, keys_of(mina, "Mina Kym"), staff=staff)
        deliver_due()
        notice = RecipientNotice.objects.get()
        assert notice.sent_at is None
        assert notifying.is_unreachable(notice)
        notifying.told_by_hand(notice, staff=staff)
        notifying.record_answer(notice, "gone", staff=staff)
        notice.refresh_from_db()
        assert (notice.by_hand, notice.answer, notice.recorded_by) == (True, "gone", staff)
