"""share.*: a hand-over has a registered recipient, a stated purpose and a permission where one is needed, and is written down."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from orders.models import DeliveryAddress
from privacy.declaration import Category, Purpose
from privacy.errors import NotDisclosed
from privacy.gate import disclose
from privacy.internal import policy
from privacy.models import Disclosure, LegalOrder, Recipient, RequestMessage, Subject
from privacy.permission import grant, may_contact, withdraw
from tests.orders.shop import ADDRESS, buy, variant
from tests.promises.test_control_opt_out_box import APPS
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.usefixtures("store")

ROOT = Path(settings.BASE_DIR)
NEWS = (Purpose.MARKETING_EMAIL, "email")
OF_OTHERS = (Purpose.THIRD_PARTY_PROMOTION, "email")


@pytest.fixture
def address(client) -> DeliveryAddress:
    return buy(client, variant()).delivery_address


def refused(records, **how) -> str:
    before = Disclosure.objects.count()
    with pytest.raises(NotDisclosed) as caught:
        disclose(records, **how)
    assert Disclosure.objects.count() == before
    return str(caught.value)


def permit(subject, way):
    return grant(subject, *way, method="form", notice=shown_notice(asks=[way[0]]))


class TestProcessors:
    def test_the_courier_gets_what_a_parcel_needs_and_it_is_written_down(self, address):
        told = disclose(address, to="courier", purpose=Purpose.DELIVERY)
        assert dict(told.row) == ADDRESS | {"phone": "+16502530000"}
        (trace,) = told.disclosures
        stored = Disclosure.objects.get()
        assert stored == trace
        assert (stored.handed_to, stored.purpose, stored.legal_basis) == ("courier", Purpose.DELIVERY, "contract")
        assert stored.subject_id == address.subject_id
        assert stored.record == f"orders.DeliveryAddress:{address.pk}"
        assert set(stored.fields) == {f"orders_deliveryaddress.{name}" for name in ADDRESS}
        assert stored.policy_version == policy.current().version
        assert stored.disclosed_at

    def test_what_a_recipient_does_not_need_stays(self):
        message = letter(body="a secret of mine")
        row = disclose(message, to="kita", purpose=Purpose.SUPPORT).row
        assert row == {"sender": "mina@example.com"}
        assert Disclosure.objects.get().fields == ["privacy_requestmessage.sender"]

    def test_each_record_is_written_down_by_itself(self):
        messages = [letter(sender=f"r{n}@example.com") for n in range(3)]
        told = disclose(messages, to="mailer", purpose=Purpose.SUPPORT)
        assert len(told.rows) == len(told.disclosures) == Disclosure.objects.count() == 3
        assert {d.subject_id for d in told.disclosures} == {m.subject_id for m in messages}

    def test_one_refusal_among_many_hands_over_none(self):
        willing, unwilling = letter(), letter(sender="other@example.com")
        permit(willing.subject, NEWS)
        refused([willing, unwilling], to="mailer", purpose=Purpose.MARKETING_EMAIL)

    def test_the_trace_cannot_be_taken_back(self, address):
        disclose(address, to="courier", purpose=Purpose.DELIVERY)
        for change in (Disclosure.objects.all().delete, lambda: Disclosure.objects.update(handed_to="nobody")):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        assert Disclosure.objects.get().handed_to == "courier"


class TestNoSale:
    @pytest.mark.parametrize("stranger", ["", "acxiom", "COURIER", "courier ", "partner@example.com"])
    def test_to_somebody_who_is_not_registered(self, address, stranger):
        assert "not a recipient" in refused(address, to=stranger, purpose=Purpose.DELIVERY)

    def test_to_a_recipient_that_was_suspended_or_has_moved_abroad(self, address):
        disclose(address, to="courier", purpose=Purpose.DELIVERY)
        Recipient.objects.filter(pk="courier").update(suspended_at=timezone.now())
        assert "suspended" in refused(address, to="courier", purpose=Purpose.DELIVERY)
        Recipient.objects.filter(pk="courier").update(suspended_at=None, country="US")
        assert "states KR" in refused(address, to="courier", purpose=Purpose.DELIVERY)

    @pytest.mark.parametrize("purpose", [Purpose.MARKETING_EMAIL, Purpose.ADVERTISING, Purpose.SUPPORT, "sale", ""])
    def test_for_a_purpose_that_is_not_stated_for_that_recipient(self, address, purpose):
        assert "does not state" in refused(address, to="courier", purpose=purpose)

    def test_of_values_that_were_not_collected_for_it(self, address):
        assert "Nothing in" in refused(address, to="mailer", purpose=Purpose.NOTIFICATION)

    def test_without_the_permission_that_it_rests_on_and_after_it_was_withdrawn(self, client):
        from tests.marketing.test_subscribing import confirmed

        subscription = confirmed(client)
        row = disclose(subscription, to="mailer", purpose=Purpose.MARKETING_EMAIL).row
        assert row == {"email": subscription.email}
        withdraw(subscription.subject, method="mail")
        assert "has not given it" in refused(subscription, to="mailer", purpose=Purpose.MARKETING_EMAIL)

    def test_a_recorded_legal_order_is_the_only_other_way(self, address):
        order = LegalOrder.objects.create(
            authority="Seoul Central District Court",
            reference="2026-1",
            law="Criminal Procedure Act Art. 215",
            subject=address.subject,
            recorded_by=Subject.objects.create(kind=Subject.Kind.EMPLOYEE),
        )
        told = disclose(address, to="Seoul Central District Court", purpose=Purpose.LEGAL, legal_order=order)
        trace = Disclosure.objects.get()
        assert told.row["street"] == address.street
        assert (trace.legal_basis, trace.legal_order) == ("legal_obligation", order)

        other = letter(sender="somebody.else@example.com")
        assert "another person" in refused(other, to="the court", purpose=Purpose.LEGAL, legal_order=order)

    def test_no_registered_recipient_is_paid_in_data(self):
        """The policy registers processors and the operator's own group, and gives none of them a purpose of its own."""
        assert {r.kind for r in policy.current().recipients.values()} <= {"processor", "group"}
        for recipient in policy.current().recipients.values():
            for purpose in recipient.receives:
                carries = recipient.id in ("mailer", "text_service", "push_service")
                assert policy.current().legal_basis(purpose) != "consent" or carries

    def test_e_mail_addresses_go_to_the_mailer_and_to_support_only(self):
        given = {
            (recipient.id, purpose)
            for recipient in policy.current().recipients.values()
            for purpose, categories in recipient.receives.items()
            if Category.EMAIL in categories
        }
        assert {who for who, _purpose in given if who != "mailer"} == {"kita"}
        assert ("kita", Purpose.SUPPORT) in given

    def test_no_code_hands_an_e_mail_address_to_anybody_but_the_mailer_and_staff_to_kita(self):
        """Each `disclose(` names its recipient in the source, and letters are sent where the address was disclosed."""
        calls, senders, lines = [], [], []
        for app in APPS:
            for path in (ROOT / app).rglob("*.py"):
                text = path.read_text(encoding="utf-8")
                for node in ast.walk(ast.parse(text)):
                    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "disclose":
                        to = next(k.value for k in node.keywords if k.arg == "to")
                        # Whoever was handed a value is handed its correction.
                        if ast.unparse(to) != "before.handed_to":
                            calls.append((path, getattr(to, "value", None)))
                if re.search(r"^(from django\.core\.mail|import smtplib|from smtplib)", text, re.MULTILINE):
                    senders.append(str(path.relative_to(ROOT)))
                # Who puts a finished mail on the line to the mail server has disclosed its address.
                if re.search(r"\.line\(\)", text):
                    lines.append(path)
                    assert "disclose(" in text, path
        assert calls
        carriers_of_telephones = {"text_service", "push_service"}
        assert {to for _path, to in calls} == {"mailer", "courier", "kita"} | carriers_of_telephones, calls
        receives = [policy.current().recipients[to].receives for to in carriers_of_telephones]
        assert not any(Category.EMAIL in given for rows in receives for given in rows.values())
        by_staff = {str(path.relative_to(ROOT)) for path, to in calls if to == "kita"}
        assert by_staff == {"privacy/internal/handing_over.py"}
        assert sorted(senders) == ["privacy/mail.py", "privacy/posting.py"]
        assert {str(p.relative_to(ROOT)) for p in lines} == {
            "marketing/domain/sending.py",
            "marketing/effects.py",
            "marketing/effects_texts.py",
        }


