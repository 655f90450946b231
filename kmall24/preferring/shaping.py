"""How the front page bends to one visitor: only where that is permitted, and each time with the reason beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.queries import interests_of
from catalogue.cards import Card
from catalogue.languages import current_language
from catalogue.pricing import currency_for
from catalogue.queries import navigation
from catalogue.suggesting import cards_beside, cards_of, cards_on
from cookies import inventory, preferences, question


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some goods, and why this visitor sees them."""

    key: str
    because: str
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Stop:
    """What the button sends that ends it: a no to this group of cookies, like one from the question itself."""

    group: str
    notice: str


def liked(request: HttpRequest) -> tuple[str, ...]:
    """The shelves that are liked: as the account says, else as the browser does. None without permission."""
    if not preferences.permitted(request):
        return ()
    of_account = interests_of(request.user) if request.user.is_authenticated else []
    return tuple(of_account) or preferences.of(request).interests


def shelves(request: HttpRequest) -> list[dict[str, Any]]:
    """The shelves of the store, those that are liked first and marked."""
    wanted = liked(request)
    marked = [{**shelf, "liked": shelf["slug"] in wanted} for shelf in navigation()]
    return sorted(marked, key=lambda shelf: not shelf["liked"])


def viewed(request: HttpRequest) -> list[Card]:
    """The goods that were looked at, without the one that is being looked at."""
    slugs = preferences.of(request).viewed
    here = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    others = [slug for slug in slugs if slug != here]
    return cards_of(others, current_language(), currency_for(request)) if others else []


def suggested(request: HttpRequest, looked_at: list[Card], first: list[dict[str, Any]]) -> list[Shelf]:
    """Goods beside the last one that was looked at, and goods of the shelves that are liked. At most two statements."""
    language, currency = current_language(), currency_for(request)
    found: list[Shelf] = []
    seen = [card.slug for card in looked_at]
    if looked_at:
        beside = cards_beside(looked_at[0].slug, language, currency, without=seen)
        because = _("Because you looked at %(name)s") % {"name": looked_at[0].name}
        found.append(Shelf("beside", because, beside))
    if wanted := [shelf for shelf in first if shelf["liked"]]:
        already = [*seen, *(card.slug for shelf in found for card in shelf.cards)]
        goods = cards_on([shelf["slug"] for shelf in wanted], language, currency, without=already)
        names = get_text_list([shelf["name"] for shelf in wanted], _("and"))
        found.append(Shelf("liked", _("Because you like %(names)s") % {"names": names}, goods))
    return [shelf for shelf in found if shelf.cards]


def stop() -> Stop:
    """What is sent to take the permission back."""
    return Stop(inventory.PREFERENCES, question.token())
