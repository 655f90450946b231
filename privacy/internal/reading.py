"""The policy as people read it: in which languages, with which words around it, and how its days are written."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.utils import translation
from django.utils.formats import date_format

from privacy.internal import policy


@dataclass(frozen=True, slots=True)
class Language:
    """One of the languages: the name of its files, what a browser calls it, what Django calls it, and its own name."""

    locale: str
    tag: str
    code: str
    name: str


LANGUAGES: Mapping[str, Language] = {
    language.locale: language
    for language in (
        Language("en", "en", "en", "English"),
        Language("ko", "ko", "ko", "한국어"),
        Language("ja", "ja", "ja", "日本語"),
        Language("zh", "zh-Hans", "zh-hans", "简体中文"),
    )
}


def language_for(wanted: str | None, shown: policy.Policy) -> Language:
    """The language that is asked for, as "ja" or "zh-CN"; else that of the page; else English."""
    for name in (wanted, translation.get_language(), policy.SOURCE_LOCALE):
        locale = (name or "").lower().replace("_", "-").split("-")[0]
        if locale in LANGUAGES and locale in shown.locales:
            return LANGUAGES[locale]
    return LANGUAGES[policy.SOURCE_LOCALE]


def day(date: dt.date, language: Language) -> str:
    """A day as that language writes it."""
    with translation.override(language.code):
        return date_format(date, "DATE_FORMAT")


def around(locale: str) -> policy.Words:
    """The words around the policy: headings, marks, questions. They belong to no version."""
    return _around(locale if locale in LANGUAGES else policy.SOURCE_LOCALE)


@cache
def _around(locale: str) -> policy.Words:
    return policy.Words(locale, tomllib.loads((policy.FOLDER / f"page.{locale}.toml").read_text(encoding="utf-8")))


def phrase(words: policy.Words, table: str, key: str, **values: object) -> str:
    """A sentence of those with its values in their places."""
    text = words.of(table, key)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def word(words: policy.Words, table: str, key: str) -> str:
    """The word for an id, or the id where that version has none: what was removed has words in the earlier one only."""
    return str(words.data.get(table, {}).get(key, key))
