"""What staff see of people are numbers, and of fewer than ten that they are fewer: while it runs, after it ran, and of surveys."""

import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.domain.roles import MARKETER
from accounts.models import User
from marketing.admin import imports
from marketing.domain import claiming, releasing, sending
from marketing.models import Campaign, Delivery
from privacy.declaration import Purpose
from privacy.outbox import deliver_due
from privacy.permission import withdraw
from tests.marketing.conftest import new_campaign, released
from tests.marketing.test_importing import HEAD
from tests.marketing.test_sending import run
from tests.marketing.test_surveys import survey
from tests.support.readers import reader
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def boss():
    return superuser()


def desk(campaign: Campaign) -> str:
    return reverse("admin:marketing_campaign_desk", args=[campaign.pk])


def told(page) -> dict[str, int | None]:
    """Each state of the desk's table with its number; None for "fewer than ten"."""
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td></tr>', page.content.decode())
    assert rows
    return {label: None if "fewer" in number else int(number.replace(",", "")) for label, number in rows}


def label(state: State) -> str:
    return str(state.label)[0].upper() + str(state.label)[1:]


def test_of_a_campaign_that_ran_each_state_is_a_number_or_fewer_than_ten(boss, campaign, sink):
    people = [reader(f"r{n}@example.com") for n in range(13)]
    released(campaign)
    claiming.claim(campaign.pk)
    for one in people[:2]:
        withdraw(one.subject, method="form")
    run(campaign)
    assert len(sink.taken) == 11
    numbers = told(boss.get(desk(campaign)))
    assert numbers[label(State.SENT)] == 11
    assert numbers[label(State.REVOKED)] is None, "two who opted out are not counted out"
    assert numbers[label(State.REFUSED)] == 0


def test_progress_is_seen_while_it_runs_and_the_page_looks_again_by_itself(boss, campaign, sink):
    for n in range(12):
        reader(f"r{n}@example.com")
    released(campaign)
    claiming.claim(campaign.pk)
    page = boss.get(desk(campaign))
    assert told(page)[label(State.CLAIMED)] == 12
    assert '<meta http-equiv="refresh"' in page.content.decode()
    run(campaign)
    page = boss.get(desk(campaign))
    numbers = told(page)
    assert (numbers[label(State.CLAIMED)], numbers[label(State.SENT)]) == (0, 12)
    assert '<meta http-equiv="refresh"' not in page.content.decode()
    assert 'value="pause"' not in page.content.decode()


@pytest.mark.parametrize(
    ("state", "offered"),
    [("running", {"pause", "stop"}), ("paused", {"resume", "stop"}), ("stopped", set()), ("done", set())],
)
def test_the_buttons_are_those_of_the_state(boss, campaign, state, offered):
    released(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(state=state)
    page = boss.get(desk(campaign)).content.decode()
    assert set(re.findall(r'name="do" value="(pause|resume|stop|release|hand_in)"', page)) == offered


def test_a_paused_one_claims_and_hands_over_nothing_until_it_goes_on_where_it_was(campaign, sink):
    for n in range(3):
        reader(f"r{n}@example.com")
    released(campaign)
    assert sending.pause(campaign.pk)
    run(campaign)
    assert not Delivery.objects.exists()
    assert sending.resume(campaign.pk)
    run(campaign)
    assert len(sink.taken) == 3
    assert not sending.pause(campaign.pk)


def test_who_may_only_look_finds_no_button_and_does_nothing(campaign):
    released(campaign)
    browser = works_as(MARKETER)
    account = User.objects.get(is_staff=True, is_superuser=False)
    account.groups.clear()
    account.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    assert 'name="do"' not in browser.get(desk(campaign)).content.decode()
    for what in ("pause", "stop", "try", "release", "hand_in", "resume"):
        answered = browser.post(
            reverse("admin:marketing_campaign_do", args=[campaign.pk]), {"do": what, "locale": "en"}
        )
        assert answered.status_code == 403, what
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING


def test_a_try_on_oneself_is_no_delivery_and_counts_nowhere(boss, campaign, sink):
    reader()
    boss.post(reverse("admin:marketing_campaign_do", args=[campaign.pk]), {"do": "try", "locale": "en"})
    deliver_due()
    assert [taken.to for taken in sink.taken] == ["boss@example.com"]
    assert not Delivery.objects.exists()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.DRAFT


def test_a_try_on_oneself_needs_an_account_that_still_works_here(boss, campaign, sink):
    boss.post(reverse("admin:marketing_campaign_do", args=[campaign.pk]), {"do": "try", "locale": "en"})
    User.objects.update(is_staff=False)
    deliver_due()
    assert sink.taken == []


@pytest.mark.parametrize(("number", "said"), [(9, "Fewer than 10 people are invited."), (10, "10 people are invited.")])
def test_how_many_are_invited_to_a_survey_is_told_from_ten_on(boss, number, said):
    for n in range(number):
        reader(f"r{n}@example.com", permits=[Purpose.SURVEY_INVITATION])
    asked = survey("invited")
    page = boss.post(
        reverse("admin:marketing_survey_changelist"), {"action": "invite", "_selected_action": asked.pk}, follow=True
    )
    assert said in page.content.decode()


def test_mails_that_came_back_stand_in_their_chart(boss, campaign, sink):
    people = [reader(f"r{n}@example.com") for n in range(12)]
    run(released(campaign))
    Delivery.objects.filter(subject__in=[one.subject_id for one in people[:11]]).update(returned="soft")
    Delivery.objects.filter(subject=people[11].subject_id).update(returned="")
    page = boss.get(reverse("admin:marketing_campaign_charts"))
    bars = {key: [bar.words for bar in chart.bars][-1] for key, _words, chart in page.context["charts"]}
    assert bars["returned"].endswith(": 11")
    assert bars["sent"].endswith(": 12")


def test_an_import_says_how_far_it_is(boss, monkeypatch):
    monkeypatch.setattr(imports, "STEP", 2)
    rows = "".join(f"r{n}@example.com,en,US,,2026-01-01,fair,words\n" for n in range(5))
    file = io.BytesIO((HEAD + rows).encode())
    file.name = "fair.csv"
    answered = boss.post(reverse("admin:marketing_subscription_import"), {"file": file})
    pieces = [piece.decode() for piece in answered.streaming_content]
    progress = [number for number, piece in enumerate(pieces) if "rows so far" in piece]
    assert [re.search(r"\d+", pieces[number]).group() for number in progress] == ["2", "4"]
    assert "example.com" not in "".join(pieces)


def test_a_campaign_by_another_channel_than_its_purpose_is_not_handed_in():
    for purpose, channel in (
        (Purpose.MARKETING_EMAIL, "sms"),
        (Purpose.MARKETING_SMS, "email"),
        (Purpose.MARKETING_PUSH, "sms"),
        (Purpose.THIRD_PARTY_PROMOTION, "sms"),
        (Purpose.SURVEY_INVITATION, "push"),
    ):
        partner = "Jeju Tea" if purpose == Purpose.THIRD_PARTY_PROMOTION else ""
        wrong = releasing.problems(new_campaign(purpose=purpose, channel=channel, partner=partner))
        assert any("does not go by this channel" in problem for problem in wrong), (purpose, channel)
