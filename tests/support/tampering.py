"""A superuser of the database who covers their tracks: all they can do to the ledger, short of having the signing key."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from privacy.internal.ledger import building, evidence, heads
from privacy.internal.ledger.heads import Head
from privacy.internal.ledger.keys import PublicKey, SigningKey
from privacy.models import Collection, ConsentEvent, Disclosure, LedgerEntry, LedgerKey, LegalOrder, Subject

ROWS = (Collection, ConsentEvent, Disclosure, LegalOrder)


def write_evidence(number: int, randomness: random.Random) -> None:
    """A mixture of evidence, as a busy store writes it."""
    people = Subject.objects.bulk_create([Subject() for _ in range(5)])
    rows: dict[type, list[object]] = {model: [] for model in ROWS}
    for _ in range(number):
        model, person = randomness.choice(ROWS), randomness.choice(people)
        rows[model].append(_one(model, person, randomness))
    for model, made in rows.items():
        model.objects.bulk_create(made)


def _one(model: type, person: Subject, randomness: random.Random) -> object:
    if model is Collection:
        return Collection(
            subject=person,
            surface=randomness.choice(["web.checkout", "web.account"]),
            channel="web",
            fields=[f"orders_ordercontact.{n}" for n in randomness.sample(["email", "name", "phone"], 2)],
            policy_version="2026-11-01",
            notice_locale="ko",
            notice_shown_at=timezone.now(),
        )
    if model is ConsentEvent:
        return ConsentEvent(
            subject=person,
            purpose="marketing.communications.email",
            channel="email",
            state=randomness.choice(["given", "refused", "withdrawn"]),
            method="form",
            surface="web.account",
            policy_version="2026-11-01",
            text_digest=randomness.randbytes(32).hex(),
            locale="ko",
            shown_at=timezone.now(),
        )
    if model is Disclosure:
        return Disclosure(
            subject=person,
            handed_to="courier",
            purpose="essential.service.operations.delivery",
            legal_basis="contract",
            fields=["orders_deliveryaddress.street"],
            record=f"orders.DeliveryAddress:{randomness.randrange(1000)}",
            policy_version="2026-11-01",
        )
    return LegalOrder(
        authority="Court", reference=str(randomness.randrange(10**6)), law="Act 1", subject=person, recorded_by=person
    )


@dataclass(frozen=True)
class Deed:
    """What was done, and the first entry that it touches; None where it touches no entry."""

    kind: str
    how: str
    position: int | None


class Superuser:
    """Tampers within the open transaction. Triggers are off while a hand is laid on the tables."""

    def __init__(self, randomness: random.Random) -> None:
        self.random = randomness
        self.size = building.size_now()

    def do(self, kind: str, *, cover: int) -> Deed:
        """Do one of a kind. `cover` says how well it is hidden: 0 not, 1 leaf, 2 tiles, 3 heads removed, 4 heads forged."""
        deed = self.random.choice(DEEDS[kind])
        self.cover = cover
        self.run("SET LOCAL session_replication_role = replica")
        position = deed(self)
        if cover >= 2:
            self.run("DELETE FROM privacy_ledgertile")
            building.fill_tiles(building.size_now())
        if cover >= 3:
            self.remove_heads(position or 0)
        if cover >= 4:
            self.forge_head()
        self.run("SET LOCAL session_replication_role = origin")
        return Deed(kind, deed.__name__, position)

    def run(self, sql: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    def entry(self) -> LedgerEntry:
        """Any entry whose table can be written to freely; a policy's publication has rules of its own that would refuse."""
        tables = [model._meta.db_table for model in ROWS]
        return self.random.choice(list(LedgerEntry.objects.filter(source__in=tables).order_by("position")))

    def rehash(self, entry: LedgerEntry) -> None:
        """Compute the leaf again, as the store did."""
        source = evidence.source_of(entry.source)
        with connection.cursor() as cursor:
            columns = evidence.columns_of(cursor, source.table)
            time = f', recorded_at = x."{source.time_column}"' if source.time_column else ""
            cursor.execute(
                f"UPDATE privacy_ledgerentry e SET leaf_hash = {evidence.hash_of(source, columns, 'x', 'e.nonce')}{time} "
                f'FROM "{source.table}" x WHERE {source.record("x")} = e.record AND e.position = %s',
                [entry.position],
            )

    def remove_heads(self, position: int) -> None:
        self.run("DELETE FROM privacy_treehead WHERE tree_size > %s", position)

    def forge_head(self) -> None:
        """Sign what is there now with a key of one's own, and list that key after the store's."""
        key = SigningKey(self.random.randbytes(16).hex())
        former = LedgerKey.objects.order_by("since").first()
        LedgerKey.objects.create(
            key_id=key.public.id,
            public_key=key.public.raw,
            former_id=former.pk,
            named_by_former=self.random.randbytes(64),
            names_former=key.sign(b"kmall24 ledger: the key before this one was " + bytes(former.public_key)),
        )
        size = building.size_now()
        heads.keep(heads.sign(size, building.tree_of(size).root(), key))


