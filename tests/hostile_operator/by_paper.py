"""Attempts by the doors themselves: hand-overs, permissions, imports, notices, versions of the policy, restored copies."""

from __future__ import annotations

import io
from typing import Any

import pytest
from celery import shared_task
from django.db import connection
from django.utils import timezone

from marketing.models import Subscription
from orders.models import DeliveryAddress
from privacy import permission
from privacy.cards import refuse_card_number
from privacy.declaration import Purpose
from privacy.errors import StaleNotice
from privacy.gate import collecting, disclose
from privacy.imports import import_records
from privacy.internal import erasing, policy
from privacy.internal.ledger import building, heads, journal, keys, verifying
from privacy.models import ConsentEvent, Disclosure, LegalOrder, Recipient, RequestMessage, Subject
from privacy.notice import Notice
from tests.hostile_operator.ways import found_in_the_database, refused, way
from tests.support import aged
from tests.support.people import letter, shown_notice

BY = "Hand-overs, permissions, imports and copies"
MARKETING = (Purpose.MARKETING_EMAIL, "email")


# --- hand-overs ---


@way(BY, "`disclose()`")
def hand_over_to_somebody_who_is_no_recipient(address: DeliveryAddress) -> None:
    with refused("not a recipient that the policy"):
        disclose(address, to="data_broker", purpose=Purpose.DELIVERY)


@way(BY, "`disclose()`")
def hand_over_to_a_recipient_that_is_suspended(address: DeliveryAddress) -> None:
    Recipient.objects.update_or_create(
        id="courier", defaults={"kind": "processor", "country": "KR", "suspended_at": timezone.now()}
    )
    with refused("suspended"):
        disclose(address, to="courier", purpose=Purpose.DELIVERY)


@way(BY, "`disclose()`")
def hand_over_to_a_recipient_that_moved_to_another_country(address: DeliveryAddress) -> None:
    Recipient.objects.update_or_create(id="courier", defaults={"kind": "processor", "country": "XX"})
    with refused("publish a policy that says so first"):
        disclose(address, to="courier", purpose=Purpose.DELIVERY)


@way(BY, "`disclose()`")
def hand_over_for_a_purpose_that_the_policy_does_not_state(address: DeliveryAddress) -> None:
    with refused("does not state that courier receives data for"):
        disclose(address, to="courier", purpose=Purpose.MARKETING_EMAIL)


@way(BY, "`disclose()`, which returns the columns that are needed")
def hand_over_more_than_is_needed(address: DeliveryAddress) -> None:
    handed = disclose(address, to="courier", purpose=Purpose.DELIVERY).row
    assert "subject_id" not in handed
    assert Disclosure.objects.get().fields == [f"orders_deliveryaddress.{name}" for name in handed]
    with refused("Nothing in orders.OrderContact"):
        disclose(address.order.contact, to="courier", purpose=Purpose.DELIVERY)


@way(BY, "`disclose()`")
def hand_over_by_an_order_of_a_court_about_somebody_else(address: DeliveryAddress) -> None:
    other = Subject.objects.create()
    order = LegalOrder.objects.create(authority="Court", reference="1", law="Act", subject=other, recorded_by=other)
    with refused("about another person"):
        disclose(address, to="police", purpose=Purpose.LEGAL, legal_order=order)


# --- permission ---


@way(BY, "`audience()` and `permission_to_send()`")
def write_to_an_audience_that_permitted_nothing(message: RequestMessage) -> None:
    assert message.subject_id not in permission.audience(*MARKETING)
    with refused("No standing permission"), permission.permission_to_send(message.subject, *MARKETING):
        pass


@way(BY, "`permission_to_send()`")
def write_to_somebody_who_has_just_withdrawn(yes: ConsentEvent) -> None:
    assert yes.subject_id in permission.audience(*MARKETING)
    permission.withdraw(yes.subject, method="mail")
    with refused("No standing permission"), permission.permission_to_send(yes.subject, *MARKETING):
        pass


@way(BY, "`record_choices()`")
def invent_a_yes_without_words_that_were_shown(message: RequestMessage) -> None:
    for method in ("import", "admin", "api"):
        with refused("A yes needs the notice"):
            permission.grant(message.subject, *MARKETING, method=method, notice=None)


@way(BY, "`record_choices()`")
def take_the_yes_of_a_page_that_did_not_ask(message: RequestMessage) -> None:
    with refused("No control for"):
        permission.grant(message.subject, *MARKETING, method="form", notice=shown_notice(RequestMessage.body))


@shared_task(name="tests.hostile_operator.says_yes")
def says_yes(subject_id: str) -> None:
    notice = Notice(asks=[Purpose.MARKETING_EMAIL], opt_out_box=False)
    person = Subject.objects.get(pk=subject_id)
    permission.grant(person, *MARKETING, method="form", notice=notice.answered(notice.token()))


@way(BY, "`record_choices()`")
def let_a_task_say_yes_at_night(message: RequestMessage) -> None:
    with refused("never by a task"):
        says_yes.apply(args=[str(message.subject_id)]).get()
    assert not ConsentEvent.objects.exists()


