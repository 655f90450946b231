"""`make bench [ROUNDS= SECONDS= CHECKOUTS=]`: pages of the store against a constant page of its server, and guests' checkouts.

The store stands behind gunicorn, one process, with the sample catalogue, on engines of its own. Three times: with no page
cache, with the shared layer, with the layer in the process. In each round the constant page and every other take turns; what
counts is the middle of the ratios of neighbouring measurements, so that a busy machine slows both. The basket is personal:
its figure with a cache is that of a page which is made anew each time, and the bench fails if it was kept.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from kmall24.serve.network import free_port
from tests.campaigns.installation import own_installation
from tests.support.payment_sandbox import PaymentSandbox

ROOT = Path(__file__).resolve().parents[2]
CONSTANT = "/constant/"
# How much of a constant page's rate is wanted, by layers of the cache.
WANTED = {"none": 0.1, "shared": 0.5, "near": 0.8}


def main() -> int:
    rounds, seconds, checkouts = (
        kind(os.environ.get(name) or default)
        for name, kind, default in (("ROUNDS", int, 11), ("SECONDS", float, 1), ("CHECKOUTS", int, 60))
    )
    print(f"ROUNDS={rounds} SECONDS={seconds:g} CHECKOUTS={checkouts} load={os.getloadavg()[0]:.1f}", flush=True)
    missed, words = [], []
    with own_installation(DJANGO_SETTINGS_MODULE="tests.campaigns.speed.settings") as folder:
        from django.core.management import call_command

        call_command("prepare", verbosity=0)
        for layers, wanted in WANTED.items():
            with serving(folder, layers) as port:
                basket = _basket(port)
                for page, ratio in _compare(port, layers, basket, rounds, seconds).items():
                    words.append(f"{layers}.{page}={ratio:.2f}")
                    if page != "basket" or layers == "none":
                        missed += [f"{page} with {layers}: {ratio:.2f}, wanted {wanted}"] * (ratio < wanted)
                missed += _kept_baskets(layers)
                if layers == "near":
                    words.append(f"checkout_ms={_checkouts(port, checkouts):.0f}")
    for line in missed:
        print(f"MISSED: {line}")
    print(" ".join(words) + f" load={os.getloadavg()[0]:.1f} missed={len(missed)}")
    return 1 if missed else 0


def _pages() -> dict[str, str]:
    from catalogue.models import Product

    product = Product.objects.filter(status=Product.Status.ACTIVE).order_by("pk").first()
    return {"listing": "/products/", "product": product.get_absolute_url(), "search": "/search/?q=tea"}


def _compare(port: int, layers: str, basket: str, rounds: int, seconds: float) -> dict[str, float]:
    from tests.campaigns.speed.asking import Client

    client, pages = Client(port), {**_pages(), "basket": "/basket/"}
    ratios: dict[str, list[float]] = {page: [] for page in pages}
    rates: dict[str, list[float]] = {page: [] for page in ("constant", *pages)}
    for number in range(rounds + 1):
        for page, path in pages.items():
            cookie = basket if page == "basket" else ""
            first, second = (CONSTANT, path) if number % 2 else (path, CONSTANT)
            rate = {p: client.rate(p, seconds / 2, cookie if p == path else "") for p in (first, second)}
            if number:  # the first round warms up
                ratios[page].append(rate[path] / rate[CONSTANT])
                rates[page].append(rate[path])
                rates["constant"].append(rate[CONSTANT])
    client.close()
    print(f"cache: {layers}; constant {statistics.median(rates['constant']):.0f}/s", flush=True)
    middles = {}
    for page, pairs in ratios.items():
        low, middle, high = statistics.quantiles(pairs, n=4, method="inclusive")
        middles[page] = middle
        print(
            f"  {page}: {statistics.median(rates[page]):.0f}/s, {middle:.2f} of the constant page "
            f"(half of the rounds within {low:.2f} to {high:.2f})",
            flush=True,
        )
    return middles


def _basket(port: int) -> str:
    """The cookies of somebody with something in the basket."""
    from tests.campaigns.racing.crowd import Buyer

    path, variant = _something()
    buyer = Buyer(f"http://127.0.0.1:{port}")
    buyer.fill_the_basket(path, [variant])
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in buyer.browser.cookies)


def _something() -> tuple[str, int]:
    from catalogue.models import Price, Variant

    priced = Price.objects.filter(currency="USD", variant__stock__gt=20).order_by("variant_id").first()
    variant = Variant.objects.select_related("product").get(pk=priced.variant_id)
    return variant.product.get_absolute_url(), variant.pk


def _kept_baskets(layers: str) -> list[str]:
    """Whether Valkey holds anything but the pages that were asked for without a cookie: three, and their count."""
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as valkey:
        names = [name for name in valkey.scan_iter("page:*") if not name.startswith(b"page:count:")]
        valkey.flushdb()
    # The bench asks for three pages, and the basket's owner came by a product page once before they had a cookie.
    most = 4 if layers == "shared" else 0
    return [f"{len(names)} pages are kept in Valkey, of {most} that may be"] * (len(names) > most)


def _checkouts(port: int, number: int) -> float:
    """Milliseconds from the product page to the provider's address, the middle of so many guests."""
    from catalogue.models import Variant
    from tests.campaigns.racing.crowd import Buyer

    path, variant = _something()
    Variant.objects.filter(pk=variant).update(stock=number + 100)
    taken = []
    for _guest in range(number):
        begun = time.perf_counter()
        buyer = Buyer(f"http://127.0.0.1:{port}")
        buyer.fill_the_basket(path, [variant])
        assert buyer.buy() == 303
        taken.append((time.perf_counter() - begun) * 1000)
    low, middle, high = statistics.quantiles(taken, n=4)
    print(f"guest checkout, 5 requests: {middle:.0f} ms (half within {low:.0f} to {high:.0f})", flush=True)
    return middle


@contextmanager
def serving(folder: Path, layers: str) -> Iterator[int]:
    """The store behind gunicorn with such a page cache; its port."""
    port = free_port("127.0.0.1", 0)
    sandbox = PaymentSandbox(Path(folder)).start()
    told = {
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PAYMENT_SANDBOX_URL": sandbox.url,
        "PAYMENT_SANDBOX_KEY": sandbox.key,
        "PAYMENT_WEBHOOK_SECRET": sandbox.webhook_secret,
        "PAGE_CACHE_SECONDS": "0" if layers == "none" else "30",
        "PAGE_CACHE_LAYERS": "" if layers == "none" else layers,
    }
    with (Path(folder) / "web.log").open("ab") as log:
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "kmall24.wsgi:application", "--no-control-socket"),
                *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--worker-class", "gthread"),
                *("--keep-alive", "60", "--timeout", "120"),
            ],
            cwd=ROOT,
            env=os.environ | told,
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(600):
            try:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=60)
                break
            except requests.RequestException:
                time.sleep(0.1)
        else:
            raise RuntimeError(f"The store did not begin to answer; see {folder / 'web.log'}.")
        yield port
    finally:
        web.terminate()
        web.wait(30)
        sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