class TestNewsOfOthers:
    def test_is_a_question_of_its_own(self):
        subject = letter().subject
        permit(subject, NEWS)
        assert may_contact(subject, *NEWS)
        assert not may_contact(subject, *OF_OTHERS)

    def test_is_refused_to_those_who_wish_only_the_stores_own(self, client):
        from tests.marketing.test_subscribing import confirmed

        subscription = confirmed(client)
        assert may_contact(subscription.subject, *NEWS)
        assert "has not given it" in refused(subscription, to="mailer", purpose=Purpose.THIRD_PARTY_PROMOTION)

    def test_is_not_ticked_in_advance(self, client, django_user_model):
        client.force_login(django_user_model.objects.create_user("a@example.com", "long enough words"))
        form = client.get("/privacy/").context["choices"]
        names = [name for name, purpose, _words in form.questions if purpose == Purpose.THIRD_PARTY_PROMOTION]
        assert len(names) == 1
        assert not form[names[0]].value()

    def test_giving_and_taking_it_back_leaves_the_stores_own_as_it_was(self):
        subject = letter().subject
        permit(subject, NEWS)
        permit(subject, OF_OTHERS)
        withdraw(subject, [OF_OTHERS], method="form")
        assert may_contact(subject, *NEWS)
        assert not may_contact(subject, *OF_OTHERS)

    def test_the_box_against_marketing_says_no_to_it_as_well(self):
        subject = letter().subject
        permit(subject, OF_OTHERS)
        withdraw(subject, method="form")
        assert not may_contact(subject, *OF_OTHERS)
        assert RequestMessage.objects.filter(subject=subject).exists()
