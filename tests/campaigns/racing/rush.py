"""Many at once through the domain's functions, each on a connection of its own, while two ledgers are kept beside the store's.

What was sold is counted in this process, apart from the database; afterwards the two must agree to the piece.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import OperationalError, connections, transaction

from catalogue.domain import stock
from catalogue.models import Hold, Price, Product, ProductText, Variant

AT_ONCE = 64
AN_HOUR = timedelta(hours=1)
# A hold that has run out by the time that it is written: nobody has to wait, and the clock stays the database's.
AT_ONCE_OVER = timedelta(0)
# What becomes of a hold. Who comes late pays after it ran out; who leaves gives nothing back.
FATES = {"pays": 6, "gives_back": 2, "leaves": 2, "comes_late": 2}


@dataclass
class Books:
    """What buyers were told, counted outside of the database."""

    sold: Counter[int] = field(default_factory=Counter)
    tries: int = 0
    refused: int = 0
    too_late: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    wrong: list[str] = field(default_factory=list)

    def note(self, pieces: Counter[int] | None, *, too_late: bool = False) -> None:
        with self.lock:
            self.tries += 1
            self.too_late += too_late
            if pieces is None:
                self.refused += not too_late
            else:
                self.sold.update(pieces)


def goods(number: int, pieces: int, mark: str = "") -> list[Variant]:
    """Things to buy, of which there are so many pieces each."""
    made = []
    for n in range(number):
        product = Product.objects.create(slug=f"race-{mark}{n}", status=Product.Status.ACTIVE)
        ProductText.objects.create(product=product, language="en", name=f"Race {mark}{n}")
        variant = Variant.objects.create(product=product, sku=f"RACE-{mark}{n}", stock=pieces, weight_g=100)
        Price.objects.bulk_create(Price(variant=variant, currency=c, amount=10) for c in ("USD", "KRW"))
        made.append(variant)
    return made


def rush(seed: int, tries: int, variants: list[int], *, at_once: int = AT_ONCE) -> Books:
    """So many tries to buy, from one starting line; what is left over at the end is bought piece by piece."""
    books, draws = Books(), random.Random(seed)
    _together([_buyer(draws.getrandbits(64), variants, books) for _ in range(tries)], books, at_once)
    # Everybody who only held is gone; what they held must be there for the next, to the last piece.
    for variant in variants:
        while _buy_one(variant, books):
            pass
    return books


def _together(deeds: list[Callable[[], None]], books: Books, at_once: int) -> None:
    line = threading.Barrier(min(at_once, len(deeds)))

    def worker(mine: list[Callable[[], None]]) -> None:
        try:
            line.wait(timeout=60)
            for deed in mine:
                deed()
        except Exception as error:
            with books.lock:
                books.wrong.append(f"{type(error).__name__}: {error}"[:200])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(worker, [deeds[n::at_once] for n in range(min(at_once, len(deeds)))]))


def _buyer(seed: int, variants: list[int], books: Books) -> Callable[[], None]:
    draw = random.Random(seed)
    # A variant may stand in two lines; in any order, which is not the order in which rows are locked.
    wish = [(draw.choice(variants), draw.randint(1, 3)) for _ in range(draw.randint(1, 4))]
    fate = draw.choices(list(FATES), weights=list(FATES.values()))[0]
    return lambda: _try(wish, fate, books)


def _try(wish: list[tuple[int, int]], fate: str, books: Books) -> None:
    key = uuid.uuid4()
    asked: Counter[int] = Counter()
    for variant, pieces in wish:
        asked[variant] += pieces
    with transaction.atomic():
        held_for = AT_ONCE_OVER if fate in ("leaves", "comes_late") else AN_HOUR
        short = stock.hold(wish, key=key, held_for=held_for)
        if short:
            transaction.set_rollback(True)
    if short:
        books.note(None)
    elif fate in ("pays", "comes_late"):
        with transaction.atomic():
            gone = stock.sell(wish, key=key)
            if gone:
                transaction.set_rollback(True)
        books.note(None if gone else asked, too_late=bool(gone))
    else:
        if fate == "gives_back":
            with transaction.atomic():
                stock.release(key)
        books.note(Counter())


def _buy_one(variant: int, books: Books) -> bool:
    key = uuid.uuid4()
    try:
        with transaction.atomic():
            if stock.hold({variant: 1}, key=key, held_for=AN_HOUR):
                return False
            stock.sell({variant: 1}, key=key)
    except OperationalError as error:
        books.wrong.append(str(error))
        return False
    books.note(Counter({variant: 1}))
    return True


def oversold(books: Books, pieces: int) -> int:
    """How many pieces were promised that there never were."""
    return sum(max(0, sold - pieces) for sold in books.sold.values())


def differences(books: Books, variants: list[int], pieces: int) -> list[str]:
    """What does not agree: each variant must have sold exactly what there was, and nothing may be left or held."""
    found = list(books.wrong)
    stock.reclaim_expired()
    rows = {v.pk: v for v in Variant.objects.filter(pk__in=variants)}
    for pk in variants:
        if books.sold[pk] != pieces:
            found.append(f"variant {pk}: sold {books.sold[pk]} of {pieces}")
        if (rows[pk].stock, rows[pk].held) != (0, 0):
            found.append(f"variant {pk}: {rows[pk].stock} free and {rows[pk].held} held are left over")
    if left := Hold.objects.filter(variant__in=variants).count():
        found.append(f"{left} holds are left over")
    return found
