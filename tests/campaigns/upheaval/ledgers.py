"""Three ledgers beside one another: what clients saw, the store's database, the files of provider and courier."""

from __future__ import annotations

import email
import email.policy
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Sum

from catalogue.models import Hold, Variant
from orders.models import Order, OrderLine, Parcel, Payment
from privacy.models import Effect
from tests.campaigns.payment_storm import books
from tests.campaigns.upheaval.shoppers import Memory, Wish


def violations(memory: Memory, pieces: Mapping[int, int], provider: Path, courier: Path, mails: Path) -> list[str]:
    """Every difference, as a sentence. `pieces` says how many there were of each variant before anybody came."""
    there = {row["reference"]: row for row in books.provider_rows(provider) if row["amount_captured"]}
    found = list(memory.wrong)
    found += _clients(memory.wishes, there)
    found += books.differences(provider, books.Planted())
    found += _provider_file(provider)
    found += _stock(pieces)
    found += _courier(courier)
    found += _mails(mails)
    return found


def _clients(wishes: list[Wish], taken_there: Mapping[str, Any]) -> list[str]:
    orders = {order.number: order for order in Order.objects.select_related("contact")}
    of_person: dict[str, set[str]] = defaultdict(set)
    for order in orders.values():
        of_person[order.contact.email].add(order.number)
    found = []
    for wish in wishes:
        here = of_person.pop(wish.email, set())
        if len(here | set(wish.told)) > 1:
            found.append(f"{wish.email}: one wish became {sorted(here | set(wish.told))}")
        if not wish.number:
            if here and not wish.unsure:
                found.append(f"{sorted(here)}: an order that nobody was told of")
            continue
        order = orders.get(wish.number)
        if order is None:
            found.append(f"{wish.number}: was promised to a client, and is not in the database")
            continue
        if Decimal(wish.total) != order.total:
            found.append(f"{wish.number}: {wish.total} was agreed, {order.total} is in the database")
        if wish.provider_took and wish.number not in taken_there:
            found.append(f"{wish.number}: the client was told of a charge that the provider does not have")
        if (wish.store_thanked or wish.provider_took) and order.paid_at is None:
            found.append(f"{wish.number}: the client was told that it is paid, and the order is {order.state}")
    return found + [f"{sorted(numbers)}: an order of nobody" for numbers in of_person.values()]


def _provider_file(folder: Path) -> list[str]:
    """The ledger file beside the provider's own books: it is written apart, and only ever grows."""
    taken: Counter[str] = Counter()
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        entry = json.loads(line)
        taken[entry.get("intent", "")] += entry.get("event") == "payment.succeeded"
    rows = {row["id"]: row for row in books.provider_rows(folder)}
    found = [f"{intent}: taken {times} times by the provider's ledger" for intent, times in taken.items() if times > 1]
    found += [
        f"{i}: in the provider's books and not in its ledger"
        for i, r in rows.items()
        if r["amount_captured"] and not taken[i]
    ]
    return found


def _stock(pieces: Mapping[int, int]) -> list[str]:
    held = dict(Hold.objects.values_list("variant").annotate(Sum("quantity")))
    sold = dict(
        OrderLine.objects.filter(order__state=Order.State.PAID).values_list("variant").annotate(Sum("quantity"))
    )
    waiting = dict(
        OrderLine.objects.filter(order__state=Order.State.PENDING_PAYMENT)
        .values_list("variant")
        .annotate(Sum("quantity"))
    )
    found = []
    for one in Variant.objects.filter(pk__in=pieces):
        here = one.stock + one.held + sold.get(one.pk, 0)
        if here != pieces[one.pk]:
            found.append(f"variant {one.pk}: {pieces[one.pk]} pieces became {here}")
        if one.held != held.get(one.pk, 0):
            found.append(f"variant {one.pk}: {one.held} held, and holds of {held.get(one.pk, 0)}")
        if one.held != waiting.get(one.pk, 0):
            found.append(f"variant {one.pk}: {one.held} held, and orders wait for {waiting.get(one.pk, 0)}")
    return found


def _courier(folder: Path) -> list[str]:
    numbers: dict[str, list[str]] = defaultdict(list)
    state: dict[str, str] = {}
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["is"] == "parcel":
            numbers[entry["key"]].append(entry["number"])
        elif entry["is"] == "scan":
            state[entry["number"]] = entry["state"]
    found = []
    for parcel in Parcel.objects.all():
        there = numbers.pop(str(parcel.key), [])
        if there != [parcel.tracking_number]:
            found.append(f"parcel {parcel.pk}: {parcel.tracking_number or 'no number'} here, {there} at the courier")
        elif state[parcel.tracking_number] != parcel.state:
            found.append(f"{parcel.tracking_number}: {parcel.state} here, {state[parcel.tracking_number]} there")
    packed = Counter(dict(OrderLine.objects.filter(packed__gt=0).values_list("pk", "packed")))
    travelling = Counter(dict(Parcel.objects.values_list("lines__line").annotate(Sum("lines__quantity"))))
    differ = [pk for pk in packed | travelling if packed[pk] != travelling[pk]]
    found += [f"line {pk}: packed {packed[pk]}, in parcels {travelling[pk]}" for pk in differ]
    return found + [f"{there}: the courier has a parcel that the store does not know" for there in numbers.values()]


def _mails(folder: Path) -> list[str]:
    """Each paid order was confirmed, each parcel announced. A second copy names itself as the first one's twin."""
    sent = Counter(message["Message-ID"].partition("@")[0] for message in _letters(folder))
    paid = Order.objects.filter(paid_at__isnull=False)
    confirmed = set(paid.filter(state=Order.State.PAID).values_list("number", flat=True))
    known = set(paid.values_list("number", flat=True))
    named = {identity.removeprefix("<order-").upper() for identity in sent if identity.startswith("<order-")}
    found = [f"{number}: paid, and nobody was written to" for number in sorted(confirmed - named)]
    found += [f"{number}: confirmed by mail, and not paid" for number in sorted(named - known)]
    parked = Effect.objects.filter(parked_at__isnull=False, done_at__isnull=True)
    return found + [f"outbox: {row.key} is parked: {row.last_error}" for row in parked]


def _letters(folder: Path) -> list[Any]:
    letters = []
    for file in sorted(folder.glob("*.log")) if folder.exists() else ():
        for part in file.read_bytes().split(b"-" * 79 + b"\n"):
            if part.strip():
                letters.append(email.message_from_bytes(part.lstrip(b"\n"), policy=email.policy.default))
    return [letter for letter in letters if letter["Message-ID"]]


def settled() -> bool:
    """Whether nothing is under way any more: no effect is to be done, no money is held, and no parcel is moving."""
    moving = Parcel.objects.exclude(state__in=[Parcel.State.DELIVERED, Parcel.State.UNPACKED])
    unsure = Payment.objects.filter(state=Payment.State.AUTHORISED)
    try:
        return not (Effect.objects.filter(done_at__isnull=True).exists() or moving.exists() or unsure.exists())
    except DatabaseError:
        connection.close()
        return False
