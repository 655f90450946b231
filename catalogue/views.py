"""The shop's front: home, shelves, one product, search."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalogue import queries
from catalogue.languages import current_language
from catalogue.pricing import currency_for
from catalogue.reviewed import shown_photograph
from privacy.cards import REFUSAL, find_card_number
from privacy.photographs import as_jpeg

SORTS = (
    ("", _("Recommended")),
    ("new", _("Newest")),
    ("price", _("Price, low to high")),
    ("-price", _("Price, high to low")),
)
_LONGEST_QUERY = 100  # signs; more is no search


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    cards = queries.home(current_language(), currency_for(request))
    return render(request, "home.html", {"cards": cards})


@login_not_required
@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """A shelf, or all of them."""
    return _shelf(request, "catalogue/list.html")


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found. An empty question shows the field and the shelves."""
    return _shelf(request, "catalogue/search.html", text=_typed(request, "q"))


def _shelf(request: HttpRequest, template: str, text: str | None = None) -> HttpResponse:
    asked = {name: _typed(request, name) for name in ("category", "sort", "page", "in_stock")}
    # A card number is not searched for, nor written back onto the page, whose address a browser remembers.
    refusal = REFUSAL if text and find_card_number(text) else ""
    if refusal:
        text = ""
    nothing_asked = text == ""
    found = None
    if not nothing_asked:
        found = queries.listing(
            current_language(),
            currency_for(request),
            category=asked["category"],
            sort=asked["sort"],
            in_stock=bool(asked["in_stock"]),
            page=_page_number(asked["page"]),
            text=text or "",
        )
    kept = request.GET.copy()
    kept.pop("page", None)
    if refusal:
        kept.pop("q", None)
    context = {
        "found": found,
        "q": text or "",
        "refusal": refusal,
        "sorts": SORTS,
        "sort": asked["sort"] if asked["sort"] in queries.SORTS else "",
        "in_stock": bool(asked["in_stock"]),
        "shelves": queries.navigation(),
        "category": found.category if found else None,
        "kept": kept.urlencode(),
    }
    only_goods = request.htmx and request.htmx.target == "goods"
    response = render(request, "catalogue/_goods.html" if only_goods else template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    if text and found and not found.page.paginator.count:
        # For the statistics, which count searches in vain by category; what was typed is not told.
        response.found_nothing_in = found.category["slug"] if found.category else ""
    return response


def _typed(request: HttpRequest, name: str) -> str:
    """One parameter of the address as text that a database can compare; what it cannot store is left out."""
    return request.GET.get(name, "").replace("\x00", "").encode("utf-8", "ignore").decode()[:_LONGEST_QUERY].strip()


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


@login_not_required
@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product, its choices, and what others said of it."""
    page = queries.product_page(slug, current_language(), currency_for(request))
    if page is None:
        raise Http404(_("We do not sell this."))
    available = [choice for choice in page.choices if choice.price and choice.stock > 0]
    wished = _typed(request, "variant")
    chosen = next((c for c in available if str(c.id) == wished), available[0] if available else None)
    context = {
        "page": page,
        "chosen": chosen,
        "available": bool(available),
        "unpriced": not any(choice.price for choice in page.choices),
    }
    response = render(request, "catalogue/product.html", context)
    # Reviews are somebody's words under somebody's name: they leave this process for no cache.
    response.shows_people = bool(page.reviews)
    return response


@login_not_required
@require_safe
@cache_control(private=True, max_age=300)
def review_photograph(request: HttpRequest, key: UUID) -> HttpResponse:
    """A photograph of a review that is shown. Kept by browsers for minutes only, since its author may take it back."""
    kept = shown_photograph(key)
    if kept is None:
        raise Http404(_("This photograph is not shown."))
    return HttpResponse(as_jpeg(kept), content_type="image/jpeg")
