"""Staff take in what came by post or by telephone, and sort anew what the rules could not tell."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from privacy.internal.desk import receiving
from privacy.models import Collection, LetterAttachment, RightsRequest
from privacy.permission import may_contact
from tests.privacy.test_mailbox_roads import NEWS, subscriber
from tests.promises.test_control_withdraw import mail
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.django_db

# --- post and telephone --------------------------------------------------------------------------------------------


def typed(**said):
    day = timezone.localdate() - dt.timedelta(days=3)
    return {
        "how": "post",
        "received_on": day.isoformat(),
        "body": "Please delete my account.",
        "language": "ko",
        **said,
    }


def test_a_letter_by_post_with_its_scan_is_a_case_whose_clock_began_when_it_arrived():
    staff = works_as("privacy officer")
    scan = SimpleUploadedFile("letter.pdf", b"%PDF-1.7 scan", content_type="application/pdf")
    address = reverse("admin:privacy_requestmessage_add")
    assert staff.get(address).status_code == 200
    answer = staff.post(address, typed(sender="mina@example.com", scans=scan))
    assert answer.status_code == 302, answer.context["form"].errors
    case = RightsRequest.objects.get()
    assert (case.kind, case.channel, case.locale) == ("erasure", "post", "ko")
    assert timezone.localdate(case.received_at) == timezone.localdate() - dt.timedelta(days=3)
    assert case.expected_by < timezone.now() + dt.timedelta(days=7, hours=1)
    collection = Collection.objects.get(surface="post.privacy_mailbox")
    assert collection.acted_by is not None
    assert LetterAttachment.objects.get().check_result == "plain"


@pytest.mark.parametrize("how", ["post", "telephone"])
def test_a_stop_by_post_or_telephone_takes_effect_when_it_is_typed_in(how):
    wanted = subscriber()
    answer = superuser().post(
        reverse("admin:privacy_requestmessage_add"),
        typed(how=how, sender="minji@gmail.com", body="She wants no more newsletters."),
    )
    assert answer.status_code == 302
    assert not may_contact(wanted, *NEWS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_on": "2031-01-01"},
        {"body": ""},
        {"body": "4111 1111 1111 1111"},
        {"scans": SimpleUploadedFile("x.pdf", b"<svg onload=alert(1)>")},
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(wrong):
    answer = superuser().post(reverse("admin:privacy_requestmessage_add"), typed(heading="From Mina", **wrong))
    assert answer.status_code == 422
    assert "From Mina" in answer.content.decode()
    assert not RightsRequest.objects.exists()


# --- sorting anew --------------------------------------------------------------------------------------------------


def test_staff_sort_a_letter_anew_and_it_is_written_down_who_did():
    wanted = subscriber()
    case = receiving.receive_letter(mail("Hello there", sender="minji@gmail.com"))
    assert case.kind == "staff_must_read"
    staff = works_as("privacy officer")
    address = reverse("admin:privacy_rightsrequest_change", args=[case.pk])
    page = staff.get(address).content.decode()
    assert "no right was recognised" in page
    act = reverse("admin:privacy_rightsrequest_act", args=[case.pk])
    assert staff.post(act, {"do": "sort", "kind": "withdraw_consent"}).status_code == 302
    case.refresh_from_db()
    assert case.kind == "withdraw_consent"
    opened, sorted_anew = case.steps.filter(kind__in=["opened", "sorted"])
    assert (opened.detail, opened.by) == ("staff_must_read", None)
    assert (sorted_anew.detail, sorted_anew.by is not None) == ("withdraw_consent", True)
    assert not may_contact(wanted, *NEWS)
