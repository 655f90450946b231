"""Staff write, look, try on themselves and release; they see counts from ten up and never an address."""

import re

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from marketing.domain import markup, picturing, rules, sending
from marketing.models import Campaign, Delivery
from privacy.outbox import deliver_due
from tests.marketing.conftest import new_campaign, released
from tests.marketing.test_sending import run
from tests.support import aged
from tests.support.readers import reader
from tests.support.staff import signed_in, superuser

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return superuser("writer@example.com")


@pytest.fixture
def second():
    return superuser("second@example.com")


def desk(campaign):
    return reverse("admin:marketing_campaign_desk", args=[campaign.pk])


def do(browser, campaign, what, **more):
    return browser.post(reverse("admin:marketing_campaign_do", args=[campaign.pk]), {"do": what, **more}, follow=True)


def written(browser, **values):
    """A campaign as a member of staff types it."""
    form = {
        "name": "Autumn", "purpose": "marketing.communications.email", "channel": "email", "partner": "", "fallback": "en",
        "per_minute": "", "coupon": "", "texts-TOTAL_FORMS": "1", "texts-INITIAL_FORMS": "0",
        "texts-0-locale": "en", "texts-0-subject": "Autumn teas", "texts-0-body": "<p>New teas.</p>", **values,
    }  # fmt: skip
    return browser.post(reverse("admin:marketing_campaign_add"), form, follow=True)


def test_from_the_form_to_the_readers_by_two_people(writer, second, sink):
    for n in range(12):
        reader(f"r{n}@example.com")
    page = written(writer)
    campaign = Campaign.objects.get()
    assert page.request["PATH_INFO"] == desk(campaign)
    assert "12" in page.content.decode()
    do(writer, campaign, "hand_in")
    assert "somebody else" in do(writer, campaign, "release").content.decode()
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.READY
    do(second, campaign, "release")
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.RUNNING
    run(campaign)
    assert len(sink.taken) == 12
    page = second.get(desk(campaign)).content.decode()
    assert "12" in page


def test_a_count_under_ten_is_not_told(writer):
    for n in range(9):
        reader(f"r{n}@example.com")
    page = written(writer).content.decode()
    assert "fewer than 10" in page
    reader("r9@example.com")
    assert "fewer than 10" not in writer.get(desk(Campaign.objects.get())).content.decode()


def test_no_page_of_a_campaign_shows_an_address(writer, sink):
    reader("secret.name@example.com")
    campaign = released(new_campaign())
    run(campaign)
    for name in ("desk", "change", "history"):
        page = writer.get(reverse(f"admin:marketing_campaign_{name}", args=[campaign.pk]))
        assert "secret.name" not in page.content.decode()
    assert "secret.name" not in writer.get(reverse("admin:marketing_subscription_changelist")).content.decode()


