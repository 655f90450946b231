"""What the store remembers of a visitor's tastes: in the visitor's own browser, with permission only, and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from cookies import consent, inventory

COOKIE = "pref_shop"
MAX_AGE = 365 * 24 * 3600  # seconds
MOST_VIEWED = 6
MOST_INTERESTS = 8

_SALT = "cookies.preferences"
_KEPT_ON_REQUEST = "_preferences"
_SLUG = re.compile(r"[\w-]{1,100}")


@dataclass(frozen=True, slots=True)
class Preferences:
    """The language and currency last chosen, the goods last looked at (the latest first), and the shelves that are liked."""

    language: str = ""
    currency: str = ""
    viewed: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()

    def having_viewed(self, slug: str) -> Preferences:
        """The same after one more product was looked at."""
        return replace(self, viewed=(slug, *(s for s in self.viewed if s != slug))[:MOST_VIEWED])


NOTHING = Preferences()


def of(request: HttpRequest) -> Preferences:
    """What this visitor's browser remembers; nothing without permission, and nothing of a cookie that is not ours."""
    kept = request.__dict__.get(_KEPT_ON_REQUEST)
    if kept is None:
        kept = _read(request.COOKIES.get(COOKIE, "")) if permitted(request) else NOTHING
        setattr(request, _KEPT_ON_REQUEST, kept)
    return kept


def permitted(request: HttpRequest) -> bool:
    """Whether anything may be remembered."""
    return consent.permits(request, inventory.PREFERENCES)


def remember(request: HttpRequest, response: HttpResponseBase, preferences: Preferences) -> bool:
    """Put the preferences into the browser, where that is permitted and they changed; whether it is permitted."""
    if not permitted(request):
        return False
    if preferences != of(request):
        setattr(request, _KEPT_ON_REQUEST, preferences)
        content = json.dumps(
            [preferences.language, preferences.currency, preferences.viewed, preferences.interests],
            separators=(",", ":"),
        )
        response.set_cookie(
            COOKIE,
            signing.b64_encode(signing.Signer(salt=_SALT).sign(content).encode()).decode(),
            max_age=MAX_AGE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return True


def _read(cookie: str) -> Preferences:
    if not cookie:
        return NOTHING
    try:
        content = signing.Signer(salt=_SALT).unsign(signing.b64_decode(cookie.encode()).decode())
        language, currency, viewed, interests = json.loads(content)
    except (signing.BadSignature, ValueError, TypeError):
        return NOTHING
    return Preferences(
        language if language in dict(settings.LANGUAGES) else "",
        currency if currency in settings.CURRENCIES else "",
        _slugs(viewed)[:MOST_VIEWED],
        _slugs(interests)[:MOST_INTERESTS],
    )


def _slugs(found: Sequence[str]) -> tuple[str, ...]:
    return tuple(slug for slug in found if isinstance(slug, str) and _SLUG.fullmatch(slug))
