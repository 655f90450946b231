"""policy.changes: people hear of a change before it takes effect, and those whose data it touches are asked."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from orders.models import DeliveryAddress
from privacy.declaration import Purpose
from privacy.internal import answering, policy, published, reading, telling
from privacy.models import ConsentEvent, Effect, PolicyAnswer, Preference, Publication, ShownText
from privacy.models.consent import ConsentState
from privacy.outbox import deliver_due
from privacy.permission import may_contact
from tests.orders.shop import buy, variant
from tests.support.policies import also_for, moved, new_recipient, period, reworded, several

# A purpose that no version states yet.
NEW = "finance"
pytestmark = pytest.mark.django_db

NOW, NEXT = "2026-11-01", "2031-03-01"
ON_THAT_DAY = "2031-03-01T09:00:00+09:00"
EMAIL = "user.contact.email"
PRINTER = new_recipient("printer", "DE", {Purpose.AUTHENTICATION: [EMAIL]})
PAGES = ["/", "/products/", "/privacy/", "/privacy/policy/", "/basket/", "/accounts/login/", "/cookies/"]


@pytest.fixture
def account() -> User:
    return User.objects.create_user("minji@example.com", "long-enough-and-odd-42")


@pytest.fixture
def signed_in(client, account) -> Client:
    client.force_login(account)
    return client


def deliver() -> list:
    mail.outbox.clear()
    while deliver_due():
        pass
    assert not Effect.objects.filter(done_at__isnull=True).exists(), Effect.objects.filter(
        done_at__isnull=True
    ).values()
    return list(mail.outbox)


class TestBanner:
    @pytest.mark.parametrize("path", PAGES)
    def test_every_page_says_the_day_and_that_it_permits_more(self, client, plant, path):
        plant(NEXT, PRINTER)
        html = client.get(path).content.decode()
        assert "Our privacy policy changes on March 1, 2031" in html
        assert "It will permit more than today." in html
        assert f"/privacy/policy/compare/{NOW}/{NEXT}/" in html
        assert f"/privacy/policy/{NEXT}/answer/" in html

    def test_where_only_words_change_it_says_so_and_asks_nothing(self, client, plant):
        plant(NEXT, reworded)
        html = client.get("/").content.decode()
        assert "It will permit nothing more than today" in html
        assert "/answer/" not in html

    def test_in_korean(self, client, plant):
        plant(NEXT, PRINTER)
        assert "2031년 3월 1일" in client.get("/ko/").content.decode()

    def test_before_anything_is_published_and_from_its_day_on_there_is_none(self, client, plant):
        assert "policy-banner" not in client.get("/").content.decode()
        plant(NEXT, PRINTER)
        assert "policy-banner" in client.get("/").content.decode()
        with time_machine.travel(ON_THAT_DAY):
            assert "policy-banner" not in client.get("/").content.decode()

    @pytest.mark.parametrize("path", ["/", "/products/", "/privacy/policy/"])
    def test_it_costs_no_question_to_the_database(self, client, plant, path, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client.get(path)
        with CaptureQueriesContext(connection) as before:
            client.get(path)
        plant(NEXT, PRINTER)
        with django_assert_num_queries(len(before)):
            assert "policy-banner" in client.get(path).content.decode()

    def test_it_is_closed_without_a_script_and_stays_closed_for_this_version(self, client, plant):
        plant(NEXT, PRINTER)
        form = re.search(
            r'<form method="post" action="(/privacy/policy/[^"]+/seen/)"', client.get("/products/").content.decode()
        )
        response = client.post(form.group(1), {"next": "/products/"})
        assert (response.status_code, response["Location"]) == (302, "/products/")
        cookie = client.cookies["policy_seen"]
        assert cookie.value == NEXT
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert "policy-banner" not in client.get("/products/").content.decode()
        client.cookies["policy_seen"] = "2030-01-01"
        assert "policy-banner" in client.get("/products/").content.decode()

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
    def test_it_leads_nowhere_else(self, client, plant, target):
        plant(NEXT, PRINTER)
        assert client.post(f"/privacy/policy/{NEXT}/seen/", {"next": target})["Location"] == "/"

    def test_what_is_not_coming_sets_no_cookie_and_looking_sets_none(self, client, plant):
        client.post("/privacy/policy/2030-01-01/seen/", {"next": "/"})
        assert "policy_seen" not in client.cookies
        assert client.get(f"/privacy/policy/{NEXT}/seen/").status_code == 405
        plant(NEXT, PRINTER)
        client.get("/")
        assert "policy_seen" not in client.cookies

    def test_its_cookie_is_declared(self):
        from cookies.inventory import ESSENTIAL, group_of

        assert group_of("policy_seen") == ESSENTIAL


class TestMail:
    def test_each_account_is_told_once(self, account, plant):
        other = User.objects.create_user("other@example.com", "long-enough-and-odd-42")
        plant(NEXT, PRINTER)
        letters = deliver()
        assert sorted(m.to[0] for m in letters) == ["minji@example.com", "other@example.com"]
        assert other
        publication = Publication.objects.get(version=NEXT)
        telling.announce(str(publication.pk))
        telling.announce_again()
        assert deliver() == []

    def test_it_says_what_changes_for_this_person_and_where_to_answer(self, account, plant):
        plant(NEXT, PRINTER)
        (letter,) = deliver()
        assert letter.subject == "Our privacy policy changes on March 1, 2031"
        assert "Printer (en)" in letter.body
        assert f"/privacy/policy/{NEXT}/answer/" in letter.body
        assert f"/privacy/policy/compare/{NOW}/{NEXT}/" in letter.body

    def test_somebody_whom_it_does_not_touch_hears_of_it_and_is_asked_nothing(self, account, plant):
        plant(NEXT, period("complaint", "P9Y"))
        (letter,) = deliver()
        assert "None of it touches data that you have given us so far" in letter.body
        assert "/answer/" not in letter.body

    def test_words_alone_are_told_too(self, account, plant):
        plant(NEXT, reworded)
        (letter,) = deliver()
        assert "It permits nothing more than the present one; you need do nothing." in letter.body

    def test_it_is_in_the_language_in_which_the_person_read_us_last(self, account, plant):
        from privacy.gate import collecting
        from privacy.models import RequestMessage
        from tests.support.people import shown_notice

        with collecting(
            surface="web.privacy_request",
            subject=account.subject,
            fields=[RequestMessage.sender],
            notice=shown_notice(RequestMessage.sender, locale="ko"),
        ):
            pass
        plant(NEXT, PRINTER)
        (letter,) = deliver()
        assert "Printer (ko)" in letter.body
        assert f"/ko/privacy/policy/{NEXT}/answer/" in letter.body

    @pytest.mark.parametrize("gone", ["inactive", "closed", "unconfirmed"])
    def test_nobody_who_cannot_be_written_to(self, account, plant, gone):
        if gone == "inactive":
            User.objects.update(is_active=False)
        elif gone == "closed":
            User.objects.update(closed_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
        else:
            account.emailaddress_set.update(verified=False)
        plant(NEXT, PRINTER)
        assert deliver() == []

    def test_many_are_told_some_at_a_time_and_nobody_is_forgotten(self, plant, monkeypatch):
        monkeypatch.setattr(telling, "BATCH", 3)
        for n in range(8):
            User.objects.create_user(f"p{n}@example.com", "long-enough-and-odd-42")
        plant(NEXT, reworded)
        letters = deliver()
        assert sorted(m.to[0] for m in letters) == [f"p{n}@example.com" for n in range(8)]

    def test_who_comes_later_is_told_by_the_daily_look(self, account, plant):
        plant(NEXT, PRINTER)
        deliver()
        User.objects.create_user("late@example.com", "long-enough-and-odd-42")
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)):
            telling.announce_again()
            assert [m.to[0] for m in deliver()] == ["late@example.com"]
        with time_machine.travel(ON_THAT_DAY):
            assert telling.announce_again() == 0


class TestAnswers:
    def page(self, client, version=NEXT, **query):
        return client.get(f"/privacy/policy/{version}/answer/", query)

    def send(self, client, *answers, version=NEXT, **more):
        page = self.page(client, version)
        sent = {"notice": page.context["notice"], "lang": page.context["chosen"].tag}
        sent |= {f"answer_{n}": said for n, said in enumerate(answers)}
        return client.post(f"/privacy/policy/{version}/answer/", sent | more)

    def test_it_asks_those_who_are_signed_in(self, client, plant):
        plant(NEXT, PRINTER)
        response = self.page(client)
        assert response.status_code == 302
        assert reverse("account_login") in response["Location"]

    def test_nothing_is_chosen_for_anybody(self, signed_in, plant):
        plant(NEXT, PRINTER)
        html = self.page(signed_in).content.decode()
        assert "May we hand on what you gave us before to Printer (en)?" in html
        assert 'value="yes"' in html
        assert not re.search(r'type="radio"[^>]*checked', html)
        assert "Not answered, so not permitted." in html

    def test_whom_nothing_touches_is_asked_nothing(self, signed_in, plant):
        plant(NEXT, period("complaint", "P9Y"))
        page = self.page(signed_in)
        assert page.context["questions"] == []
        assert "None of it touches data that you gave us." in page.content.decode()

    @pytest.mark.parametrize(("word", "yes"), [("yes", True), ("no", False)])
    def test_an_answer_is_evidence_of_what_was_shown(self, signed_in, account, plant, word, yes):
        plant(NEXT, PRINTER)
        assert self.send(signed_in, word).status_code == 302
        kept = PolicyAnswer.objects.get()
        assert (kept.subject, kept.version, kept.yes, kept.locale) == (account.subject, NEXT, yes, "en")
        assert kept.permits == [f"hand:printer:processor:DE:{Purpose.AUTHENTICATION}:{EMAIL}"]
        assert kept.shown_at <= kept.received_at
        assert re.search(rf'value="{word}" checked', self.page(signed_in).content.decode())

    @pytest.mark.django_db(transaction=True)
    def test_the_words_that_were_shown_are_kept(self, signed_in, plant):
        plant(NEXT, PRINTER)
        self.send(signed_in, "yes")
        text = ShownText.objects.get(digest=PolicyAnswer.objects.get().text_digest)
        assert "May we hand on what you gave us before to Printer (en)?" in text.text

    @pytest.mark.parametrize("locale", ["en", "ko", "ja", "zh"])
    def test_in_each_language(self, signed_in, plant, locale):
        plant(NEXT, several(PRINTER, moved("mailer", "US"), also_for("finance", EMAIL, "account", "consent")))
        tag = reading.LANGUAGES[locale].tag
        page = self.page(signed_in, lang=tag)
        questions = [question for _one, _row, question in page.context["questions"]]
        assert len(questions) == 3
        assert all("{" not in question for question in questions)
        assert any(f"Printer ({locale})" in question for question in questions)
        self.send(signed_in, "yes", "no", "yes", lang=tag, notice=page.context["notice"])
        assert {kept.locale for kept in PolicyAnswer.objects.all()} == {locale}

    def test_silence_is_no_answer_and_the_last_word_counts(self, signed_in, account, plant):
        plant(NEXT, PRINTER)
        (asked,) = answering.asked_of(account.subject, policy.load(NEXT))
        assert asked.said is None
        self.send(signed_in)
        assert not PolicyAnswer.objects.exists()
        for word, said in (("yes", True), ("no", False), ("yes", True)):
            self.send(signed_in, word)
            (asked,) = answering.asked_of(account.subject, policy.load(NEXT))
            assert asked.said is said
        assert PolicyAnswer.objects.count() == 3

    @pytest.mark.parametrize(
        "sent", [{"answer_0": "maybe"}, {"answer_7": "yes"}, {"answer_0": ""}, {"answer_x": "yes"}]
    )
    def test_what_is_no_answer_is_none(self, signed_in, plant, sent):
        plant(NEXT, PRINTER)
        assert self.send(signed_in, **sent).status_code == 302
        assert not PolicyAnswer.objects.exists()

    @pytest.mark.parametrize("token", ["", "x", "2031-03-01|en|00:1abc:xyz", "\x00"])
    def test_an_answer_to_what_was_not_shown_is_not_kept(self, signed_in, plant, token):
        plant(NEXT, PRINTER)
        response = self.send(signed_in, "yes", notice=token)
        assert response.status_code == 302
        assert not PolicyAnswer.objects.exists()
        assert "has changed" in self.page(signed_in).content.decode()

    def test_an_answer_in_one_language_does_not_prove_another(self, signed_in, plant):
        plant(NEXT, PRINTER)
        self.send(signed_in, "yes", lang="ja")
        assert not PolicyAnswer.objects.exists()

    def test_a_new_purpose_that_asks_is_permitted_or_refused_for_its_roads(self, signed_in, account, plant):
        def letters_with_offers(data, words):
            also_for(NEW, EMAIL, "account", "consent")(data, words)
            data["permission"].append(
                {
                    "purpose": NEW,
                    "channel": "email",
                    "jurisdiction": "*",
                    "mechanism": "opt_in",
                }
            )

        plant(NEXT, letters_with_offers)
        way = {"purpose": NEW, "channel": "email"}
        assert not Preference.objects.filter(subject=account.subject, **way).exists(), "not asked is not refused"
        self.send(signed_in, "no")
        assert Preference.objects.get(subject=account.subject, **way).state == ConsentState.REFUSED
        self.send(signed_in, "yes")
        event = ConsentEvent.objects.filter(**way).latest("received_at")
        assert (event.state, event.policy_version) == (ConsentState.GIVEN, NEXT)
        assert event.text_digest == PolicyAnswer.objects.latest("received_at").text_digest
        with time_machine.travel(ON_THAT_DAY):
            assert may_contact(account.subject, *way.values())

    def test_a_no_to_more_of_a_purpose_leaves_the_permission_that_stood(self, signed_in, account, plant):
        from privacy.permission import grant
        from tests.support.people import shown_notice

        way = (Purpose.MARKETING_EMAIL, "email")
        grant(account.subject, *way, method="form", notice=shown_notice(asks=[way[0]]))
        plant(NEXT, also_for(Purpose.MARKETING_EMAIL, EMAIL, "account"))
        self.send(signed_in, "no")
        assert PolicyAnswer.objects.get().yes is False
        assert may_contact(account.subject, *way)

    @pytest.mark.parametrize("version", ["2030-01-01", "x", "..%2f", "%00"])
    def test_a_version_that_asks_nothing_is_not_there(self, signed_in, version):
        assert signed_in.get(f"/privacy/policy/{version}/answer/").status_code == 404

    def test_an_answer_is_never_changed(self, signed_in, plant):
        from django.db import DatabaseError, transaction

        plant(NEXT, PRINTER)
        self.send(signed_in, "no")
        with pytest.raises(DatabaseError), transaction.atomic():
            PolicyAnswer.objects.update(yes=True)

    def test_the_privacy_centre_says_what_waits_for_an_answer(self, signed_in, plant):
        assert "/answer/" not in signed_in.get("/privacy/").content.decode()
        plant(NEXT, PRINTER)
        signed_in.cookies["policy_seen"] = NEXT
        assert f"/privacy/policy/{NEXT}/answer/" in signed_in.get("/privacy/").content.decode()
        self.send(signed_in, "no")
        html = signed_in.get("/privacy/").content.decode()
        assert "/answer/" not in html


def test_a_buyer_is_asked_about_the_parcel_and_a_reader_is_not(client, open_store, plant):
    """Two people, one change: only the one whose address was collected is touched."""
    order = buy(client, variant())
    reader = User.objects.create_user("reader@example.com", "long-enough-and-odd-42").subject
    plant(NEXT, moved("courier", "US"))
    after = policy.load(NEXT)
    (asked,) = answering.asked_of(order.delivery_address.subject, after)
    assert asked.change.key == "courier"
    assert answering.asked_of(reader, after) == []
    assert DeliveryAddress.objects.exists()
    assert published.all_of_them()[-1].version == NEXT