def test_whoever_may_not_release_does_not(writer, campaign):
    clerk = User.objects.create_user("clerk@example.com", "long-enough-and-odd-42", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_campaign", "change_campaign"]))
    do(writer, campaign, "hand_in")
    assert do(signed_in(clerk), campaign, "release").status_code == 403


def test_pause_resume_and_stop_are_buttons(writer, second, campaign):
    reader()
    released(campaign)
    for what, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        do(writer, campaign, what)
        campaign.refresh_from_db()
        assert campaign.state == state
    assert "not in a state" in do(writer, campaign, "resume").content.decode()


def test_what_is_released_is_not_changed_any_more(writer, campaign):
    released(campaign)
    page = writer.post(reverse("admin:marketing_campaign_change", args=[campaign.pk]), {"name": "Other"})
    assert page.status_code == 403


def test_trying_on_oneself_goes_to_ones_own_address_and_nobody_elses(writer, campaign, sink):
    reader()
    do(writer, campaign, "try", locale="ko")
    deliver_due()
    assert [m.to for m in sink.taken] == ["writer@example.com"]
    assert sink.taken[0].message["Subject"] == "(광고) 가을 차"


def test_looking_at_it_sends_nothing_and_the_page_of_the_mail_may_do_nothing(writer, campaign):
    for width, pixels in (("phone", "375"), ("desktop", "1280")):
        page = writer.get(reverse("admin:marketing_campaign_preview", args=[campaign.pk, "ko", width]))
        assert pixels in page.content.decode()
        assert "(광고) 가을 차" in page.content.decode()
    mail = writer.get(reverse("admin:marketing_campaign_mail", args=[campaign.pk, "en"]))
    policy = mail.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_a_picture_is_drawn_where_there_is_a_chromium(writer, campaign, monkeypatch):
    monkeypatch.setattr("marketing.domain.picturing.shutil.which", lambda _name: None)
    address = reverse("admin:marketing_campaign_picture", args=[campaign.pk, "en", "phone"])
    assert writer.get(address).status_code == 404
    page = writer.get(reverse("admin:marketing_campaign_preview", args=[campaign.pk, "en", "phone"]))
    assert "no Chromium" in page.content.decode()


@pytest.mark.skipif(not picturing.available(), reason="no Chromium on this machine: run `make browser` to install it")
def test_a_picture_is_as_wide_as_the_screen_and_no_longer_than_the_mail(campaign):
    import io

    from PIL import Image

    from marketing.domain import composing

    drawn = picturing.picture(composing.sample(campaign.texts.get(locale="ko")).html, 375)
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.width == 375
        assert 100 < image.height < 1000


class TestText:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("", "empty"),
            ('<p><a href="http://elsewhere.example/">x</a></p>', "not encrypted"),
            ('<p><a href="products/">x</a></p>', "not a whole address"),
            ('<p>x <a href="/no-such-page/at-all/">x</a></p>', "no page of the store"),
            ('<p>x <img src="https://track.example/p.gif" alt="x"></p>', "must come from this store"),
            ('<p>x <img src="/media/a.png?reader=1" alt="x"></p>', "must come from this store"),
            ('<p>x <img src="/media/a.png"></p>', "no words"),
            ('<p>x <img src="/media/a.png" alt="x" width="1" height="1"></p>', "who reads"),
            ("<p>x</p><script>alert(1)</script>", "taken out"),
        ],
    )
    def test_what_is_wrong_is_said(self, body, said):
        assert any(said in problem for problem in markup.problems(body)), markup.problems(body)

    def test_what_is_right_is_not(self):
        assert markup.problems('<p>Hello <a href="/products/">goods</a> <img src="/media/a.png" alt="Tea"></p>') == []

    def test_plain_text_says_everything(self):
        text = markup.as_text(markup.cleaned('<h1>A</h1><ul><li>one</li><li>two</li></ul><p>B <a href="/x/">c</a></p>'))
        assert text.splitlines()[0] == "A"
        assert "- one\n- two" in text
        assert re.search(r"B c \(http.*/x/\)", text)

    def test_text_without_tags_gets_paragraphs(self):
        assert markup.cleaned("one\n\ntwo & three") == "<p>one</p><p>two &amp; three</p>"

    def test_nothing_active_survives(self):
        made = markup.cleaned(
            '<p onclick="x()">a<script>b()</script><a href="javascript:c()">d</a><iframe src="/"></iframe></p>'
        )
        assert not re.search(r"onclick|script|iframe|javascript", made)

    def test_a_text_that_is_too_large_is_not_handed_in(self, writer):
        written(writer, **{"texts-0-body": "<p>" + "word " * 25_000 + "</p>"})
        assert "kB large" in writer.get(desk(Campaign.objects.get())).content.decode()

    def test_what_was_typed_is_still_there_after_an_error(self, writer):
        page = written(writer, **{"texts-0-body": '<p>my words <img src="https://a.example/x.png" alt="x"></p>'})
        assert "my words" in page.content.decode()
        assert not Campaign.objects.exists()


