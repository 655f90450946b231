"""Staff hand an address to KITA for a stated reason: only that address goes, and its owner sees who took it there and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.domain import roles
from accounts.models import User
from orders.models import OrderContact
from privacy.declaration import Purpose
from privacy.gate import disclose
from privacy.internal import handed, handing_over
from privacy.models import Disclosure, LegalOrder, Look, Recipient, RequestMessage, Subject
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import CONTACT, buy, variant
from tests.support.people import letter
from tests.support.staff import PASSWORD, WHY, reveal, signed_in, superuser, works_as

pytestmark = pytest.mark.usefixtures("store")


def page_of(record: Any) -> str:
    return reverse("admin:look_hand_over", args=[record._meta.label_lower, record.pk])


@pytest.fixture
def contact(client: Client) -> OrderContact:
    return buy(client, variant()).contact


def test_the_address_goes_out_in_a_file_and_is_written_down_twice(contact: OrderContact) -> None:
    boss = superuser()
    asked = boss.get(page_of(contact))
    assert asked.status_code == 200
    assert CONTACT["email"] not in asked.content.decode()
    assert not Disclosure.objects.filter(handed_to="kita").exists()
    file = boss.post(page_of(contact), WHY)
    told = json.loads(file.content)
    assert told["values"] == {"email": CONTACT["email"]}
    assert "no-store" in file["Cache-Control"]
    written = Disclosure.objects.get(handed_to="kita")
    assert told["hand_over"] == str(written.pk)
    assert (written.subject, written.fields) == (contact.subject, ["orders_ordercontact.email"])
    assert written.acted_by == User.objects.get(is_superuser=True).subject
    look = Look.objects.get()
    assert (look.kind, look.fields, look.reason) == (Look.Kind.EXPORT, ["orders_ordercontact.email"], WHY["reason"])


def test_of_a_letter_the_sender_goes_and_not_a_word_of_it(client: Client) -> None:
    message = letter(sender="sad@example.com", body="Something private")
    file = superuser().post(page_of(message), WHY)
    assert json.loads(file.content)["values"] == {"sender": "sad@example.com"}
    assert "Something private" not in file.content.decode()


def test_the_person_reads_it_in_the_privacy_centre() -> None:
    account = User.objects.create_user("owner@example.com", PASSWORD)
    browser = signed_in(account)
    contact = buy(browser, variant(), email="mina@example.com").contact
    nothing = browser.get(reverse("privacy:centre")).content.decode()
    assert "Nobody has received anything of you." in nothing
    superuser().post(page_of(contact), WHY)
    centre = browser.get(reverse("privacy:centre")).content.decode()
    assert "The Korea International Trade Association" in centre
    assert WHY["reason"] in centre
    (told,) = handed.handed_over(account.subject)
    assert (told.times, told.ordered_by) == (1, "")


def test_hand_overs_of_one_kind_stand_together_and_an_order_names_its_law(contact: OrderContact) -> None:
    person, clerk = contact.subject, Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
    for _ in range(3):
        disclose(contact, to="mailer", purpose=Purpose.NOTIFICATION)
    order = LegalOrder.objects.create(
        authority="Seoul Central District Court", reference="2026-1", law="Act X", subject=person, recorded_by=clerk
    )
    disclose(contact, to="court", purpose=Purpose.LEGAL, legal_order=order)
    by_order, mailed = handed.handed_over(person)
    assert by_order.ordered_by == "Seoul Central District Court 2026-1, Act X"
    assert by_order.to == "court"
    assert mailed.times == 3
    assert mailed.what == ["E-mail address"]


@pytest.mark.parametrize("why", [{"reason": ""}, {"category": ""}, {"reason": "write to mina@example.com"}])
def test_no_reason_no_hand_over(contact: OrderContact, why: dict[str, str]) -> None:
    refused = superuser().post(page_of(contact), {**WHY, **why})
    assert refused.status_code == 422
    assert not Disclosure.objects.filter(handed_to="kita").exists()
    assert not Look.objects.exists()


def test_a_suspended_kita_receives_nothing_and_nothing_is_written(contact: OrderContact) -> None:
    Recipient.objects.update_or_create(
        id="kita", defaults={"kind": "group", "country": "KR", "suspended_at": timezone.now()}
    )
    boss = superuser()
    answer = boss.post(page_of(contact), WHY, follow=True)
    assert "Nothing was handed over" in answer.content.decode()
    assert not Disclosure.objects.filter(handed_to="kita").exists()
    assert not Look.objects.exists()


def test_what_the_policy_does_not_name_has_no_such_page(contact: OrderContact) -> None:
    address = contact.order.delivery_address
    assert handing_over.fields_for_kita(type(address)) == []
    boss = superuser()
    assert boss.get(page_of(address)).status_code == 404
    assert [f.name for f in handing_over.fields_for_kita(RequestMessage)] == ["sender"]


def test_the_order_desk_may_not_and_an_idle_desk_types_its_password(contact: OrderContact) -> None:
    assert works_as(roles.ORDER_DESK).post(page_of(contact), WHY).status_code == 403
    idle = signed_in(User.objects.create_superuser("idle@example.com", "long-enough-and-odd-42"), seconds_ago=3600)
    assert idle.post(page_of(contact), WHY)["Location"].startswith("/accounts/reauthenticate/")
    assert not Disclosure.objects.filter(handed_to="kita").exists()


def test_the_way_there_stands_on_the_records_page_and_beside_what_was_revealed(contact: OrderContact) -> None:
    boss = superuser()
    change = reverse("admin:orders_ordercontact_change", args=[contact.pk])
    assert page_of(contact) in boss.get(change).content.decode()
    assert page_of(contact) in reveal(boss, contact).content.decode()
    assert "hand-over" not in reveal(boss, contact.order.delivery_address).content.decode()
