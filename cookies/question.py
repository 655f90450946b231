"""The question about cookies as it is put: its words, the digest that proves which, and the token of the form."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from functools import cache, lru_cache

from django.core import signing
from django.utils.translation import get_language, gettext, override

from cookies import inventory
from privacy.errors import StaleNotice
from privacy.notice import Notice, ShownNotice, version_in_force

_SALT = "cookies.question"


def version(day: dt.date | None = None) -> str:
    """The version of the policy in force, under which the question is asked."""
    return version_in_force(day)


def wording(group: inventory.Group) -> str:
    """The sentence beside the box of one optional group, in the words of the policy and the active language."""
    return Notice({}).words.of("question", str(group.purpose))


def digest(locale: str) -> str:
    """SHA-256 over everything that is said where the question is asked: policy version, language, groups, cookies.

    A text that changes changes the digest, and whoever answered the old text is asked again.
    """
    return _digest(version(), locale)


@cache
def _text(policy_version: str, locale: str) -> str:
    with override(locale):
        shown: list[object] = [policy_version, locale, _heading(), _explanation()]
        for group in inventory.GROUPS:
            asked = wording(group) if group.optional else ""
            listed = [[c.shown_name, str(c.purpose), str(c.lifetime)] for c in group.cookies]
            shown.append([group.key, str(group.name), str(group.description), asked, listed])
    return json.dumps(shown, ensure_ascii=False)


@cache
def _digest(policy_version: str, locale: str) -> str:
    return hashlib.sha256(_text(policy_version, locale).encode()).hexdigest()


def _heading() -> str:
    return gettext("May we set cookies?")


def _explanation() -> str:
    return gettext(
        "Essential cookies keep the store working. With your permission, others remember your preferences and count "
        "page views. The store works in full if you decline, and you can change your answer at any time."
    )


def words() -> dict[str, str]:
    """The heading and the explanation of the banner, in the active language."""
    return {"heading": _heading(), "explanation": _explanation()}


def token() -> str:
    """What the form carries: version, language and digest of the words beside it, signed with the moment of showing."""
    locale = get_language() or "en"
    return _token(f"{version()}|{locale}|{digest(locale)}", int(time.time()))


@lru_cache(maxsize=16)
def _token(what: str, second: int) -> str:
    """As `TimestampSigner` signs: its clock counts seconds, so within one the proof is the same for everybody."""
    signer = signing.TimestampSigner(salt=_SALT)
    return signing.Signer.sign(signer, f"{what}{signer.sep}{signing.b62_encode(second)}")


def is_token(text: str) -> bool:
    """Whether this is a proof that `token` made, however old."""
    try:
        signing.TimestampSigner(salt=_SALT).unsign(text)
    except signing.BadSignature:
        return False
    return True


def shown(sent: str) -> ShownNotice:
    """The question to which an answer was given, or `StaleNotice` when it is not the one that is asked now."""
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(sent or "")
        asked_version, locale, asked_digest = value.split("|")
        shown_at = dt.datetime.fromtimestamp(signing.b62_decode(sent.rsplit(":", 2)[1]), tz=dt.UTC)
    except (signing.BadSignature, ValueError, IndexError, OverflowError, TypeError) as error:
        raise StaleNotice("The proof that came with the answer about cookies is damaged.") from error
    if not is_current(asked_version, locale, asked_digest):
        raise StaleNotice("The question about cookies has changed since the page was opened.")
    controls = frozenset(str(group.purpose) for group in inventory.OPTIONAL)
    return ShownNotice(asked_version, locale, asked_digest, shown_at, controls, _text(asked_version, locale))


def is_current(asked_version: str, locale: str, asked_digest: str) -> bool:
    """Whether the question of this version, language and digest (or its beginning) is the one that is asked now."""
    return asked_version == version() and bool(asked_digest) and digest(locale).startswith(asked_digest)