class TestLaw:
    def test_a_korean_reader_gets_the_mark_and_an_american_does_not(self, campaign, sink):
        reader("kr@example.com", law="KR", locale="ko")
        reader("us@example.com", law="US")
        reader("unknown@example.com")
        run(released(campaign))
        subjects = {m.to: m.message["Subject"] for m in sink.taken}
        assert subjects["kr@example.com"] == "(광고) 가을 차"
        assert subjects["us@example.com"] == "Autumn teas"
        assert subjects["unknown@example.com"] == "(광고) Autumn teas"

    def test_every_rule_names_its_law(self):
        for rows in rules._source().values():
            for row in rows:
                assert "Art." in row["law"] or "U.S.C." in row["law"]

    @time_machine.travel("2026-11-27T14:00:00Z", tick=False)  # 23:00 in Seoul
    def test_at_night_texts_and_pushes_wait_for_the_morning_and_mails_do_not(self, campaign):
        from django.utils import timezone

        subscription = reader(law="KR")
        campaign.channel = "sms"
        until = sending.night_until(campaign, subscription, timezone.now())
        assert until.isoformat() == "2026-11-28T08:00:00+09:00"
        campaign.channel = "email"
        assert sending.night_until(campaign, subscription, timezone.now()) is None
        campaign.channel = "sms"
        assert sending.night_until(campaign, reader("us@example.com", law="US"), timezone.now()) is None

    @time_machine.travel("2026-11-27T14:00:00Z", tick=False)
    def test_whoever_permits_the_night_too_is_not_kept_waiting(self, campaign):
        from django.utils import timezone

        from privacy.declaration import Purpose
        from privacy.permission import grant
        from tests.support.people import shown_notice

        subscription = reader(law="KR")
        night = Purpose.MARKETING_AT_NIGHT
        grant(subscription.subject, night, "sms", method="form", notice=shown_notice(asks=[night]))
        campaign.channel = "sms"
        assert sending.night_until(campaign, subscription, timezone.now()) is None

    @pytest.mark.parametrize(
        ("hour", "covered"), [(20, False), (21, True), (23, True), (0, True), (7, True), (8, False)]
    )
    def test_the_night_is_from_nine_to_eight(self, hour, covered):
        import datetime as dt
        from zoneinfo import ZoneInfo

        night = rules.demands("KR", "sms").night
        assert night.covers(dt.datetime(2026, 11, 27, hour, 0, tzinfo=ZoneInfo("Asia/Seoul"))) is covered

    def test_a_text_message_says_how_to_stop_for_nothing(self):
        from marketing.domain import composing

        campaign = new_campaign(channel="sms", purpose="marketing.communications.sms")
        words = composing.sample(campaign.texts.get(locale="ko")).plain
        assert words.startswith("(광고)")
        assert "무료 수신거부" in words


class TestAudience:
    def test_by_language_and_country(self, sink):
        reader("ko@example.com", locale="ko", law="KR")
        reader("en@example.com", locale="en", law="US")
        run(released(new_campaign(languages=["ko"])))
        assert [m.to for m in sink.taken] == ["ko@example.com"]
        sink.taken.clear()
        run(released(new_campaign(laws=["US"])))
        assert [m.to for m in sink.taken] == ["en@example.com"]

    def test_what_was_bought_finds_only_those_who_permitted_that(self, sink, client, store):
        from catalogue.models import Category
        from privacy.declaration import Purpose
        from privacy.permission import grant
        from tests.orders.shop import buy, variant
        from tests.support.people import shown_notice

        tea = variant()
        shelf = Category.objects.create(slug="teas", names={"en": "Teas"})
        type(tea.product).objects.filter(pk=tea.product_id).update(category=shelf)
        order = buy(client, tea)
        subscription = reader("buyer@example.com")
        type(order).objects.filter(pk=order.pk).update(subject=subscription.subject)
        campaign = new_campaign()
        campaign.categories.add(shelf)
        run(released(campaign))
        assert sink.taken == []
        # Nor does the permission for the front page find them: it was given for something else.
        liking, choosing = Purpose.PERSONALISE, Purpose.ADVERTISING
        grant(subscription.subject, liking, "cookie", method="form", notice=shown_notice(asks=[liking]))
        other = new_campaign()
        other.categories.add(shelf)
        run(released(other))
        assert sink.taken == []
        grant(subscription.subject, choosing, "email", method="form", notice=shown_notice(asks=[choosing]))
        again = new_campaign()
        again.categories.add(shelf)
        run(released(again))
        assert [m.to for m in sink.taken] == ["buyer@example.com"]

    def test_what_was_named_as_liked_finds_those_who_permitted_that_too(self, sink):
        from accounts.domain.interests import keep_interests
        from accounts.models import Interest, User
        from catalogue.models import Category
        from privacy.declaration import Purpose
        from privacy.gate import collecting
        from privacy.permission import grant, withdraw
        from tests.support.people import shown_notice

        shelf = Category.objects.create(slug="teas", names={"en": "Teas"})
        below = Category.objects.create(slug="green", names={"en": "Green"}, parent=shelf)
        Category.objects.create(slug="cups", names={"en": "Cups"})
        choosing = Purpose.ADVERTISING
        for name, likes, permits in (
            ("a", "teas", True),
            ("b", "green", True),
            ("c", "cups", True),
            ("d", "teas", False),
        ):
            subscription = reader(f"{name}@example.com")
            account = User.objects.create_user(f"{name}@example.com", "long-enough-42", subject=subscription.subject)
            notice = shown_notice(Interest.shelf)
            with collecting(surface="web.interests", subject=account.subject, fields=[Interest.shelf], notice=notice):
                keep_interests(account, [likes])
            if permits:
                grant(account.subject, choosing, "email", method="form", notice=shown_notice(asks=[choosing]))
        campaign = new_campaign()
        campaign.categories.add(shelf)
        run(released(campaign))
        assert sorted(m.to for m in sink.taken) == ["a@example.com", "b@example.com"]
        assert below.parent == shelf
        sink.taken.clear()
        withdraw(User.objects.get(emailaddress__email="a@example.com").subject, [(choosing, "email")], method="form")
        again = new_campaign()
        again.categories.add(shelf)
        run(released(again))
        assert [m.to for m in sink.taken] == ["b@example.com"]


