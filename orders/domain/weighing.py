"""Which of several reductions count, and what each takes off: the best for the buyer, by the rules of decision 0028.

It asks nothing and changes nothing, and the order in which offers and lines are named makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalogue.amounts import divided, rounded

ZERO = Decimal(0)
HUNDRED = Decimal(100)

PERCENT, AMOUNT, FREE_SHIPPING, BUY_GET = "percent", "amount", "free_shipping", "buy_get"


@dataclass(frozen=True, slots=True)
class Cut:
    """Something that takes off. Of equals the one with the lower key counts. `category` None is for everything."""

    key: tuple[int, int]
    kind: str
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    minimum: Decimal = ZERO
    buy: int = 0
    get: int = 0
    category: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A line as far as it matters here. `key` tells lines apart in every basket alike."""

    key: int
    price: Decimal
    quantity: int
    shelves: frozenset[int] = frozenset()

    @property
    def total(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Taken:
    """What counts: for each line which cut and how much, and the cut that carries the parcel."""

    lines: dict[int, tuple[Cut, Decimal]]
    shipping: Cut | None = None

    @property
    def off_goods(self) -> Decimal:
        return sum((off for _cut, off in self.lines.values()), ZERO)

    def off_by(self, cut: Cut) -> Decimal:
        """What one of them takes off the goods."""
        return sum((off for of, off in self.lines.values() if of == cut), ZERO)


def is_for(cut: Cut, line: Piece) -> bool:
    """Whether a line stands on the shelf of a cut."""
    return cut.category is None or cut.category in line.shelves


def goods_for(cut: Cut, lines: Sequence[Piece]) -> Decimal:
    """What the goods come to that a cut is for, before anything is taken off."""
    return sum((line.total for line in lines if is_for(cut, line)), ZERO)


def applies(cut: Cut, lines: Sequence[Piece]) -> bool:
    """Whether there are goods that it is for, and enough of them."""
    return any(is_for(cut, line) for line in lines) and goods_for(cut, lines) >= cut.minimum


def off_line(cut: Cut, line: Piece, currency: str) -> Decimal:
    """What a percentage or free pieces take off one line; never more than the line."""
    if not is_for(cut, line):
        return ZERO
    if cut.kind == PERCENT:
        return min(rounded(line.total * cut.percent / HUNDRED, currency), line.total)
    if cut.kind == BUY_GET:
        return line.price * (line.quantity // (cut.buy + cut.get) * cut.get)
    return ZERO


def weigh(cuts: Sequence[Cut], lines: Sequence[Piece], currency: str) -> Taken:
    """The choice that takes most off, as the rules permit it."""
    lines = sorted(lines, key=lambda line: line.key)
    usable = sorted((cut for cut in cuts if applies(cut, lines)), key=lambda cut: cut.key)
    one_by_one = {line.key: best for line in lines if (best := _best_of(usable, line, currency))}
    chosen = Taken(one_by_one)
    for cut in usable:
        if cut.kind == AMOUNT:
            other = _with_amount(cut, lines, one_by_one, currency)
            if other.off_goods > chosen.off_goods:
                chosen = other
    shipping = next((cut for cut in usable if cut.kind == FREE_SHIPPING), None)
    return Taken(chosen.lines, shipping)


def _best_of(cuts: Sequence[Cut], line: Piece, currency: str) -> tuple[Cut, Decimal] | None:
    best: tuple[Cut, Decimal] | None = None
    for cut in cuts:
        off = off_line(cut, line, currency)
        if off > (best[1] if best else ZERO):
            best = (cut, off)
    return best


def _with_amount(cut: Cut, lines: Sequence[Piece], one_by_one: dict[int, tuple[Cut, Decimal]], currency: str) -> Taken:
    """The fixed amount on the lines that it is for, and whatever else is best on the others."""
    own = [line for line in lines if is_for(cut, line)]
    parts = divided(min(cut.amount, goods_for(cut, lines)), [line.total for line in own], currency)
    rest = {key: taken for key, taken in one_by_one.items() if key not in {line.key for line in own}}
    return Taken(rest | {line.key: (cut, part) for line, part in zip(own, parts, strict=True) if part})
