"""Cookies ask first: each gap of the library that the store closes, and what stands in the ledger afterwards."""

import datetime as dt
import re

import pytest
import time_machine
from cookie_consent.models import Cookie, CookieGroup, LogItem
from cookie_consent.util import dict_to_cookie_str
from django.core import signing
from django.test import Client
from django.utils import timezone, translation

from cookies import consent, inventory, question
from cookies.domain.declare import declare_cookies
from privacy.declaration import Purpose
from privacy.models import ConsentEvent, Subject
from privacy.notice import Notice

BANNER = b'id="cookie-banner"'


def _events() -> list[tuple[str, str, str]]:
    return list(ConsentEvent.objects.order_by("received_at", "purpose").values_list("purpose", "state", "method"))


def _forget_what_was_asked() -> None:
    """Words change with a release, which is another process."""
    question._text.cache_clear()
    question._digest.cache_clear()
    consent._read.cache_clear()


@pytest.mark.django_db
class TestTheQuestion:
    def test_is_put_without_sql_and_sets_nothing_optional(self, browser, django_assert_num_queries):
        with django_assert_num_queries(0):
            page = browser.get("/")
        assert BANNER in page.content
        assert set(page.cookies) <= {"csrftoken"}

    def test_accepting_and_declining_and_choosing_are_equal_and_need_no_script(self, browser):
        page = browser.get("/").content.decode()
        banner = page[page.index('id="cookie-banner"') :]
        assert banner.count('class="button"') == 3
        for way in ("/cookies/accept/", "/cookies/decline/"):
            assert f'<button type="submit" class="button" formaction="{way}"' in banner
        assert '<a class="button" href="/cookies/">' in banner
        assert "<script" not in banner

    def test_is_not_put_again_after_an_answer(self, browser, answer):
        answer(browser, "decline")
        assert BANNER not in browser.get("/").content

    def test_leads_back_to_the_page_and_never_to_another_site(self, browser, answer):
        def leads_to(where):
            """The address, without the link to the receipt that it carries."""
            return re.sub(r"[?&]receipt=[^&]+$", "", answer(browser, "decline", next=where)["Location"])

        assert leads_to("/search/?q=tea") == "/search/?q=tea"
        assert leads_to("https://elsewhere.example/") == "/cookies/"


@pytest.mark.django_db
class TestTheLedger:
    def test_declining_is_recorded_with_the_words_shown_and_gives_no_identifier(self, browser, answer):
        assert answer(browser, "decline").status_code == 302
        assert _events() == [
            (Purpose.STATISTICS, "refused", "form"),
            (Purpose.PERSONALISE, "refused", "form"),
        ]
        event = ConsentEvent.objects.first()
        assert event.subject is None
        assert event.channel == "cookie"
        assert event.surface == "web.cookie_banner"
        assert event.text_digest == question.digest("en")
        assert event.policy_version == Notice({}).policy.version
        assert event.shown_at is not None
        assert not Subject.objects.exists()
        assert set(browser.cookies) == {"cookie_consent"}

    def test_two_who_decline_get_the_same_cookie(self, answer):
        first, second = Client(), Client()
        answer(first, "decline")
        answer(second, "decline")
        assert first.cookies["cookie_consent"].value == second.cookies["cookie_consent"].value

    def test_a_chosen_group_is_given_and_the_others_refused(self, browser, answer):
        answer(browser, "choose", cookie_groups=["traffic_log"])
        assert set(_events()) == {(Purpose.STATISTICS, "given", "form"), (Purpose.PERSONALISE, "refused", "form")}

    def test_choosing_nothing_is_an_answer(self, browser, answer):
        assert answer(browser, "choose").status_code == 302
        assert {state for _purpose, state, _method in _events()} == {"refused"}

    def test_no_after_yes_is_a_withdrawal(self, browser, answer):
        answer(browser, "accept")
        answer(browser, "decline", cookie_groups=["traffic_log"])
        assert set(_events()[2:]) == {(Purpose.STATISTICS, "withdrawn", "form"), (Purpose.PERSONALISE, "given", "form")}

    def test_an_answer_in_korean_names_korean_and_stands_on_english_pages(self, browser):
        with translation.override("ko"):
            token = question.token()
        browser.post("/ko/cookies/accept/", {"notice": token, "all_groups": "true"})
        assert set(ConsentEvent.objects.values_list("locale", "text_digest")) == {("ko", question.digest("ko"))}
        assert BANNER not in browser.get("/").content

    def test_the_librarys_own_log_stays_empty(self, browser, answer):
        answer(browser, "accept")
        assert not LogItem.objects.exists()


