"""`make bench-statistics [DAYS= PAGES= SEED=]`: opening the statistics of a year of a large store, against adding up its days.

The store has many pages, referrers and countries each day. What is opened is the screen itself, a year beside the year
before it, as staff see it: sign-in, statements, drawing and template.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import statistics
import sys
import time

from tests.campaigns.installation import own_installation, seed_from

TARGET = 200.0  # milliseconds
YEAR = 365
OPENED = 15
# How many values of each dimension a day shows, beside the pages.
VALUES = {"referrer": 200, "country": 120, "language": 2, "device": 3, "no_result": 40, "entry": 150, "exit": 150}
FUNNEL = ("listing", "product", "basket", "checkout", "paid")


def main() -> int:
    seed, days, pages = seed_from(), int(os.environ.get("DAYS") or 2 * YEAR), int(os.environ.get("PAGES") or 400)
    print(f"SEED={seed} DAYS={days} PAGES={pages}", flush=True)
    with own_installation(STAFF_SECOND_FACTOR="false"):
        from django.core.management import call_command

        call_command("collectstatic", interactive=False, verbosity=0)
        rows = fill(seed, days, pages)
        opened(1)
        began = time.process_time()
        months = opened()
        cpu = (time.process_time() - began) / (OPENED + 1) * 1000
        single = adding_up_days()
    middle, slowest = statistics.median(months), max(months)
    figures = {
        "rows": rows,
        "median_ms": round(middle, 1),
        "slowest_ms": round(slowest, 1),
        "cpu_ms": round(cpu, 1),
        "days_alone_ms": round(statistics.median(single), 1),
        "target_ms": TARGET,
        "seed": seed,
    }
    print(
        f"a year beside the year before: {middle:.0f} ms in the middle of {OPENED}, {slowest:.0f} ms at most; {rows:,} rows"
    )
    print(json.dumps(figures))
    return 0 if middle < TARGET else 1


def fill(seed: int, days: int, pages: int) -> int:
    """Closed days of a large store that end yesterday, and the months that they make up; how many rows of days."""
    from django.utils import timezone

    from cookies.domain.publish import publish_closed_days
    from cookies.models import DailyCount, DailyVisitors, ShownCount

    draw, today = random.Random(seed), timezone.localdate()
    counts = {"page": pages, **VALUES}
    for back in range(days, 0, -1):
        day = today - dt.timedelta(days=back)
        cells = [(kind, f"/{kind}/{n}/") for kind, number in counts.items() for n in range(number)]
        cells += [("funnel", step) for step in FUNNEL]
        behind = {cell: draw.randint(3, 900) for cell in cells}
        DailyCount.objects.bulk_create(
            DailyCount(day=day, dimension=kind, value=value, count=number * 2)
            for (kind, value), number in behind.items()
        )
        DailyVisitors.objects.bulk_create(
            DailyVisitors(day=day, dimension=kind, value=value, visitors=number)
            for (kind, value), number in [*behind.items(), (("", ""), 90_000)]
        )
    publish_closed_days()
    return ShownCount.objects.filter(span=ShownCount.Span.DAY).count()


def opened(times: int = OPENED) -> list[float]:
    """Milliseconds for which the screen of a year keeps a member of staff."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    browser = Client(SERVER_NAME="localhost")
    people = get_user_model().objects
    account = people.filter(is_superuser=True).first() or people.create_superuser(
        "staff@example.com", "a long password"
    )
    browser.force_login(account)
    browser.get("/")  # what a process does once, before its first page
    today = timezone.localdate()
    chosen = {"first": (today - dt.timedelta(days=YEAR - 1)).isoformat(), "last": today.isoformat()}
    took = []
    for number in range(times + 1):
        started = time.perf_counter()
        page = browser.get(reverse("admin:cookies_hourlycount_changelist"), chosen)
        if page.status_code != 200:
            raise SystemExit(f"The screen answered {page.status_code}.")
        if number:
            took.append((time.perf_counter() - started) * 1000)
    return took


def adding_up_days(times: int = 5) -> list[float]:
    """The foil: the same screen when no month was added up."""
    from cookies.models import ShownCount

    ShownCount.objects.filter(span=ShownCount.Span.MONTH).delete()
    return opened(times)


if __name__ == "__main__":
    sys.exit(main())
