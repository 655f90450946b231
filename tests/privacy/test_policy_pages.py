"""The policy can be read in four languages, at every version, beside any other, as data, and a browser knows it when it has it."""

import re

import pytest
import time_machine

from privacy.declaration import Purpose
from privacy.internal import policy, reading
from tests.support.policies import new_recipient, period, reworded, several

pytestmark = pytest.mark.django_db

PAGE = "/privacy/policy/"
NOW, NEXT = "2026-11-01", "2031-03-01"
TAGS = {"en": "en", "ko": "ko", "ja": "ja", "zh": "zh-Hans"}
HANGUL, KANA, HAN = r"[가-힣]", r"[ぁ-ヿ]", r"[一-鿿]"


def article(response) -> str:
    """What is inside the policy's own element, without tags."""
    html = response.content.decode()
    inside = re.search(r"<article[^>]*>.*</article>", html, re.DOTALL).group()
    return re.sub(r"<nav class=\"policy-languages\".*?</nav>", "", inside, flags=re.DOTALL)


def prose(response) -> str:
    return re.sub(r"<[^>]+>", " ", article(response))


class TestLanguages:
    @pytest.mark.parametrize("path", [PAGE, f"{PAGE}{NOW}/", f"/ko{PAGE}"])
    @pytest.mark.parametrize("locale", TAGS)
    def test_every_version_is_read_in_each_under_its_tag(self, client, path, locale):
        response = client.get(path, {"lang": TAGS[locale]})
        assert re.search(rf'<article[^>]* lang="{TAGS[locale]}"', response.content.decode())
        words = policy.current().words(locale).data
        text = prose(response)
        assert words["title"] in text
        for section in words["section"]:
            assert policy.fill(section["body"]) in response.content.decode().replace("&#x27;", "'"), section["clause"]
        site = re.search(r'<html lang="(\w+)"', response.content.decode()).group(1)
        assert site == ("ko" if path.startswith("/ko") else "en")

    @pytest.mark.parametrize(
        ("locale", "own", "others"),
        [
            ("en", r"[a-z]", f"{HANGUL}|{KANA}|{HAN}"),
            ("ko", HANGUL, KANA),
            ("ja", KANA, HANGUL),
            ("zh", HAN, f"{HANGUL}|{KANA}"),
        ],
    )
    def test_nothing_in_it_is_of_another_language(self, client, settings, locale, own, others):
        text = prose(client.get(PAGE, {"lang": locale}))
        assert len(re.findall(own, text)) > 800
        assert re.findall(others, text) == []
        if locale in ("ja", "zh"):
            for name in (settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS, settings.PRIVACY_MAILBOX):
                text = text.replace(name, "")
            assert set(re.findall(r"[A-Za-z]{3,}", text)) <= {"Cookie"}

    @pytest.mark.parametrize("wanted", ["xx", "", "../en", "<b>", "zh-TW-x", "JA", "zh_CN", "%00", "ko" * 400])
    def test_a_language_that_there_is_not_is_read_in_the_page_own(self, client, wanted):
        response = client.get(PAGE, {"lang": wanted})
        expected = {"ja": "ja", "zh": "zh-Hans"}.get(wanted.lower().replace("_", "-").split("-")[0], "en")
        assert response.context["policy"].language.tag == expected

    def test_without_a_choice_it_is_in_the_language_of_the_store(self, client):
        assert client.get(PAGE).context["policy"].language.tag == "en"
        assert client.get(f"/ko{PAGE}").context["policy"].language.tag == "ko"

    def test_the_choice_names_each_language_in_itself(self, client):
        html = client.get(PAGE, {"lang": "ja"}).content.decode()
        for tag, name in (("en", "English"), ("ko", "한국어"), ("ja", "日本語"), ("zh-Hans", "简体中文")):
            assert re.search(rf'<a href="\?lang={tag}" lang="{tag}"[^>]*>{name}</a>', html)
        assert re.search(r'lang="ja"[^>]*aria-current="true"', html)

    def test_every_language_says_everything(self):
        from privacy.internal.publishing import LOCALES, _keys, _named

        in_force = policy.current()
        wanted = {*_named(in_force), *_keys(in_force.words("en").data)}
        for locale in LOCALES:
            words = in_force.words(locale)
            assert words.locale == locale
            assert set(_keys(words.data)) == wanted
            for name in ("{operator}", "{address}", "{mailbox}", "{purposes}"):
                counts = [_all_of(in_force.words(one).data).count(name) for one in ("en", locale)]
                assert counts[0] == counts[1], (locale, name)

    def test_the_words_around_it_are_there_in_each(self):
        around = {locale: set(_around(locale)) for locale in TAGS}
        assert around["en"] == around["ko"] == around["ja"] == around["zh"]
        for locale in TAGS:
            for key, text in _around(locale).items():
                english = set(re.findall(r"\{\w+\}", _around("en")[key]))
                assert set(re.findall(r"\{\w+\}", text)) == english, (locale, key)


