"""control.correct: a correction is seen before and after, applied everywhere the value stands, and answered."""

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from privacy.internal import whereabouts
from privacy.internal.desk import correcting, receiving
from privacy.models import Collection, RequestMessage, Subject
from privacy.outbox import deliver_due
from tests.promises.test_control_withdraw import mail
from tests.support.people import letter
from tests.support.staff import reveal, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def wrong_letter():
    return letter(sender="mina@example.com", body="My nmae is Mina")


def test_every_place_where_a_value_stands_is_found_by_the_declarations(wrong_letter):
    places = list(whereabouts.places_of(wrong_letter.subject))
    assert {(p.field.name, p.value) for p in places} == {
        ("sender", "mina@example.com"),
        ("body", "My nmae is Mina"),
    }


def test_a_correction_goes_through_the_gate_and_names_who_made_it(wrong_letter):
    case = receiving.receive_letter(mail("Please correct my name, it is wrong.", sender="mina@example.com"))
    assert case.kind == "rectification"
    assert case.expected_by > timezone.now()
    staff = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
    (place,) = [p for p in whereabouts.places_of(wrong_letter.subject) if p.value == "My nmae is Mina"]
    changed = correcting.apply_correction(case, {place.key: "My name is Mina"}, staff=staff)
    assert [p.field.name for p in changed] == ["body"]
    wrong_letter.refresh_from_db()
    assert wrong_letter.body == "My name is Mina"
    collection = Collection.objects.get(pk=wrong_letter.collection_id)
    assert collection.surface == "staff.admin"
    assert collection.acted_by == staff
    case.refresh_from_db()
    assert case.state == "fulfilled"


def test_a_correction_cannot_reach_into_somebody_elses_records(wrong_letter):
    stranger = letter(sender="other@example.com", body="Mine")
    case = receiving.receive_letter(mail("Please correct my name, it is wrong.", sender="mina@example.com"))
    (place,) = [p for p in whereabouts.places_of(stranger.subject) if p.value == "Mine"]
    assert correcting.apply_correction(case, {place.key: "Yours"}, staff=None) == []
    stranger.refresh_from_db()
    assert stranger.body == "Mine"


def test_the_person_is_told_that_it_arrived_and_what_became_of_it(wrong_letter):
    case = receiving.receive_letter(mail("Please correct my name, it is wrong.", sender="mina@example.com"))
    (place,) = [p for p in whereabouts.places_of(wrong_letter.subject) if p.value == "My nmae is Mina"]
    correcting.apply_correction(case, {place.key: "My name is Mina"}, staff=None)
    deliver_due()
    assert [m.to for m in outbox.outbox] == [["mina@example.com"]] * 2
    assert all(m.extra_headers["Auto-Submitted"] == "auto-replied" for m in outbox.outbox)


def test_staff_correct_on_the_admin_page_only_after_checking_who_asks(wrong_letter):
    client = superuser()
    case = receiving.receive_letter(mail("Please correct my name, it is wrong.", sender="mina@example.com"))
    # A letter is what the person wrote and stays; what can be corrected here stands in other records.
    url = reverse("admin:privacy_rightsrequest_correct", args=[case.pk])
    assert client.get(url).status_code == 200
    response = client.post(url, {"x": "y"})
    assert "Confirm first" in response.content.decode()


def test_what_a_stranger_wrote_is_shown_to_staff_as_text():
    client = superuser()
    attack = "<script>alert(1)</script><img src=//evil.example/x>"
    case = receiving.receive_letter(mail(attack, heading=attack, sender="mina@example.com"))
    page = client.get(reverse("admin:privacy_rightsrequest_change", args=[case.pk])).content.decode()
    shown = reveal(client, case.messages.get()).content.decode()
    for text in (page, shown):
        assert "<script>alert(1)" not in text
        assert "<img src=//evil" not in text
    assert "&lt;script&gt;alert(1)" in shown
    assert RequestMessage.objects.filter(request=case).exists()