@way(BY, "`import_records()`, which brings no permission")
def buy_a_list_of_subscribers(db: None) -> None:
    (bought,) = import_records(
        Subscription, [{"email": "mina@example.com"}], surface="import.subscribers", source="list.csv"
    )
    assert not permission.may_contact(bought.subject, *MARKETING)
    assert bought.subject_id not in permission.audience(*MARKETING)


# --- what comes in ---


@way(BY, "`collecting()`")
def import_a_file_at_a_point_that_the_policy_does_not_name(db: None) -> None:
    with refused("no collection point 'import.bought_list'"):
        import_records(Subscription, [{"email": "mina@example.com"}], surface="import.bought_list", source="list.csv")


@way(BY, "`collecting()`")
def collect_on_a_page_without_its_notice(db: None) -> None:
    with refused("needs the notice that was shown"), collecting(surface="web.checkout", subject=Subject(), fields=[]):
        pass


@way(BY, "signature of the notice")
def answer_a_notice_that_was_never_shown(db: None) -> None:
    notice = Notice([RequestMessage.body])
    good = notice.token()
    for forged in ("", "x", good[:-1] + ("A" if good[-1] != "A" else "B"), good.replace("2026", "2025", 1)):
        with pytest.raises(StaleNotice):
            notice.answered(forged)


@way(BY, "`refuse_card_number()`, in every field that people type into")
def type_a_card_number_into_a_field_of_the_store(db: None) -> None:
    for spelled in ("4000002760003184", "4000-0027-6000-3184", "my card is 4000 0027 6000 3184, thanks"):
        with refused("card number"):
            refuse_card_number(spelled)


# --- the policy ---


@way(BY, "check `privacy.E040`")
def change_a_policy_after_it_was_published(policy_folder: Any) -> None:
    version = policy.versions()[-1]
    words = policy_folder / f"{version}.en.toml"
    words.write_text(words.read_text(encoding="utf-8").replace("privacy", "secrecy", 1), encoding="utf-8")
    policy.read_again()
    assert "privacy.E040" in found_in_the_database()


# --- copies and restores ---


@way(BY, "trigger `privacy_gate`", transactional=True)
def restore_a_dump_as_the_store(transactional_db: None) -> None:
    letter()
    dump = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY privacy_requestmessage TO STDOUT", dump)
    RequestMessage.objects.all().delete()
    dump.seek(0)
    with refused("privacy gate"), connection.cursor() as cursor:
        cursor.copy_expert("COPY privacy_requestmessage FROM STDIN", dump)


@way(BY, "check `privacy.E010`", transactional=True)
def restore_a_dump_as_the_owner_with_the_triggers_off(transactional_db: None) -> None:
    letter()
    with aged.owning() as owner:
        owner("ALTER TABLE privacy_requestmessage DISABLE TRIGGER USER")
        try:
            assert "privacy_gate trigger of privacy_requestmessage is switched off" in found_in_the_database()
        finally:
            owner("ALTER TABLE privacy_requestmessage ENABLE TRIGGER USER")
    assert "switched off" not in found_in_the_database()


@way(BY, "check `privacy.E050`", transactional=True)
def bring_an_erased_person_back_from_a_copy(transactional_db: None) -> None:
    message = letter()
    message.request.closed_at = timezone.now()
    message.request.save()
    copy = "CREATE TABLE copy_of_letters AS SELECT * FROM privacy_requestmessage"
    with aged.owning() as owner:
        owner(copy)
        try:
            erasing.erase(message.subject, acted_by=None, why="asked for it")
            assert not RequestMessage.objects.exists()
            assert "erased" not in found_in_the_database()
            owner("ALTER TABLE privacy_requestmessage DISABLE TRIGGER USER")
            owner("INSERT INTO privacy_requestmessage SELECT * FROM copy_of_letters")
            owner("ALTER TABLE privacy_requestmessage ENABLE TRIGGER USER")
            assert "rows of privacy_requestmessage were erased and are back" in found_in_the_database()
        finally:
            owner("DROP TABLE copy_of_letters")
            owner("ALTER TABLE privacy_requestmessage ENABLE TRIGGER USER")


@way(BY, "`manage.py verify_ledger`", transactional=True)
def change_evidence_as_the_owner_with_the_triggers_off(transactional_db: None) -> None:
    permission.withdraw(Subject.objects.create(), method="mail")
    building.extend()
    assert verifying.verify().is_true
    with aged.owning() as owner:
        owner("ALTER TABLE privacy_consentevent DISABLE TRIGGER USER")
        try:
            owner(
                "UPDATE privacy_consentevent SET state = 'given' WHERE id IN (SELECT id FROM privacy_consentevent LIMIT 1)"
            )
        finally:
            owner("ALTER TABLE privacy_consentevent ENABLE TRIGGER USER")
    assert not verifying.verify().is_true


@way(BY, "heads that the signer keeps outside the database; `manage.py verify_ledger`")
def go_back_to_the_whole_database_of_yesterday(message: RequestMessage, settings: Any, tmp_path: Any) -> None:
    settings.LEDGER_JOURNAL = str(tmp_path / "journal")
    head = building.extend()
    # What the signer signed since then stands in its journal; the restored database knows nothing of it.
    journal.write(heads.sign(head.tree_size + 3, bytes(32), keys.current()))
    report = verifying.verify()
    assert not report.is_true
    assert report.first.what == "missing"
