"""What every page knows about the store and its reader, without one line of SQL."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.functional import cached_property
from django.utils.translation import get_language, get_language_info, override

BASKET_COOKIE = "basket"
BASKET_SALT = "orders.basket"


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The page that is being read, in one of the store's languages."""

    code: str
    name: str
    url: str
    current: bool


class Store:
    """The store as the templates see it. What a page does not use is not worked out."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.name = "KMALL24"
        self.operator = settings.OPERATOR_NAME
        self.address = settings.OPERATOR_ADDRESS
        self.privacy_mailbox = settings.PRIVACY_MAILBOX
        self.base_url = settings.BASE_URL

    @cached_property
    def languages(self) -> list[LanguageLink]:
        """Links to this page in every language; a page without translation (an error, a form's answer) leads home."""
        path, current = self._request.get_full_path(), get_language()
        found = []
        for code, _name in settings.LANGUAGES:
            url = path if code == current else translate_url(path, code)
            if url == path and code != current:
                url = _home(code)
            found.append(LanguageLink(code, get_language_info(code)["name_local"], url, code == current))
        return found

    @cached_property
    def canonical_url(self) -> str:
        """The absolute address of this page, without what was typed after the question mark."""
        return self.base_url + self._request.path

    @cached_property
    def basket_count(self) -> int:
        """Pieces in the basket, from the signed cookie (`<key>:<count>`); a view that changed it says so itself."""
        told = getattr(self._request, "basket_count", None)
        if told is not None:
            return told
        try:
            value = self._request.get_signed_cookie(BASKET_COOKIE, default="", salt=BASKET_SALT)
        except BadSignature:
            return 0
        count = (value or "").rpartition(":")[2]
        return int(count) if count.isascii() and count.isdigit() else 0

    @cached_property
    def gpc(self) -> bool:
        """Whether the browser says no to selling and sharing. Only the exact value counts."""
        return self._request.headers.get("Sec-GPC") == "1"


def _home(code: str) -> str:
    try:
        with override(code):
            return reverse("home")
    except NoReverseMatch:
        return "/"


def store(request: HttpRequest) -> dict[str, Store]:
    return {"store": Store(request)}
