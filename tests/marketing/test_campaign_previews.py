"""Staff look at a mail as pictures of a phone and of a desktop, at its plain text, its size, and what is wrong with it."""

import io
import re
from email import message_from_bytes, policy

import pytest
from django.urls import reverse
from PIL import Image

from accounts.domain.roles import ORDER_DESK
from marketing.domain import composing, picturing, releasing
from marketing.forms import CampaignTextForm
from marketing.models import Campaign, CampaignText
from tests.marketing.conftest import new_campaign
from tests.support.browser import NEEDS_BROWSER
from tests.support.staff import superuser, works_as

pytestmark = pytest.mark.django_db


def page(name: str, campaign: Campaign, *more: str) -> str:
    return reverse(f"admin:marketing_campaign_{name}", args=[campaign.pk, *more])


@pytest.fixture
def drawn(monkeypatch):
    """Draws nothing, and remembers of what it should have and how wide."""
    asked: list[tuple[str, int]] = []

    def picture(html: str, width: int) -> bytes:
        asked.append((html, width))
        return b"\x89PNG"

    monkeypatch.setattr("marketing.admin.campaigns.picturing.picture", picture)
    monkeypatch.setattr("marketing.admin.campaigns.picturing.available", lambda: True)
    return asked


@pytest.mark.parametrize(("width", "pixels"), [("phone", 375), ("desktop", 1280)])
@pytest.mark.parametrize(("locale", "subject"), [("en", "(광고) Autumn teas"), ("ko", "(광고) 가을 차")])
def test_each_language_at_each_width_is_a_picture_with_its_words_beside_it(
    campaign, drawn, width, pixels, locale, subject
):
    boss = superuser()
    shown = boss.get(page("preview", campaign, locale, width)).content.decode()
    source = page("picture", campaign, locale, width)
    assert f'src="{source}"' in shown
    assert re.search(rf'<img[^>]*alt="[^"]*{re.escape(subject)}[^"]*"[^>]*width="{pixels}"', shown), shown
    assert composing.sample(campaign.texts.get(locale=locale)).plain.splitlines()[0] in shown
    answered = boss.get(source)
    assert answered["Content-Type"] == "image/png"
    assert "no-store" in answered["Cache-Control"]
    assert drawn == [(composing.sample(campaign.texts.get(locale=locale)).html, pixels)]


@pytest.mark.parametrize("where", [("fr", "phone"), ("en", "watch")])
def test_what_is_not_there_is_not_drawn(campaign, drawn, where):
    assert superuser().get(page("picture", campaign, *where)).status_code == 404
    assert drawn == []


def test_whoever_may_not_see_campaigns_sees_no_picture(campaign, drawn):
    desk = works_as(ORDER_DESK)
    for name, more in (("picture", ("en", "phone")), ("preview", ("en", "phone")), ("mail", ("en",)), ("desk", ())):
        assert desk.get(page(name, campaign, *more)).status_code == 403, name
    assert drawn == []


@NEEDS_BROWSER
@pytest.mark.parametrize("width", [375, 1280])
def test_a_picture_shows_the_mail_and_asks_no_network(campaign, width):
    """The words stand in it as ink, and nothing from elsewhere is fetched: a picture from another host stays empty."""
    html = composing.sample(campaign.texts.get(locale="en")).html
    with Image.open(io.BytesIO(picturing.picture(html, width))) as image:
        assert image.width == width
        assert len(image.convert("L").getcolors(maxcolors=100_000)) > 10
    watched = '<body style="margin:0"><img src="http://127.0.0.1:9/x.png" width="50" height="50"></body>'
    assert picturing.picture(watched, width) is not None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<p>Tea <a href="https://127.0.0.1.example/a b">x</a></p>', None),
        ('<p>Tea <a href="/products/none-of-these/at/all/">x</a></p>', "leads to no page"),
        ('<p>Tea <img src="/media/a.png" alt=" "></p>', "no words"),
        ('<p>Tea <img src="//track.example/p.gif" alt="x"></p>', "must come from this store"),
    ],
)
def test_a_problem_that_came_by_another_way_than_the_form_stands_on_the_desk_and_stops_the_handing_in(body, said):
    campaign = Campaign.objects.create(name="Autumn")
    CampaignText.objects.create(campaign=campaign, locale="en", subject="Autumn teas", body=body)
    shown = superuser().get(page("desk", campaign)).content.decode()
    if said is None:
        assert 'value="hand_in"' in shown
        releasing.hand_in(campaign.pk)
        return
    assert said in shown
    assert 'value="hand_in"' not in shown
    with pytest.raises(releasing.NotReleased, match=said):
        releasing.hand_in(campaign.pk)


def test_a_campaign_without_words_is_not_handed_in():
    empty = Campaign.objects.create(name="Empty")
    with pytest.raises(releasing.NotReleased, match="at least one language"):
        releasing.hand_in(empty.pk)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\u2028", "\x0b", "\x85"])
def test_a_subject_of_two_lines_is_named_and_can_be_looked_at_and_never_becomes_a_header(end):
    """As it is pasted out of other programs: on the form it is said at once; what is there already breaks no page."""
    subject = f"Autumn{end}Bcc: somebody@example.com"
    typed = CampaignTextForm({"locale": "en", "subject": subject, "body": "<p>Tea</p>"})
    assert typed.errors["subject"] == ["The subject must be one line."]
    two = new_campaign()
    two.texts.filter(locale="en").update(subject=subject)
    with pytest.raises(releasing.NotReleased, match="one line"):
        releasing.hand_in(two.pk)
    boss = superuser()
    assert "must be one line" in boss.get(page("desk", two)).content.decode()
    assert boss.get(page("preview", two, "en", "phone")).status_code == 200
    message = message_from_bytes(composing.example(two.texts.get(locale="en")).content, policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "(광고) Autumn Bcc: somebody@example.com"


def test_the_size_is_told_and_the_largest_mail_is_the_one_that_programs_still_show_whole(campaign):
    boss = superuser()
    text = campaign.texts.get(locale="en")
    size = len(composing.example(text).content)
    shown = boss.get(page("preview", campaign, "en", "phone"))
    assert shown.context["size"] == size
    assert "KB" in shown.content.decode()
    assert composing.problems(text) == []
    text.body = f"<p>{'word ' * 12_000}</p>"
    assert any("kB large" in problem for problem in composing.problems(text))
