"""policy.changes: the page shows the version in force, earlier ones stay, and every trace names the one it was made under."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from privacy.errors import StaleNotice
from privacy.internal import policy
from privacy.models import Collection, ConsentEvent, Disclosure, RequestMessage
from privacy.notice import Notice
from privacy.permission import grant, may_contact, withdraw
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.django_db

NEWS = ("marketing.communications.email", "email")
NEXT = "2031-03-01"
ON_THAT_DAY = "2031-03-01T09:00:00+09:00"
PAGE = "/privacy/policy/"


@pytest.fixture
def in_force():
    return policy.current().version


def test_a_version_that_is_announced_does_not_yet_hold(client, plant, in_force):
    plant(NEXT, privacy="PLANTED")
    page = client.get(PAGE)
    assert page.context["policy"].version == in_force
    assert "PLANTED" not in page.content.decode()
    assert client.get(PAGE + "policy.json").json()["version"] == in_force


def test_from_its_day_on_the_page_shows_it_and_the_earlier_one_stays_readable(client, plant, in_force):
    before = client.get(PAGE).context["policy"]
    plant(NEXT, privacy="PLANTED")
    with time_machine.travel(ON_THAT_DAY):
        page = client.get(PAGE)
        assert page.context["policy"].version == NEXT
        assert "PLANTED" in page.content.decode()
        assert client.get(PAGE + "policy.json").json()["version"] == NEXT
        for version in (in_force, NEXT):
            assert reverse("privacy:policy_version", args=[version]) in page.content.decode()
        earlier = client.get(reverse("privacy:policy_version", args=[in_force]))
    assert earlier.status_code == 200
    assert earlier.context["policy"].sections == before.sections
    assert "In force from Nov. 1, 2026 to March 1, 2031" in earlier.content.decode()
    assert "Read the one in force" in earlier.content.decode()


@pytest.mark.parametrize("version", ["2020-01-01", "x", "..%2f..%2fsettings", "2026-11-01.en", "%00"])
def test_a_version_that_never_was_is_not_there(client, version):
    assert client.get(f"{PAGE}{version}/").status_code == 404


def test_a_version_is_readable_in_every_language_it_was_published_in(client):
    for version in policy.versions():
        assert policy.load(version).locales == ["en", "ja", "ko", "zh"]
        for prefix in ("", "/ko"):
            assert client.get(f"{prefix}{PAGE}{version}/").status_code == 200


def test_a_single_letter_changes_the_digest_that_programs_compare(client, plant, policy_folder, in_force):
    before = policy.load(in_force).digest
    path = policy_folder / f"{in_force}.ko.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# x", encoding="utf-8")
    policy.load.cache_clear()
    assert policy.load(in_force).digest != before


def test_collections_consents_and_hand_overs_name_the_version_they_were_made_under(plant, in_force):
    plant(NEXT)

    def leave_traces():
        subject = letter().subject
        grant(subject, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
        withdraw(subject, method="form")
        from privacy.gate import disclose

        disclose(
            RequestMessage.objects.get(subject=subject), to="mailer", purpose="essential.service.operations.support"
        )
        return subject

    now = leave_traces()
    with time_machine.travel(ON_THAT_DAY):
        later = leave_traces()
    for subject, version in ((now, in_force), (later, NEXT)):
        for trace in (Collection, ConsentEvent, Disclosure):
            found = set(trace.objects.filter(subject=subject).values_list("policy_version", flat=True))
            assert found == {version}, trace


def test_what_was_answered_to_the_former_version_is_asked_again(plant):
    fields = [RequestMessage.sender]
    shown_before = Notice(fields).token()
    plant(NEXT)
    assert Notice(fields).answered(shown_before)
    with time_machine.travel(ON_THAT_DAY), pytest.raises(StaleNotice):
        Notice(fields).answered(shown_before)


def test_a_form_that_was_opened_before_the_change_collects_nothing_after_it(client, plant):
    form = client.get("/privacy/write/").context["form"]
    sent = {"kind": "access", "sender": "a@example.com", "body": "Hello", "notice": form["notice"].value()}
    plant(NEXT)
    with time_machine.travel(ON_THAT_DAY):
        response = Client().post("/privacy/write/", sent)
        assert response.status_code == 422
        assert "policy has changed" in response.content.decode()
    assert not Collection.objects.exists()


def test_a_permission_is_for_its_purpose_and_gives_no_other():
    subject = letter().subject
    grant(subject, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    others = [p for p in policy.current().purposes if policy.current().legal_basis(p) == "consent" and p != NEWS[0]]
    assert len(others) >= 4
    for purpose in others:
        assert not may_contact(subject, purpose, "email"), purpose