def _all_of(data) -> str:
    return str(data)


def _around(locale):
    return {f"{t}/{k}": text for t, rows in reading.around(locale).data.items() for k, text in rows.items()}


class TestETag:
    def test_the_data_of_a_version_is_tagged_with_its_digest(self, client):
        for path in (f"{PAGE}policy.json", f"{PAGE}{NOW}/policy.json"):
            response = client.get(path)
            assert response["ETag"] == f'"{policy.load(NOW).digest}"'
            again = client.get(path, headers={"If-None-Match": response["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
            assert client.get(path, headers={"If-None-Match": '"something else"'}).status_code == 200

    @pytest.mark.parametrize("path", [PAGE, f"{PAGE}{NOW}/", f"{PAGE}{NOW}/?lang=ja", f"/ko{PAGE}{NOW}/"])
    def test_a_page_begins_its_tag_with_the_digest_and_is_not_sent_twice(self, client, path):
        response = client.get(path)
        assert response["ETag"].startswith(f'W/"{policy.load(NOW).digest}.')
        assert "no-cache" in response["Cache-Control"]
        again = client.get(path, headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.head(path)["ETag"] == response["ETag"]

    def test_the_tag_is_the_same_in_another_process_and_at_another_hour(self, client):
        first = client.get(f"{PAGE}{NOW}/")["ETag"]
        policy.read_again()
        with time_machine.travel("2027-06-01T12:00:00+09:00"):
            assert client.get(f"{PAGE}{NOW}/")["ETag"] == first

    def test_a_single_letter_is_another_tag(self, client, policy_folder):
        before = client.get(f"{PAGE}{NOW}/policy.json")["ETag"]
        path = policy_folder / f"{NOW}.ja.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("私たち", "わたしたち", 1), encoding="utf-8")
        policy.read_again()
        assert client.get(f"{PAGE}{NOW}/policy.json")["ETag"] != before

    @pytest.mark.parametrize("changed", ["language", "lang", "cookie", "announcement", "day"])
    def test_a_page_that_looks_different_has_another_tag(self, client, plant, changed):
        """A browser that has answered the cookie question must not be shown the page on which it was asked."""
        before = client.get(f"{PAGE}{NOW}/")["ETag"]
        path = f"{PAGE}{NOW}/"
        if changed == "language":
            path = f"/ko{path}"
        elif changed == "lang":
            path += "?lang=zh"
        elif changed == "cookie":
            client.cookies["cookie_consent"] = "traffic_log=2026-11-01"
        else:
            plant(NEXT)
        with time_machine.travel("2031-03-02T09:00:00+09:00" if changed == "day" else "2026-12-01T09:00:00+09:00"):
            response = client.get(path, headers={"If-None-Match": before})
        assert response.status_code == 200
        assert response["ETag"] != before


class TestData:
    def test_a_version_as_data_says_what_the_page_says(self, client):
        data = client.get(f"{PAGE}{NOW}/policy.json", {"lang": "zh"}).json()
        stated = policy.load(NOW)
        assert data["version"] == data["effective"] == NOW
        assert data["digest"] == stated.digest
        assert data["locale"] == "zh-Hans"
        assert data["locales"] == ["en", "ko", "ja", "zh-Hans"]
        assert set(data["retention"]) == set(stated.retention)
        assert data["retention"]["contract"]["period"] == "P5Y"
        assert set(data["collection_points"]) == set(stated.surfaces)
        assert {r["who"] for r in data["recipients"]} == {
            stated.words("zh").of("recipient", r) for r in stated.recipients
        }

    def test_each_version_has_its_own(self, client, plant):
        plant(NEXT, period("contract", "P6Y"))
        assert client.get(f"{PAGE}{NEXT}/policy.json").json()["retention"]["contract"]["period"] == "P6Y"
        assert client.get(f"{PAGE}{NOW}/policy.json").json()["retention"]["contract"]["period"] == "P5Y"
        assert client.get(f"{PAGE}2030-01-01/policy.json").status_code == 404


class TestCompare:
    @pytest.fixture
    def two(self, plant):
        return plant(
            NEXT,
            several(
                new_recipient("printer", "DE", {Purpose.SUPPORT: ["user.contact.email"]}),
                period("contract", "P6Y"),
                reworded,
            ),
        )

    def test_what_the_store_may_do_and_how_it_is_said_stand_side_by_side(self, client, two):
        response = client.get(f"{PAGE}compare/{NOW}/{NEXT}/")
        rows = response.context["rows"]
        assert [(row.about, row.how, row.material) for row in rows] == [
            ("Who receives it", "New", True),
            ("How long it is kept", "Longer", True),
        ]
        text = prose(response)
        assert "Printer (en)" in text
        assert "P6Y (en)" in text
        assert "Kept for 5 years after the order" in text
        assert re.search(r"<ins>.*?We have said so before.*?</ins>", article(response), re.DOTALL)
        marks = {text.anchor: mark for text, mark in response.context["texts"]}
        assert marks["use-only-as-stated"] == "Changed"
        assert marks["security"] == "Unchanged"

    @pytest.mark.parametrize("locale", TAGS)
    def test_in_each_language_what_differs_is_said_in_words(self, client, two, locale):
        response = client.get(f"{PAGE}compare/{NOW}/{NEXT}/", {"lang": TAGS[locale]})
        around = reading.around(locale)
        text = prose(response)
        for key in ("material", "before", "after", "new"):
            assert around.of("compare", key) in text or around.of("how", "new") in text
        assert text.count(around.of("compare", "material")) >= 2
        assert f"Printer ({locale})" in text
        if locale != "en":
            assert around.of("compare", "same_words") not in text, "the sentence about retention is another one"

    def test_what_was_taken_out_and_put_in_is_said_to_those_who_see_no_colour(self, client, plant):
        plant(NEXT, **{"This is not a wish": "This is more than a wish"})
        html = article(client.get(f"{PAGE}compare/{NOW}/{NEXT}/"))
        assert re.search(r'<del><span class="visually-hidden">removed:</span>not</del>', html)
        assert re.search(r'<ins><span class="visually-hidden">added:</span>more than</ins>', html)

    @pytest.mark.parametrize("prefix", ["", "/ko"])
    def test_the_page_around_it_stays_in_the_language_of_the_store(self, client, two, prefix):
        html = client.get(f"{prefix}{PAGE}compare/{NOW}/{NEXT}/", {"lang": "ja"}).content.decode()
        assert re.search(rf'<html lang="{"ko" if prefix else "en"}">', html)
        assert html.count('hreflang="ja"') == 1, "the choice on the page, and not the footer"

    def test_the_same_twice_says_so(self, client):
        assert "These two versions say the same." in prose(client.get(f"{PAGE}compare/{NOW}/{NOW}/"))

    def test_words_alone_say_that_nobody_is_asked(self, client, plant):
        plant(NEXT, reworded)
        text = prose(client.get(f"{PAGE}compare/{NOW}/{NEXT}/"))
        assert "The store may do the same as before." in text

    @pytest.mark.parametrize("pair", ["x/y", f"{NOW}/2030-01-01", "..%2f/..%2f", f"{NOW}/{NOW}.en", "%00/%00"])
    def test_what_is_no_version_is_not_there(self, client, pair):
        assert client.get(f"{PAGE}compare/{pair}/").status_code == 404

    def test_it_has_a_tag_of_its_own(self, client, two):
        response = client.get(f"{PAGE}compare/{NOW}/{NEXT}/")
        again = client.get(f"{PAGE}compare/{NOW}/{NEXT}/", headers={"If-None-Match": response["ETag"]})
        assert again.status_code == 304

    def test_every_version_leads_to_what_it_changed(self, client, two):
        html = client.get(PAGE).content.decode()
        assert f'href="/privacy/policy/compare/{NOW}/{NEXT}/?lang=en"' in html
        assert "takes effect on March 1, 2031" in html