@pytest.mark.django_db
class TestWhatIsNoAnswer:
    @pytest.mark.parametrize(
        ("way", "data"),
        [
            ("accept", {"cookie_groups": ["9999"]}),
            ("accept", {"cookie_groups": ["essential"]}),
            ("decline", {"cookie_groups": ["group=1|x"]}),
            ("accept", {"all_groups": ""}),
            ("choose", {"choice": ""}),
            ("accept", {"notice": ""}),
            ("accept", {"notice": "a:b:c"}),
            ("accept", {"notice": "\x00"}),
        ],
    )
    def test_is_refused_with_a_sentence_and_changes_nothing(self, browser, answer, way, data, stub_base):
        response = answer(browser, way, **data)
        assert response.status_code == 400
        assert 'role="alert"' in response.content.decode()
        assert "cookie_consent" not in browser.cookies
        assert not ConsentEvent.objects.exists()

    def test_scripts_get_the_sentence_as_json(self, browser, answer):
        response = answer(browser, "accept", cookie_groups=["9999"], headers={"X-Cookie-Consent-Fetch": "1"})
        assert response.status_code == 400
        assert "no such group" in response.json()["errors"][0]

    def test_a_question_whose_words_have_changed_is_put_again(self, browser, answer, monkeypatch, stub_base):
        answer(browser, "accept")
        old = question.token()
        monkeypatch.setattr(question, "_explanation", lambda: "Other words.")
        _forget_what_was_asked()
        try:
            assert BANNER in browser.get("/").content
            assert answer(browser, "accept", notice=old).status_code == 400
        finally:
            monkeypatch.undo()
            _forget_what_was_asked()

    @pytest.mark.parametrize("damage", [lambda v: "group=9999", lambda v: v[:-1], lambda v: "traffic_log=1|" + v])
    def test_a_forged_or_damaged_cookie_is_none(self, browser, answer, damage, hits):
        answer(browser, "accept")
        browser.cookies["cookie_consent"] = damage(browser.cookies["cookie_consent"].value)
        assert BANNER in browser.get("/").content
        assert not hits.waiting

    def test_a_cookie_with_no_known_content_is_none_though_signed(self, browser):
        browser.cookies["cookie_consent"] = signing.Signer(salt="cookies.answer").sign(
            dict_to_cookie_str({"on": "2026-13-99", "version": "x", "locale": "xx", "text": "", "traffic_log": "x"})
        )
        assert BANNER in browser.get("/").content

    def test_an_answer_is_asked_for_again_after_a_year(self, browser, answer):
        answer(browser, "accept")
        with time_machine.travel(timezone.now() + dt.timedelta(days=367), tick=False):
            assert BANNER in browser.get("/").content

    def test_an_answer_is_no_page_to_fetch(self, browser):
        for way in ("accept", "decline", "choose"):
            assert browser.get(f"/cookies/{way}/").status_code == 405


@pytest.mark.django_db
class TestGlobalPrivacyControl:
    def test_counts_as_declined_on_every_page_and_writes_nothing(self, browser, hits):
        page = browser.get("/", headers={"Sec-GPC": "1"})
        assert BANNER not in page.content
        assert "Sec-GPC" in page["Vary"]
        assert not ConsentEvent.objects.exists()
        assert not hits.waiting

    @pytest.mark.parametrize("value", ["0", "true", "1, 1", ""])
    def test_only_its_exact_value_counts(self, browser, value):
        assert BANNER in browser.get("/", headers={"Sec-GPC": value}).content

    def test_a_later_explicit_choice_wins_and_both_are_recorded(self, browser, answer, hits):
        answer(browser, "accept", headers={"Sec-GPC": "1"})
        assert sorted(_events()) == sorted(
            [(p, "refused", "gpc") for p in (Purpose.STATISTICS, Purpose.PERSONALISE)]
            + [(p, "given", "form") for p in (Purpose.STATISTICS, Purpose.PERSONALISE)]
        )
        browser.get("/", headers={"Sec-GPC": "1"})
        assert len(hits.waiting) == 1

    def test_switched_on_after_a_yes_it_is_the_later_word(self, browser, answer, hits):
        answer(browser, "accept")
        browser.get("/")
        assert len(hits.waiting) == 1
        page = browser.get("/", headers={"Sec-GPC": "1"})
        assert len(hits.waiting) == 1
        assert page.cookies["traffic_log"]["max-age"] == 0


