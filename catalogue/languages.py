"""Which text is shown when the one in the visitor's language is missing: theirs, else English, else any."""

from collections.abc import Mapping
from typing import TypeVar

from django.conf import settings
from django.utils.translation import get_language

T = TypeVar("T")

FALLBACK_LANGUAGE = "en"


def current_language() -> str:
    """The two-letter language of the page that is being made."""
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


def in_language(by_language: Mapping[str, T], language: str | None = None) -> T | None:
    """The value in a language, else in English, else in the first language that has one; None when there is none."""
    if not isinstance(by_language, Mapping):
        return None  # staff may have typed another shape into the admin
    for wanted in (language or current_language(), FALLBACK_LANGUAGE):
        if by_language.get(wanted):
            return by_language[wanted]
    return next((value for _language, value in sorted(by_language.items()) if value), None)
