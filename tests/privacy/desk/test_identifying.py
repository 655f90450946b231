"""Who asks is confirmed, each identifier by itself; before that nothing is shown, changed or removed."""

import re

import pytest
from django.core import mail as postbox
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Profile
from privacy.errors import NotConfirmed
from privacy.internal import whereabouts
from privacy.internal.desk import correcting, fulfilling, identifying, secrets
from privacy.internal.mailbox import threads
from privacy.models import Effect, Erasure, RightsRequest, Subject, Verification
from privacy.models.request import RequestReason, RequestState
from privacy.outbox import deliver_due
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import buy, variant
from tests.support.desk import ERASE, asked, code_in, confirmed, customer, last_letter, link_in, two_of_the_desk
from tests.support.pages import hidden_inputs
from tests.support.staff import signed_in

pytestmark = pytest.mark.django_db


class TestTheMailboxConfirms:
    def test_an_address_in_a_letter_proves_nothing(self):
        account = customer()
        case = asked()
        assert (case.state, case.reason) == (RequestState.IN_PROGRESS, RequestReason.NEED_USER_VERIFICATION)
        assert not identifying.identity_is_confirmed(case, "rectification")
        assert identifying.people_of(case) == []
        name = next(p for p in whereabouts.places_of(account.subject) if p.value == "Mina Kym")
        with pytest.raises(NotConfirmed):
            correcting.apply_correction(case, {name.key: "Mina Kim"}, staff=None)
        assert Profile.objects.get(account=account).name == "Mina Kym"

    def test_nothing_is_erased_for_somebody_who_did_not_confirm(self):
        customer()
        case = asked(ERASE, kind="erasure")
        with pytest.raises(NotConfirmed):
            fulfilling.fulfil(case, staff=None)
        assert not Erasure.objects.exists()
        assert Profile.objects.count() == 1

    def test_opening_the_link_changes_nothing_the_button_confirms_once(self):
        account = customer()
        case = asked()
        address = link_in(last_letter().body, "requests/confirm")
        browser = Client()
        for _look in range(3):
            assert browser.get(address).status_code == 200
            assert browser.head(address).status_code == 200
        assert not Verification.objects.filter(confirmed_at__isnull=False).exists()
        assert browser.post(address).status_code == 200
        assert identifying.identity_is_confirmed(case, "rectification")
        assert identifying.people_of(case) == [account.subject]
        case.refresh_from_db()
        assert (case.state, case.reason) == (RequestState.IN_PROGRESS, "")
        steps = case.steps.count()
        assert browser.post(address).status_code == 410
        assert browser.get(address).status_code == 410
        assert case.steps.count() == steps

    def test_a_link_ends_with_its_days_and_with_its_case(self):
        case = asked()
        address = link_in(last_letter().body, "requests/confirm")
        Verification.objects.update(expires_at=timezone.now())
        assert Client().get(address).status_code == 410
        assert Client().post(address).status_code == 410
        assert not identifying.identity_is_confirmed(case, "rectification")

    def test_the_database_knows_neither_link_nor_code(self):
        asked()
        text = last_letter().body
        link, code = link_in(text, "requests/confirm").rstrip("/").rsplit("/", 1)[1], code_in(text)
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{link}%"])
                assert cursor.fetchone()[0] == 0, table
            cursor.execute("SELECT count(*) FROM privacy_verification AS t WHERE t::text LIKE %s", [f"%{code}%"])
            assert cursor.fetchone()[0] == 0
        assert len(link) == 43

    def test_a_letter_that_is_sent_twice_has_one_link(self):
        asked()
        first = last_letter().body
        Effect.objects.filter(kind="privacy.send_reply").update(done_at=None, due_at=timezone.now())
        deliver_due()
        assert len(postbox.outbox) == 2
        assert last_letter().body == first

    def test_the_code_is_tried_five_times_and_then_is_dead(self):
        case = asked()
        code = code_in(last_letter().body)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        for _try in range(identifying.MOST_CODES_TRIED):
            assert identifying.confirm_by_code(case, wrong) is None
        with pytest.raises(identifying.TooManyTries):
            identifying.confirm_by_code(case, code)
        assert not identifying.identity_is_confirmed(case, "rectification")

    def test_the_right_code_confirms_once(self):
        case = asked()
        code = code_in(last_letter().body)
        page = reverse("privacy:confirm_by_code", args=[case.pk])
        assert Client().get(page).status_code == 405
        assert Client().post(page, {"code": "000001" if code == "000000" else "000000"}).status_code == 422
        assert Client().post(page, {"code": f"{code[:3]} {code[3:]}"}).status_code == 200
        assert identifying.identity_is_confirmed(case, "rectification")
        assert Client().post(page, {"code": code}).status_code == 422

    def test_two_who_guess_at_once_share_the_five_tries(self):
        case = asked()
        code = code_in(last_letter().body)
        Verification.objects.update(attempts=identifying.MOST_CODES_TRIED - 1)
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        assert identifying.confirm_by_code(case, wrong) is None
        with pytest.raises(identifying.TooManyTries):
            identifying.confirm_by_code(case, code)

    def test_codes_are_not_asked_for_without_end(self):
        case = asked()
        letter = case.messages.get()
        for _round in range(identifying.MOST_ASKED - 1):
            Verification.objects.update(attempts=identifying.MOST_CODES_TRIED)
            identifying.ask_owner_of(letter)
        Verification.objects.update(attempts=identifying.MOST_CODES_TRIED)
        with pytest.raises(identifying.TooManyTries):
            identifying.ask_owner_of(letter)
        # Another case of the same address shares the limit.
        with pytest.raises(identifying.TooManyTries):
            identifying.ask_owner_of(asked().messages.get())

    def test_another_case_of_the_same_person_skips_no_step(self):
        confirmed(asked())
        second = asked("Please erase everything.", kind="erasure")
        assert second.reason == RequestReason.NEED_USER_VERIFICATION
        assert not identifying.identity_is_confirmed(second, "erasure")

    def test_a_value_that_changed_since_is_not_confirmed(self):
        case = confirmed(asked())
        Verification.objects.update(value_digest=secrets.digest_of_value("other@example.com"))
        assert not identifying.identity_is_confirmed(case, "rectification")