@pytest.mark.django_db
class TestWithdrawing:
    def test_takes_the_groups_cookies_away_also_by_prefix(self, browser, answer):
        answer(browser, "accept")
        browser.get("/")
        browser.cookies["pref_currency"] = "USD"
        browser.cookies["basket"] = "kept"
        response = answer(browser, "decline")
        deleted = {name for name, cookie in response.cookies.items() if cookie["max-age"] == 0}
        assert {"pref_currency", "traffic_log"} <= deleted
        assert all(name == "traffic_log" or name.startswith("pref_") for name in deleted)

    def test_a_stale_answers_cookies_are_taken_away_on_the_next_page(self, browser):
        browser.cookies["traffic_log"] = "a" * 22
        browser.cookies["pref_seen"] = "1"
        page = browser.get("/")
        assert {name for name, cookie in page.cookies.items() if cookie["max-age"] == 0} == {"traffic_log", "pref_seen"}


@pytest.mark.django_db
class TestTheCookies:
    def test_are_secure_where_the_store_is(self, browser, answer, settings):
        settings.COOKIE_CONSENT_SECURE = settings.SESSION_COOKIE_SECURE = True
        given = {**answer(browser, "accept").cookies, **browser.get("/").cookies}
        for name in ("cookie_consent", "traffic_log"):
            assert given[name]["secure"]
            assert given[name]["httponly"]
            assert given[name]["samesite"] == "Lax"
        assert not given["traffic_log"]["max-age"], "the visit's name ends with the browser"

    def test_are_all_declared_in_the_librarys_tables_once(self):
        declare_cookies()
        assert declare_cookies() == 0
        assert set(CookieGroup.objects.values_list("varname", "is_required")) == {
            ("essential", True),
            ("preferences", False),
            ("traffic_log", False),
        }
        assert set(Cookie.objects.values_list("name", flat=True)) == {c.shown_name for c in inventory.cookies()}

    def test_a_row_changed_by_hand_becomes_what_is_declared(self):
        declare_cookies()
        CookieGroup.objects.filter(varname="traffic_log").update(is_required=True)
        CookieGroup.objects.create(varname="tracking")
        declare_cookies()
        assert not CookieGroup.objects.get(varname="traffic_log").is_required
        assert not CookieGroup.objects.filter(varname="tracking").exists()

    def test_the_status_for_scripts_tells_the_signed_answer(self, browser, answer):
        assert browser.get("/cookies/status/").json()["notAcceptedOrDeclinedCookieGroups"] == [
            "preferences",
            "traffic_log",
        ]
        answer(browser, "choose", cookie_groups=["preferences"])
        status = browser.get("/cookies/status/").json()
        assert status["acceptedCookieGroups"] == ["preferences"]
        assert status["declinedCookieGroups"] == ["traffic_log"]
        browser.cookies["cookie_consent"] = "preferences=1|traffic_log=1"
        assert browser.get("/cookies/status/").json()["acceptedCookieGroups"] == []


@pytest.mark.django_db
def test_the_page_lists_every_declared_cookie_with_unticked_boxes(browser, stub_base):
    page = browser.get("/cookies/").content.decode()
    for cookie in inventory.cookies():
        assert f"<code>{cookie.shown_name}</code>" in page
    assert page.count('type="checkbox"') == 2
    assert " checked" not in page
    assert 'id="cookie-banner"' not in page


def test_permission_is_refused_for_a_group_that_does_not_exist(rf):
    assert not consent.permits(rf.get("/"), "anything")
