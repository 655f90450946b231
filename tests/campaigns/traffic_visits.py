"""Visits to a store that never was: page views as web processes would hand them over, and what they must add up to."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

from cookies.traffic.hit import Hit

PAGES = (
    *("/", "/products/", "/products/<slug:slug>/", "/search/", "/basket/", "/checkout/", "/orders/", "/cookies/"),
    *("/checkout/thank-you/<str:number>/", "/accounts/", "/accounts/profile/", "/privacy/", "/privacy/policy/"),
)
_WEIGHTS = (12, 20, 40, 9, 7, 3, 2, 1, 1, 1, 1, 1, 1)
_DEVICES = ("phone", "phone", "desktop", "desktop", "desktop", "tablet")
_COUNTRIES = ("KR", "KR", "KR", "US", "JP", "VN", "DE", "FR", "")
_SHELVES = ("*", "tea", "care", "snacks")


def visits(seed: int, number: int, *, hour: int, hours: int = 3) -> Iterator[Hit]:
    """So many page views, of visits of one to twelve; the same for the same seed."""
    draw = random.Random(seed)
    hosts = [f"blog{n}.example" for n in range(60)]
    made = 0
    while made < number:
        visitor = f"{draw.getrandbits(96):024x}"
        device, language, country = draw.choice(_DEVICES), draw.choice(("en", "en", "ko")), draw.choice(_COUNTRIES)
        at = hour + draw.randrange(hours)
        came_from = ""
        for step in range(min(draw.randrange(1, 13), number - made)):
            page = draw.choices(PAGES, _WEIGHTS)[0]
            referrer = draw.choice(hosts) if step == 0 and draw.random() < 0.6 else ""
            nothing = draw.choice(_SHELVES) if page == "/search/" and draw.random() < 0.2 else ""
            yield Hit(at, visitor, page, referrer, device, language, country, came_from, step == 0, nothing)
            came_from = page
            made += 1


def expected(hits: Iterator[Hit]) -> Counter[tuple[str, int, str]]:
    """What the counters must say, reckoned one hit at a time and by other code than the store's."""
    sums: Counter[tuple[str, int, str]] = Counter()
    for hit in hits:
        sums["page", hit.hour, hit.page] += 1
        sums["exit", hit.hour, hit.page] += 1
        sums["device", hit.hour, hit.device] += 1
        sums["language", hit.hour, hit.language] += 1
        if hit.came_from:
            sums["exit", hit.hour, hit.came_from] -= 1
        if hit.entered:
            sums["entry", hit.hour, hit.page] += 1
        if hit.referrer:
            sums["referrer", hit.hour, hit.referrer] += 1
        if hit.country:
            sums["country", hit.hour, hit.country] += 1
        if hit.nothing_in:
            sums["no_result", hit.hour, hit.nothing_in.replace("*", "")] += 1
        if step := _STEPS.get(hit.page):
            sums["funnel", hit.hour, step] += 1
    return Counter({cell: number for cell, number in sums.items() if number})


_STEPS = {
    "/products/": "listing",
    "/search/": "listing",
    "/products/<slug:slug>/": "product",
    "/basket/": "basket",
    "/checkout/": "checkout",
    "/checkout/thank-you/<str:number>/": "paid",
}
