"""The answer about cookies that a browser brings along: read from a signed cookie, and nothing is permitted without one."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from cookie_consent.conf import settings
from cookie_consent.util import dict_to_cookie_str, parse_cookie_str
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language_info

from cookies import inventory, question
from privacy.gpc import asks_for_privacy
from privacy.notice import ShownNotice

_SALT = "cookies.answer"
_KEPT_ON_REQUEST = "_cookie_answer"
# Enough of the digest to tell texts apart; the whole one stands in the ledger.
_DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What was permitted, and whether the browser was sending Global Privacy Control when it was."""

    permitted: frozenset[str]
    under_gpc: bool = False


def answer_of(request: HttpRequest) -> Answer | None:
    """The visitor's answer, or None: never asked, or the cookie is forged, damaged, too old or about another text.

    `Sec-GPC: 1` sent by a browser that had not sent it when it answered is the later word, and means no. No SQL.
    """
    kept = request.__dict__.get(_KEPT_ON_REQUEST, False)
    if kept is not False:
        return kept
    cookie = request.COOKIES.get(settings.COOKIE_CONSENT_NAME, "")
    if cookie:
        today = _today(int(time.time()) // _QUARTER)
        answer = _read(cookie, today, question.version(today))
    else:
        answer = None
    if answer is not None and answer.permitted and asks_for_privacy(request) and not answer.under_gpc:
        answer = None
    setattr(request, _KEPT_ON_REQUEST, answer)
    return answer


def is_answered(request: HttpRequest) -> bool:
    """Whether there is nothing to ask: a valid answer, or a browser that says no for its owner."""
    return answer_of(request) is not None or asks_for_privacy(request)


def permits(request: HttpRequest, group: str) -> bool:
    """Whether this visitor permits cookies of an optional group. Without an answer: no."""
    answer = answer_of(request)
    return answer is not None and group in answer.permitted


def remember(response: HttpResponseBase, permitted: Iterable[str], shown: ShownNotice, *, under_gpc: bool) -> None:
    """Put the answer into the browser.

    It names the day and not the second, so that the cookie is the same for all who answered alike: no identifier.
    """
    permitted = set(permitted)
    states = {
        key: shown.version if key in permitted else settings.COOKIE_CONSENT_DECLINE
        for key in sorted(inventory.OPTIONAL_KEYS)
    }
    content = dict_to_cookie_str(
        {
            "on": timezone.localdate().isoformat(),
            "version": shown.version,
            "locale": shown.locale,
            "text": shown.digest[:_DIGEST_LENGTH],
            "gpc": "1" if under_gpc else "0",
            **states,
        }
    )
    response.set_cookie(
        settings.COOKIE_CONSENT_NAME,
        signing.Signer(salt=_SALT).sign(content),
        max_age=settings.COOKIE_CONSENT_MAX_AGE,
        domain=settings.COOKIE_CONSENT_DOMAIN,
        secure=settings.COOKIE_CONSENT_SECURE,
        httponly=settings.COOKIE_CONSENT_HTTPONLY,
        samesite=settings.COOKIE_CONSENT_SAMESITE,
    )


def forget_unpermitted(request: HttpRequest, response: HttpResponseBase, permitted: Iterable[str]) -> list[str]:
    """Delete the browser's cookies of every optional group that is not permitted, also by prefix; the names deleted."""
    permitted = set(permitted)
    names = [n for n, group in inventory.optional_cookies_among(request.COOKIES) if group not in permitted]
    for name in names:
        response.delete_cookie(name, samesite="Lax")
    return names


# Wherever a store may stand, its midnight is at a full quarter of an hour.
_QUARTER = 15 * 60


@lru_cache(maxsize=2)
def _today(quarter: int) -> dt.date:
    return timezone.localdate(dt.datetime.fromtimestamp(quarter * _QUARTER, tz=dt.UTC))


# The cookie is the same for all who answered alike on a day, so few are checked and most are known.
@lru_cache(maxsize=512)
def _read(cookie: str, today: dt.date, in_force: str) -> Answer | None:
    try:
        content = parse_cookie_str(signing.Signer(salt=_SALT).unsign(cookie))
        answered_on = dt.date.fromisoformat(content["on"])
        states = {key: content[key] for key in inventory.OPTIONAL_KEYS}
        get_language_info(content["locale"])
        current = question.is_current(content["version"], content["locale"], content["text"])
    except (signing.BadSignature, KeyError, ValueError):
        return None
    if not current or today - answered_on > dt.timedelta(seconds=settings.COOKIE_CONSENT_MAX_AGE):
        return None
    permitted = frozenset(key for key, state in states.items() if state == in_force)
    return Answer(permitted, under_gpc=content.get("gpc") == "1")