def edit_a_row(superuser: Superuser) -> int:
    """Change one value of a row of evidence."""
    entry = superuser.entry()
    source = evidence.source_of(entry.source)
    fields = [f for f in source.model._meta.concrete_fields if not f.primary_key]
    row = source.model.objects.get(pk=source.key_of(entry.record))
    while True:
        field = superuser.random.choice(fields)
        stands = getattr(row, field.attname)
        # A longer text may be cut to what it was, and the rest of an empty list is empty: that would be no edit.
        if (value := _other(field, stands, superuser.random)) not in (None, stands):
            break
    source.model.objects.filter(pk=row.pk).update(**{field.attname: value})
    if superuser.cover >= 1:
        superuser.rehash(entry)
    return entry.position


def _other(field: object, value: object, randomness: random.Random) -> object:
    kind = type(getattr(field, "target_field", field)).__name__
    if kind == "UUIDField":
        return uuid.UUID(bytes=randomness.randbytes(16))
    if isinstance(value, str):
        at = randomness.randrange(len(value) + 1)
        return (value[:at] + "x" + value[at + 1 :])[: field.max_length]
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=randomness.choice([-1, 1, 10**6, 86_400 * 10**6]))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + randomness.choice([-1, 1, 1000])
    if isinstance(value, list):
        return [*value, "orders_order.number"] if randomness.random() < 0.5 else value[1:]
    return timezone.now() if kind == "DateTimeField" else None


def edit_a_leaf(superuser: Superuser) -> int:
    """Change one value of an entry itself."""
    entry = superuser.entry()
    column, value = superuser.random.choice(
        [
            ("leaf_hash", superuser.random.randbytes(32)),
            ("nonce", uuid.UUID(bytes=superuser.random.randbytes(16))),
            ("record", uuid.UUID(bytes=superuser.random.randbytes(16))),
            ("width", entry.width - 1),
            ("recorded_at", entry.recorded_at - dt.timedelta(days=1)),
            ("source", "privacy_collection" if entry.source != "privacy_collection" else "privacy_disclosure"),
        ]
    )
    LedgerEntry.objects.filter(pk=entry.pk).update(**{column: value})
    return entry.position


def exchange_a_row_for_another(superuser: Superuser) -> int:
    """Put a new row of evidence under an old entry."""
    entry = superuser.entry()
    source = evidence.source_of(entry.source)
    row = _one(source.model, Subject.objects.first(), superuser.random)
    row.save()
    source.model.objects.filter(pk=source.key_of(entry.record)).delete()
    record = row.pk if isinstance(row.pk, uuid.UUID) else uuid.UUID(int=row.pk)
    LedgerEntry.objects.filter(pk=entry.pk).update(record=record)
    if superuser.cover >= 1:
        superuser.rehash(entry)
    return entry.position


def delete_a_row(superuser: Superuser) -> int:
    """Remove a row of evidence and, when covering up, its entry, closing the gap."""
    entry = superuser.entry()
    source = evidence.source_of(entry.source)
    superuser.run(f'DELETE FROM "{source.table}" WHERE id = %s', source.key_of(entry.record))
    if superuser.cover >= 1:
        superuser.run("DELETE FROM privacy_ledgerentry WHERE position = %s", entry.position)
        _move(superuser, "position > %s", -1, entry.position)
    return entry.position


def delete_an_entry(superuser: Superuser) -> int:
    """Remove an entry and leave its row."""
    entry = superuser.entry()
    superuser.run("DELETE FROM privacy_ledgerentry WHERE position = %s", entry.position)
    if superuser.cover >= 1:
        _move(superuser, "position > %s", -1, entry.position)
    return entry.position


def delete_the_end(superuser: Superuser) -> int:
    """Go back to an earlier day: remove every entry from a head on, with its evidence and the heads."""
    first = superuser.random.choice(sorted(_sizes())[:-1])
    for source in (s for s in evidence.sources() if s.model in ROWS):
        superuser.run(
            f'DELETE FROM "{source.table}" x USING privacy_ledgerentry e '
            f"WHERE e.source = %s AND e.record = {source.record('x')} AND e.position >= %s",
            source.table,
            first,
        )
    superuser.run("DELETE FROM privacy_ledgerentry WHERE position >= %s", first)
    superuser.run("DELETE FROM privacy_treehead WHERE tree_size > %s", first)
    return first


def insert_a_row(superuser: Superuser) -> int | None:
    """Add a row of evidence past the trigger and, when covering up, an entry for it in the middle."""
    source = superuser.random.choice([s for s in evidence.sources() if s.model in ROWS])
    row = _one(source.model, Subject.objects.first(), superuser.random)
    row.save()
    if superuser.cover < 1:
        return None
    position = superuser.random.randrange(superuser.size)
    _move(superuser, "position >= %s", 1, position)
    _enter(superuser, position, source, row.pk)
    return position


