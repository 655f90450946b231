"""Every cookie that a browser can receive from this store, and what it is for: page, banner and clean-up read it here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Purpose

ESSENTIAL = "essential"
PREFERENCES = "preferences"
TRAFFIC = "traffic_log"

# The random name of one visit; it says nothing and is worth nothing after the day's salt is gone.
TRAFFIC_COOKIE = "traffic_log"


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie, or every cookie whose name begins with `name` when `prefix` is set."""

    name: str
    group: str
    purpose: str
    lifetime: str
    http_only: bool = True
    prefix: bool = False

    def is_named(self, name: str) -> bool:
        """Whether a browser's cookie of this name is the one that is declared here."""
        return name.startswith(self.name) if self.prefix else name == self.name

    @property
    def shown_name(self) -> str:
        """The name as the page shows it: a prefix ends in a star."""
        return f"{self.name}*" if self.prefix else self.name


@dataclass(frozen=True, slots=True)
class Group:
    """Cookies that are permitted or declined together. `purpose` is what the ledger writes; an essential group has none."""

    key: str
    name: str
    description: str
    purpose: Purpose | None = None

    @property
    def optional(self) -> bool:
        """Whether the visitor is asked."""
        return self.purpose is not None

    @property
    def cookies(self) -> list[Cookie]:
        """The cookies of this group, in the order of their declaration."""
        return [cookie for cookie in cookies() if cookie.group == self.key]


GROUPS: tuple[Group, ...] = (
    Group(
        ESSENTIAL,
        _("Essential"),
        _("Without these the store cannot keep your basket, sign you in or protect a form. They are not asked about."),
    ),
    Group(
        PREFERENCES,
        _("Preferences"),
        _(
            "The store remembers what you like: language, currency, the shelves you chose and the products you looked at."
        ),
        Purpose.PERSONALISE,
    ),
    Group(
        TRAFFIC,
        _("Traffic log"),
        _("Your page views are added to the store’s statistics within seconds; then the raw data is removed."),
        Purpose.STATISTICS,
    ),
)
OPTIONAL: tuple[Group, ...] = tuple(group for group in GROUPS if group.optional)
OPTIONAL_KEYS: frozenset[str] = frozenset(group.key for group in OPTIONAL)


@cache
def cookies() -> tuple[Cookie, ...]:
    """The declaration itself. Names that are settings are read from the settings, so that they cannot drift apart."""
    visit = _("until you close the browser")
    return (
        Cookie(
            settings.CSRF_COOKIE_NAME,
            ESSENTIAL,
            _("Shows that a form was sent from our own page and not from another site."),
            _("1 year"),
            http_only=settings.CSRF_COOKIE_HTTPONLY,
        ),
        Cookie(
            settings.SESSION_COOKIE_NAME,
            ESSENTIAL,
            _("Keeps you signed in, or keeps your order together while you check out; staff sign in with it too."),
            _("14 days"),
        ),
        Cookie(
            "messages", ESSENTIAL, _("Carries one notice, such as “added to your basket”, to the next page."), visit
        ),
        Cookie(
            "basket",
            ESSENTIAL,
            _("Finds your basket again. It is set when you put the first product in."),
            _("30 days"),
        ),
        Cookie(
            settings.COOKIE_CONSENT_NAME,
            ESSENTIAL,
            _("Remembers your answer about cookies. It is the same for everybody who gave the same answer that day."),
            _("1 year"),
            http_only=settings.COOKIE_CONSENT_HTTPONLY,
        ),
        Cookie(
            "policy_seen",
            ESSENTIAL,
            _("Remembers that you closed the notice of a coming version of our privacy policy. It names that version."),
            _("until the version takes effect"),
        ),
        Cookie(
            "pref_",
            PREFERENCES,
            _("Remembers your language and currency, the shelves you like and the last products you looked at."),
            _("1 year"),
            prefix=True,
        ),
        Cookie(
            TRAFFIC_COOKIE,
            TRAFFIC,
            _("A random name for this visit, so that several page views count as one visitor of the day."),
            visit,
        ),
    )


def group_of(cookie_name: str) -> str | None:
    """The key of the group in which a browser's cookie is declared, None for a cookie that is not ours."""
    return next((cookie.group for cookie in cookies() if cookie.is_named(cookie_name)), None)


def optional_cookies_among(names: Iterable[str]) -> list[tuple[str, str]]:
    """The name and group of each of a browser's cookies that needed permission."""
    found = ((name, group_of(name)) for name in names)
    return [(name, group) for name, group in found if group in OPTIONAL_KEYS]