def test_deliveries_hold_no_address():
    names = {f.name for f in Delivery._meta.get_fields()}
    assert not names & {"email", "address", "to"}


class TestCharts:
    def test_show_what_happened_and_not_who_opened_what(self, writer, campaign, sink):
        from orders.models import Offer, OfferUse
        from privacy.permission import withdraw

        people = [reader(f"r{n}@example.com") for n in range(11)]
        tea, rare = (Offer.objects.create(code=code, kind="percent", percent=10) for code in ("TEA", "RARE"))
        for given, uses in ((tea, 12), (rare, 2)):
            for _ in range(uses):
                OfferUse.objects.create(offer=given, order=aged.order(placed_at=aged.days_ago(1)))
        OfferUse.objects.create(offer=tea, order=aged.order(placed_at=aged.days_ago(1)), given_back_at=aged.days_ago(1))
        campaign.coupon = tea
        campaign.save()
        new_campaign(coupon=rare)
        run(released(campaign))
        for one in people[:3]:
            withdraw(one.subject, method="form")
        page = writer.get(reverse("admin:marketing_campaign_charts"))
        bars = {key: [bar.words for bar in chart.bars][-1] for key, _words, chart in page.context["charts"]}
        assert bars["sent"].endswith(": 11")
        assert bars["opted_out"].endswith("fewer than ten")
        (offers,) = page.context["orders"]
        assert [(b.words, b.number) for b in offers["chart"].bars] == [("TEA", 12)]
        assert offers["few"] == ["RARE"]
        assert "<svg" in page.content.decode()
        assert "script" not in page.content.decode().partition("campaign-charts")[2].partition("</footer>")[0]

    def test_are_drawn_empty_for_a_store_that_sent_nothing(self, writer):
        assert writer.get(reverse("admin:marketing_campaign_charts")).status_code == 200

    @pytest.mark.parametrize(("language", "named"), [("en", "November 27"), ("ko", "11월 27일")])
    @time_machine.travel("2026-11-27T03:00:00Z", tick=False)
    def test_name_their_days_as_the_reader_does(self, writer, language, named):
        from django.utils import translation

        with translation.override(language):
            page = writer.get(reverse("admin:marketing_campaign_charts"), headers={"accept-language": language})
        (words,) = {
            [bar.words for bar in chart.bars][-1].partition(":")[0] for _key, _words, chart in page.context["charts"]
        }
        assert words == named