def insert_a_row_of_long_ago(superuser: Superuser) -> int:
    """Add a row the ordinary way, trigger and all, that says it was written days ago."""
    row = _one(superuser.random.choice(ROWS), Subject.objects.first(), superuser.random)
    row.save()
    source = next(s for s in evidence.sources() if s.model is type(row))
    past = timezone.now() - dt.timedelta(days=superuser.random.randrange(1, 400))
    type(row).objects.filter(pk=row.pk).update(**{source.time_column: past})
    _enter(superuser, superuser.size, source, row.pk)
    return superuser.size


def insert_a_second_entry(superuser: Superuser) -> int:
    """Enter a row of evidence once more, at the end."""
    entry = superuser.entry()
    superuser.run("ALTER TABLE privacy_ledgerentry DROP CONSTRAINT one_entry_per_row_of_evidence")
    source = evidence.source_of(entry.source)
    _enter(superuser, superuser.size, source, source.key_of(entry.record))
    return superuser.size


def insert_an_entry_without_a_row(superuser: Superuser) -> int:
    """Enter what never was."""
    position = superuser.random.choice([superuser.size, superuser.random.randrange(superuser.size)])
    _move(superuser, "position >= %s", 1, position)
    LedgerEntry.objects.create(
        position=position,
        source="privacy_consentevent",
        record=uuid.UUID(bytes=superuser.random.randbytes(16)),
        width=14,
        nonce=uuid.uuid4(),
        leaf_hash=superuser.random.randbytes(32),
        recorded_at=timezone.now(),
    )
    return position


def swap_two_entries(superuser: Superuser) -> int:
    """Let two entries change places."""
    one, other = sorted(superuser.random.sample(range(superuser.size), 2))
    superuser.run(
        "UPDATE privacy_ledgerentry SET position = CASE position WHEN %s THEN -1 ELSE -2 END WHERE position IN (%s, %s)",
        *(one, one, other),
    )
    superuser.run(
        "UPDATE privacy_ledgerentry SET position = CASE position WHEN -1 THEN %s ELSE %s END WHERE position < 0",
        other,
        one,
    )
    return one


def turn_a_run_round(superuser: Superuser) -> int:
    """Let a run of entries stand in the opposite order."""
    first = superuser.random.randrange(superuser.size - 3)
    last = superuser.random.randrange(first + 1, min(superuser.size, first + 40))
    superuser.run(
        "UPDATE privacy_ledgerentry SET position = -1 - (%s + %s - position) WHERE position BETWEEN %s AND %s",
        *(first, last, first, last),
    )
    superuser.run("UPDATE privacy_ledgerentry SET position = -1 - position WHERE position < 0")
    return first


def swap_two_rows(superuser: Superuser) -> int:
    """Let two rows of one table change what they say, each under the other's key."""
    model = superuser.random.choice(ROWS)
    table = model._meta.db_table
    found = LedgerEntry.objects.filter(source=table).order_by("position")
    one, other = sorted(superuser.random.sample(list(found), 2), key=lambda e: e.position)
    source = evidence.source_of(table)
    keys = [source.key_of(entry.record) for entry in (one, other)]
    rows = [dict(model.objects.filter(pk=key).values().get()) for key in keys]
    for key, values in zip(keys, reversed(rows), strict=True):
        model.objects.filter(pk=key).update(**{k: v for k, v in values.items() if k != "id"})
    if superuser.cover >= 1:
        superuser.rehash(one)
        superuser.rehash(other)
    return one.position


def _move(superuser: Superuser, where: str, by: int, position: int) -> None:
    superuser.run(f"UPDATE privacy_ledgerentry SET position = -1 - (position + %s) WHERE {where}", by, position)
    superuser.run("UPDATE privacy_ledgerentry SET position = -1 - position WHERE position < 0")


def _enter(superuser: Superuser, position: int, source: evidence.Source, key: object) -> None:
    record = key if isinstance(key, uuid.UUID) else uuid.UUID(int=int(key))
    with connection.cursor() as cursor:
        width = len(evidence.columns_of(cursor, source.table))
    entry = LedgerEntry.objects.create(
        position=position,
        source=source.table,
        record=record,
        width=width,
        nonce=uuid.uuid4(),
        leaf_hash=bytes(32),
        recorded_at=timezone.now(),
    )
    superuser.rehash(entry)


def _sizes() -> set[int]:
    from privacy.models import TreeHead

    return set(TreeHead.objects.values_list("tree_size", flat=True))


DEEDS: dict[str, list[Callable[[Superuser], int | None]]] = {
    "edit": [edit_a_row, edit_a_row, edit_a_leaf, exchange_a_row_for_another],
    "deletion": [delete_a_row, delete_a_row, delete_an_entry, delete_the_end],
    "insertion": [insert_a_row, insert_a_row_of_long_ago, insert_a_second_entry, insert_an_entry_without_a_row],
    "reordering": [swap_two_entries, turn_a_run_round, swap_two_rows],
}


__all__ = ["DEEDS", "Deed", "Head", "PublicKey", "Superuser", "write_evidence"]
