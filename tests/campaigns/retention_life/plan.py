"""What happens in the store's life, and by rules written down a second time, when each record must leave and die."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

# The promise, in numbers of its own: nothing here is read from the code or the data that it checks.
GOODS_MAY_COME_BACK_MONTHS = 3
UNSCANNED_PARCEL_ARRIVES = dt.timedelta(days=30)
CARD_IN_DISPUTE = dt.timedelta(days=120)
PERSON_MAY_COME_BACK = dt.timedelta(days=30)
HIDDEN_BY_MISTAKE = dt.timedelta(days=3)
NIGHT = dt.timedelta(hours=3, minutes=45)
CONTRACT_YEARS = PAYMENT_YEARS = 5
COMPLAINT_YEARS = 3


def years_later(moment: dt.datetime, years: int) -> dt.datetime:
    """The same day so many years later; 28 February where there is no 29th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def months_later(moment: dt.datetime, months: int) -> dt.datetime:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


@dataclass(slots=True)
class Buyer:
    """An account, opened some day and perhaps closed on a later one."""

    opened_at: dt.datetime
    closed_at: dt.datetime | None
    user_id: int = 0
    subject_id: str = ""
    # Of each order: its key, when its purpose ends, when it dies.
    orders: list[tuple[str, dt.datetime, dt.datetime]] = field(default_factory=list)


@dataclass(slots=True)
class Sale:
    """An order: placed, then paid or cancelled within the hour, by an account or by a guest.

    What was paid is sent, but for a few that nobody ever sends; what was sent is scanned on arrival, but for a few.
    """

    placed_at: dt.datetime
    paid_at: dt.datetime | None
    cancelled_at: dt.datetime | None
    buyer: Buyer | None
    sent_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None

    @property
    def purpose_ends(self) -> dt.datetime:
        over = self.cancelled_at or self.delivered_at or (self.sent_at and self.sent_at + UNSCANNED_PARCEL_ARRIVES)
        return months_later(over, GOODS_MAY_COME_BACK_MONTHS) if over else years_later(self.placed_at, CONTRACT_YEARS)


@dataclass(slots=True)
class Passing:
    """A review, a subscription, a letter or a session: begun on one day, over on another, or not at all."""

    kind: str
    begun_at: dt.datetime
    over_at: dt.datetime | None


@dataclass(slots=True)
class Hold:
    """A court wants one street, from one day to another."""

    set_at: dt.datetime
    until: dt.datetime
    sale: Sale


@dataclass(slots=True)
class Day:
    """What happens between two nights."""

    opened: list[Buyer] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    begun: list[Passing] = field(default_factory=list)
    closed: list[Buyer] = field(default_factory=list)
    over: list[Passing] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)


def night_after(moment: dt.datetime) -> dt.date:
    """The day of the first night, at a quarter to four, that comes after a moment."""
    return (moment + dt.timedelta(days=1) - NIGHT).date()


def draw(seed: int, *, orders: int, begins: dt.datetime, ends: dt.datetime) -> dict[dt.date, Day]:
    """The days of a life, by the night that follows them; days without events are not in it."""
    chance = random.Random(seed)
    days: dict[dt.date, Day] = defaultdict(Day)
    span = (ends - begins).total_seconds()

    def sometime(after: dt.datetime = begins) -> dt.datetime:
        left = (ends - after).total_seconds()
        return after + dt.timedelta(seconds=int(chance.random() * left))

    buyers = [_buyer(chance, sometime) for _ in range(max(2, orders // 20))]
    for buyer in buyers:
        days[night_after(buyer.opened_at)].opened.append(buyer)
        if buyer.closed_at:
            days[night_after(buyer.closed_at)].closed.append(buyer)
    sales = [_sale(chance, begins + dt.timedelta(seconds=int(chance.random() * span)), buyers) for _ in range(orders)]
    for sale in sales:
        days[night_after(sale.placed_at)].sales.append(sale)
    for kind, count, stays in (("review", 20, 0.7), ("subscription", 20, 0.5), ("letter", 50, 0.1), ("session", 10, 0)):
        for _ in range(max(2, orders // count)):
            begun = sometime()
            over = sometime(begun) if chance.random() >= stays else None
            passing = Passing(kind, begun, over)
            days[night_after(begun)].begun.append(passing)
            # A session knows its end from its beginning.
            if over and kind != "session":
                days[night_after(over)].over.append(passing)
    for sale in chance.sample(sales, max(1, orders // 200)):
        set_at = sometime(sale.placed_at)
        until = set_at + dt.timedelta(days=chance.randrange(30, 3650))
        days[night_after(set_at)].holds.append(Hold(set_at, until, sale))
    return days


def _buyer(chance: random.Random, sometime) -> Buyer:
    opened = sometime()
    return Buyer(opened, sometime(opened) if chance.random() < 0.5 else None)


def _sale(chance: random.Random, placed: dt.datetime, buyers: list[Buyer]) -> Sale:
    settled = placed + dt.timedelta(seconds=chance.randrange(3600))
    paid = chance.random() < 0.9
    buyer = chance.choice(buyers) if chance.random() < 0.4 else None
    if buyer and not (buyer.opened_at < placed and (not buyer.closed_at or settled < buyer.closed_at)):
        buyer = None
    sent = settled + dt.timedelta(hours=chance.randrange(24, 240)) if paid and chance.random() > 0.01 else None
    delivered = sent + dt.timedelta(hours=chance.randrange(24, 600)) if sent and chance.random() > 0.05 else None
    return Sale(placed, settled if paid else None, None if paid else settled, buyer, sent, delivered)


def nights(begins: dt.datetime, ends: dt.datetime) -> Iterator[dt.datetime]:
    """A quarter to four, every night."""
    night = begins.replace(hour=0, minute=0, second=0, microsecond=0) + NIGHT
    while night <= ends:
        if night >= begins:
            yield night
        night += dt.timedelta(days=1)
