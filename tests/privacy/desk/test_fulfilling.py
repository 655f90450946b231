"""What was asked for is done by the button of a case: the copy is fetched by its owner, the erasure is reported."""

import io
import json
import zipfile

import pytest
from django.core import mail as postbox
from django.test import Client
from django.urls import reverse

from privacy.internal.desk import cases, fulfilling
from privacy.models import Erasure
from privacy.outbox import deliver_due
from tests.support.desk import ERASE, asked, confirmed, customer, last_letter, link_in, two_of_the_desk
from tests.support.staff import signed_in

pytestmark = pytest.mark.django_db


def test_a_copy_that_a_letter_asked_for_is_fetched_once_by_whoever_confirmed():
    account = customer()
    case = confirmed(asked("A copy of everything, please.", kind="access"))
    assert fulfilling.results_of(case) is None
    staff, _second = two_of_the_desk()
    fulfilling.fulfil(case, staff=staff)
    deliver_due()
    status = cases.status_of(case)
    assert status["results_url"].endswith(reverse("privacy:copy"))
    assert status["expires_at"]
    address = link_in(last_letter().body, "privacy/copy")
    browser = Client()
    assert browser.get(address).status_code == browser.get(address).status_code == 200
    answer = browser.post(address)
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as copy:
        held = json.loads(copy.read("copy.json"))
    assert "Mina Kym" in json.dumps(held, ensure_ascii=False)
    assert browser.post(address).status_code == 410
    assert fulfilling.results_of(case) is None
    assert signed_in(account).get(reverse("privacy:case", args=[case.pk])).status_code == 200


def test_an_erasure_answers_with_what_is_gone_and_what_a_law_keeps():
    customer()
    case = confirmed(asked(ERASE, kind="erasure"))
    staff, _second = two_of_the_desk()
    before = len(postbox.outbox)
    fulfilling.fulfil(case, staff=staff)
    deliver_due()
    assert Erasure.objects.get().why == f"case {case.number}"
    reports = [letter for letter in postbox.outbox[before:] if letter.to == ["mina@example.com"]]
    assert len(reports) == 1
    assert "Mina Kym" not in reports[0].body
