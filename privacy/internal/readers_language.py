"""The pages that a letter leads to open in the language of its reader, where the store speaks it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation


def pages_for(locale: str) -> AbstractContextManager[None]:
    """Addresses that are made within lead to pages in this language, or in the store's own.

    The desk writes in more languages than the pages have, and an address under any other leads nowhere.
    """
    spoken = locale.partition("-")[0]
    return translation.override(spoken if spoken in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
