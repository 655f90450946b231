"""control.correct: a correction is seen before and after, applied everywhere the value stands, told and answered."""

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone

from accounts.models import Profile, SavedAddress
from privacy.errors import NotConfirmed
from privacy.internal import whereabouts
from privacy.internal.desk import correcting, receiving
from privacy.models import Collection, RequestMessage
from privacy.outbox import deliver_due
from tests.promises.test_control_withdraw import mail
from tests.support.desk import asked, confirmed, customer, two_of_the_desk
from tests.support.people import letter
from tests.support.staff import WHY, reveal, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def mina():
    return customer()


def keys(account, value="Mina Kym"):
    return {p.key: "Mina Kim" for p in whereabouts.places_of(account.subject) if p.value == value}


def test_every_place_where_a_value_stands_is_found_by_the_declarations():
    wrong = letter(sender="mina@example.com", body="My nmae is Mina")
    places = list(whereabouts.places_of(wrong.subject))
    assert {(p.field.name, p.value) for p in places} == {
        ("sender", "mina@example.com"),
        ("body", "My nmae is Mina"),
    }


def test_a_request_becomes_a_case_with_a_deadline_and_waits_for_its_person(mina):
    case = receiving.receive_letter(mail("Please correct my name, it is wrong.", sender="mina@example.com"))
    assert case.kind == "rectification"
    assert case.expected_by > timezone.now()
    with pytest.raises(NotConfirmed):
        correcting.apply_correction(case, keys(mina), staff=None)
    assert Profile.objects.get().name == "Mina Kym"


def test_a_correction_goes_through_the_gate_everywhere_and_names_who_made_it(mina):
    staff, _other = two_of_the_desk()
    case = confirmed(asked())
    changed = correcting.apply_correction(case, keys(mina), staff=staff)
    assert sorted(p.field.name for p in changed) == ["name", "recipient"]
    assert (Profile.objects.get().name, SavedAddress.objects.get().recipient) == ("Mina Kim", "Mina Kim")
    collection = Collection.objects.get(pk=Profile.objects.get().collection_id)
    assert collection.surface == "staff.admin"
    assert collection.acted_by == staff
    case.refresh_from_db()
    assert case.state == "fulfilled"


def test_a_correction_cannot_reach_into_somebody_elses_records(mina):
    stranger = customer("other@example.com", name="Theirs")
    case = confirmed(asked())
    assert correcting.apply_correction(case, keys(stranger, "Theirs"), staff=None) == []
    assert Profile.objects.get(account=stranger).name == "Theirs"


def test_the_person_is_told_that_it_arrived_and_what_became_of_it(mina):
    case = confirmed(asked())
    correcting.apply_correction(case, keys(mina), staff=None)
    deliver_due()
    assert [m.to for m in outbox.outbox] == [["mina@example.com"]] * 2
    assert all(m.extra_headers["Auto-Submitted"] == "auto-replied" for m in outbox.outbox)
    assert "corrected" in outbox.outbox[-1].body


def test_staff_correct_on_the_admin_page_before_and_after_once_it_is_certain_who_asks(mina):
    boss = superuser()
    case = asked()
    page = reverse("admin:privacy_rightsrequest_correct", args=[case.pk])
    closed = boss.get(page).content.decode()
    assert "Confirm first who asks" in closed
    assert "Mina Kym" not in closed
    confirmed(case)
    assert "Mina Kym" not in boss.get(page).content.decode()  # a reason first
    opened = boss.post(page, WHY).content.decode()
    assert "Mina Kym" in opened
    groups = {g: opened.split(f'name="all:{g}"')[0].rsplit("<legend>", 1)[1] for g in _groups(opened)}
    group = next(g for g, legend in groups.items() if "Mina Kym" in legend)
    assert boss.post(page, {f"all:{group}": "Mina Kim"}).status_code == 302
    assert (Profile.objects.get().name, SavedAddress.objects.get().recipient) == ("Mina Kim", "Mina Kim")


def _groups(page):
    return [part.split('"')[0] for part in page.split('name="all:')[1:]]


def test_what_a_stranger_wrote_is_shown_to_staff_as_text():
    client = superuser()
    attack = "<script>alert(1)</script><img src=//evil.example/x>"
    case = receiving.receive_letter(mail(attack, heading=attack, sender="mina@example.com"))
    page = client.get(reverse("admin:privacy_rightsrequest_change", args=[case.pk])).content.decode()
    shown = reveal(client, case.messages.get()).content.decode()
    whole = client.post(reverse("admin:privacy_rightsrequest_read", args=[case.pk]), WHY).content.decode()
    for text in (page, shown, whole):
        assert "<script>alert(1)" not in text
        assert "<img src=//evil" not in text
    assert "&lt;script&gt;alert(1)" in shown
    assert "&lt;script&gt;alert(1)" in whole
    assert RequestMessage.objects.filter(request=case).exists()
