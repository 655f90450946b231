"""Violations that are planted after a run, one at a time and taken back again: the checker has to name each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db.models import F

from catalogue.models import Variant
from orders.models import Order, Parcel, Payment
from privacy.models import Effect
from tests.campaigns.upheaval.shoppers import Memory, Wish
from tests.campaigns.upheaval.world import World


def unnoticed(world: World, memory: Memory, look: Callable[[], list[str]]) -> tuple[int, list[str]]:
    """How many were planted, and those that the checker did not name. Before them it found nothing."""
    planted, missed = 0, []
    for name, plant in _plants(world, memory):
        with plant() as telling:
            planted += 1
            if not any(telling in sentence for sentence in look()):
                missed.append(name)
    return planted, missed


def _plants(world: World, memory: Memory) -> Iterator[tuple[str, Callable[[], object]]]:
    paid = Order.objects.filter(state=Order.State.PAID).order_by("pk").first()
    payment = Payment.objects.filter(state=Payment.State.PAID, order=paid).first()
    wish = next(w for w in memory.wishes if w.number == paid.number)
    variant = paid.lines.first().variant
    yield (
        "an order that was promised and is lost",
        lambda: _remembered(memory, Wish("x@example.com", "K24-LOST", ["K24-LOST"], "1")),
    )
    yield "one wish that became two orders", lambda: _changed(wish, told=[*wish.told, "K24-TWIN"], telling=wish.email)
    yield "another sum than was agreed", lambda: _changed(wish, total="0.01", telling=wish.number)
    yield "a piece too few", lambda: _row(Variant, variant.pk, stock=F("stock") + 1, telling=f"variant {variant.pk}:")
    yield (
        "a payment that the store forgot",
        lambda: _row(Payment, payment.pk, state="cancelled", telling=payment.intent_id),
    )
    yield (
        "money that the provider does not have",
        lambda: _row(Payment, payment.pk, captured=F("captured") - 1, telling=payment.intent_id),
    )
    yield "money given back that nobody promised", lambda: _provider(world.state["provider"], payment.intent_id)
    mailed = Effect.objects.filter(kind="orders.confirmation_mail").first()
    yield "an effect that was not carried out", lambda: _row(Effect, mailed.pk, done_at=None, telling=mailed.key)
    yield (
        "a charge in the ledger file twice",
        lambda: _twice(world.state["provider"] / "ledger.jsonl", payment.intent_id),
    )
    yield "a letter that was not sent", lambda: _mails_gone(world.mails)
    if parcel := Parcel.objects.first():
        yield (
            "a parcel with another number",
            lambda: _row(Parcel, parcel.pk, tracking_number="EE000000005KR", telling=f"parcel {parcel.pk}:"),
        )
        yield (
            "a parcel that the store does not know",
            lambda: _line(
                world.state["courier"] / "ledger.jsonl",
                {"is": "parcel", "key": "nobody", "number": "EE1", "webhook_url": ""},
                "EE1",
            ),
        )


@contextmanager
def _remembered(memory: Memory, wish: Wish) -> Iterator[str]:
    memory.wishes.append(wish)
    yield wish.number
    memory.wishes.remove(wish)


@contextmanager
def _changed(wish: Wish, *, telling: str, **values: object) -> Iterator[str]:
    before = {name: getattr(wish, name) for name in values}
    for name, value in values.items():
        setattr(wish, name, value)
    yield telling
    for name, value in before.items():
        setattr(wish, name, value)


@contextmanager
def _row(model: type, pk: int, *, telling: str, **values: object) -> Iterator[str]:
    before = model.objects.values(*values).get(pk=pk)
    model.objects.filter(pk=pk).update(**values)
    yield telling
    model.objects.filter(pk=pk).update(**before)


@contextmanager
def _provider(folder: Path, intent: str) -> Iterator[str]:
    def add(sum_: int) -> None:
        with closing(sqlite3.connect(folder / "sandbox.sqlite3", timeout=15)) as own:
            own.execute("UPDATE intent SET amount_refunded = amount_refunded + ? WHERE id = ?", (sum_, intent))
            own.commit()

    add(1)
    yield intent
    add(-1)


@contextmanager
def _line(path: Path, entry: dict[str, str], telling: str) -> Iterator[str]:
    before = path.read_bytes()
    path.write_bytes(before + json.dumps(entry).encode() + b"\n")
    yield telling
    path.write_bytes(before)


def _twice(path: Path, intent: str) -> object:
    line = next(x for x in path.read_text().splitlines() if intent in x and "succeeded" in x)
    return _line(path, json.loads(line), f"{intent}: taken")


@contextmanager
def _mails_gone(folder: Path) -> Iterator[str]:
    aside = folder.with_name("mail-aside")
    folder.rename(aside)
    folder.mkdir()
    yield "nobody was written to"
    for late in folder.iterdir():
        late.rename(aside / late.name)
    folder.rmdir()
    aside.rename(folder)