class TestWhereAConfirmedAddressLeads:
    def test_a_letter_in_somebodys_case_does_not_open_it(self):
        """Whoever writes into a case from a mailbox of their own, and confirms that, has not become its person."""
        account = customer()
        case = asked()
        stranger = asked(sender="stranger@example.com").messages.get()
        type(stranger).objects.filter(pk=stranger.pk).update(request=case)
        stranger.refresh_from_db()
        question = identifying.ask_owner_of(stranger)
        identifying.confirm_by_link(secrets.link_for("confirm", question.pk))
        assert account.subject not in identifying.people_of(case)

    @pytest.mark.usefixtures("store")
    def test_a_mistyped_address_of_an_order_does_not_open_the_account_that_ordered(self):
        account = customer("mina@example.com")
        browser = Client()
        browser.force_login(account)
        order = buy(browser, variant(), email="typo@example.com")
        case = confirmed(asked(sender="typo@example.com"), "typo@example.com")
        identifying.name_order(case, order.number)
        assert account.subject not in identifying.people_of(case)

    @pytest.mark.usefixtures("store")
    def test_a_guest_names_an_order_as_well(self):
        order = buy(Client(), variant())
        case = confirmed(asked())
        guest = order.contact.subject
        assert guest not in identifying.people_of(case)
        identifying.name_order(case, "K24-0000-0000-0000-0000")
        assert guest not in identifying.people_of(case)
        identifying.name_order(case, order.number.lower())
        assert guest in identifying.people_of(case)

    @pytest.mark.usefixtures("store")
    def test_an_order_number_alone_is_nothing(self):
        order = buy(Client(), variant())
        case = asked()
        identifying.name_order(case, order.number)
        assert not identifying.identity_is_confirmed(case, "access")
        assert identifying.people_of(case) == []

    def test_a_confirmed_address_proves_no_telephone(self):
        first, second = two_of_the_desk()
        account = customer()
        case = asked(sender="elsewhere@example.com")
        identifying.record_check(case, person=account.subject, seen="called_back", identifier="phone", staff=first)
        assert not identifying.identity_is_confirmed(case, "rectification")
        assert account.subject not in identifying.people_of(case)
        assert second

    def test_signed_in_and_password_typed_just_now(self):
        account = customer()
        case = asked()
        page = reverse("privacy:case", args=[case.pk])
        old = signed_in(account, seconds_ago=3600)
        assert old.post(page, {"do": "sign_in"}).status_code == 302
        assert not identifying.identity_is_confirmed(case, "access")
        fresh = signed_in(account)
        fresh.post(page, {"do": "sign_in"})
        assert identifying.identity_is_confirmed(case, "access")
        assert identifying.people_of(case) == [account.subject]

    def test_another_account_does_not_see_the_case(self):
        customer()
        case = asked()
        stranger = signed_in(customer("other@example.com"))
        assert stranger.get(reverse("privacy:case", args=[case.pk])).status_code == 404
        assert stranger.post(reverse("privacy:case", args=[case.pk]), {"do": "sign_in"}).status_code == 404


class TestFourEyes:
    @pytest.mark.parametrize("kind", ["access", "portability", "erasure"])
    def test_what_harms_most_takes_two(self, kind):
        first, second = two_of_the_desk()
        account = customer()
        case = asked(kind=kind)
        check = identifying.record_check(case, person=account.subject, seen="shown_in_person", staff=first)
        assert not identifying.identity_is_confirmed(case, kind)
        assert identifying.identity_is_confirmed(case, "rectification")
        with pytest.raises(identifying.SamePerson):
            identifying.second_check(check, staff=first)
        assert not identifying.identity_is_confirmed(case, kind)
        identifying.second_check(check, staff=second)
        assert identifying.identity_is_confirmed(case, kind)
        assert identifying.people_of(case) == [account.subject]

    def test_the_database_refuses_the_same_person_twice(self):
        first, _second = two_of_the_desk()
        case = asked(kind="access")
        check = identifying.record_check(case, person=case.subject, seen="called_back", staff=first)
        with pytest.raises(IntegrityError), transaction.atomic():
            Verification.objects.filter(pk=check.pk).update(seconded_by=first, seconded_at=timezone.now())

    def test_a_check_says_what_was_seen(self):
        first, _second = two_of_the_desk()
        case = asked()
        with pytest.raises(ValueError, match="copy_of_card"):
            identifying.record_check(case, person=case.subject, seen="copy_of_card", staff=first)


class TestTheSameAnswer:
    """Whether a person is known cannot be read off what the store answers: in words, in bytes, in work."""

    def _write(self, sender: str) -> tuple[bytes, int, int, str]:
        browser = Client()
        page = browser.get(reverse("privacy:write"))
        typed = {**hidden_inputs(page), "kind": "access", "sender": sender, "body": "A copy, please."}
        before = len(postbox.outbox)
        with CaptureQueriesContext(connection) as asked_for:
            answer = browser.post(reverse("privacy:write"), typed)
        case = RightsRequest.objects.latest("received_at")
        with CaptureQueriesContext(connection) as sent_for:
            deliver_due()
        letters = postbox.outbox[before:]
        text = "".join(letter.subject + letter.body for letter in letters)
        link, code = link_in(text, "requests/confirm"), code_in(text)
        for secret in (link, code, link_in(text, "requests/link"), str(case.pk), threads.token_of(case), case.number):
            text = text.replace(secret, "…")
        # The number of the case, the two secrets that every page has (against forgery, and for its own scripts), and the
        # second at which the cookie question's notice was shown.
        told = answer.content.replace(str(case.pk).encode(), b"...")
        told = re.sub(rb'"[A-Za-z0-9]{64}"|nonce="[^"]+"|[0-9a-f]{64}:[\w-]+:[\w-]+', b"...", told)
        return told, len(asked_for) + len(sent_for), len(letters), text

    def test_known_and_unknown_read_and_cost_the_same(self):
        customer("known@example.com")
        first = self._write("known@example.com")
        second = self._write("other@example.com")
        assert first[0] == second[0]
        assert first[1] == second[1]
        assert first[2] == second[2] == 1
        assert first[3] == second[3]

    def test_by_mail_too(self):
        customer("known@example.com")
        asked("A copy please.", "known@example.com", kind="access")
        asked("A copy please.", "other@example.com", kind="access")
        known, other = last_letter("known@example.com"), last_letter("other@example.com")
        shape = [_without_secrets(letter.subject + letter.body) for letter in (known, other)]
        assert shape[0] == shape[1]
        assert len(postbox.outbox) == 2

    def test_a_wrong_order_number_reads_the_same_as_a_right_one(self):
        case = confirmed(asked())
        page = link_in(last_letter().body, "requests/link")
        shown = Client().post(page, {"do": "order", "number": "K24-0000-0000-0000-0000"}, follow=True)
        assert "Noted" in shown.content.decode()
        assert case.verifications.filter(identifier="order", record="").count() == 1
        assert (
            not Subject.objects.filter(pk__in=[p.pk for p in identifying.people_of(case)])
            .exclude(pk=case.subject_id)
            .exists()
        )


def _without_secrets(text: str) -> str:
    text = re.sub(r"/requests/(confirm|link)/[\w-]+/", "/…/", text)
    return re.sub(r"\b[0-9a-f]{8}(-[a-z2-7]{12})?\b|\b\d{6}\b", "…", text)
