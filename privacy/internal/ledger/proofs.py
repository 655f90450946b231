"""What the ledger shows to others: the head with its keys, proofs for it, and the proof that rows of evidence are in it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from privacy.internal.ledger import building, evidence, heads, keys
from privacy.internal.ledger.heads import Head
from privacy.models import LedgerEntry, LedgerKey, TreeHead


@dataclass(frozen=True, slots=True)
class Entered:
    """One row of evidence with all that it takes to compute the root from it."""

    record: uuid.UUID
    table: str
    columns: tuple[str, ...]
    row: bytes
    nonce: bytes
    position: int
    path: tuple[bytes, ...]

    def as_data(self) -> dict[str, Any]:
        """For JSON: bytes as hexadecimal digits, the path from the leaf up."""
        return {
            "record": str(self.record),
            "table": self.table,
            "columns": list(self.columns),
            "row": self.row.hex(),
            "nonce": self.nonce.hex(),
            "position": self.position,
            "path": [step.hex() for step in self.path],
        }


def head_as_data(head: Head) -> dict[str, Any]:
    """A head as it is published, with the public keys that have signed any."""
    return {
        **head.as_data(),
        "signed_at": head.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "tree": "RFC 9162, SHA-256; a leaf is table, a zero byte, nonce and the row in PostgreSQL's binary form",
        "signature_of": "RFC 9162 TreeHeadDataV2 by Ed25519",
        "keys": keys_as_data(),
    }


def keys_as_data() -> list[dict[str, str]]:
    """The public keys, the first one first, with what each pair of neighbours says of the other."""
    return [
        {
            "id": row.key_id,
            "public_key": bytes(row.public_key).hex(),
            "publicKeyMultibase": keys.PublicKey(bytes(row.public_key)).multibase,
            "since": row.since.isoformat(),
            "former": row.former_id,
            "named_by_former": bytes(row.named_by_former).hex(),
            "names_former": bytes(row.names_former).hex(),
        }
        for row in LedgerKey.objects.order_by("since")
    ]


def inclusion(position: int, tree_size: int) -> dict[str, Any]:
    """The audit path of one entry. `ValueError` when there is no such entry or no such tree."""
    _refuse_unsigned(tree_size)
    path = building.tree_of(tree_size).inclusion(position)
    leaf = bytes(LedgerEntry.objects.values_list("leaf_hash", flat=True).get(position=position))
    return {
        "position": position,
        "tree_size": tree_size,
        "leaf_hash": leaf.hex(),
        "path": [step.hex() for step in path],
    }


def consistency(first: int, second: int) -> dict[str, Any]:
    """The proof that the tree of `first` entries is the beginning of that of `second`. `ValueError` when it cannot be."""
    _refuse_unsigned(second)
    proof = building.tree_of(second).consistency(first)
    return {"first": first, "second": second, "proof": [step.hex() for step in proof]}


def _refuse_unsigned(tree_size: int) -> None:
    newest = heads.newest()
    if newest is None or not 0 < tree_size <= newest.tree_size:
        raise ValueError(f"No head is signed over {tree_size} entries.")


def entered(table: str, records: Sequence[uuid.UUID]) -> tuple[Head | None, list[Entered]]:
    """The proofs for rows of one table under the newest head. Rows that no head covers yet are left out."""
    row = TreeHead.objects.order_by("-id").first()
    source = evidence.source_of(table)
    if row is None or source is None:
        return None, []
    head = Head.of_row(row)
    entries = list(
        LedgerEntry.objects.filter(source=table, record__in=records, position__lt=head.tree_size).order_by("position")
    )
    tree = building.tree_of(head.tree_size)
    with connection.cursor() as cursor:
        columns = evidence.columns_of(cursor, table)
        found = []
        for entry in entries:
            used = columns[: entry.width]
            cursor.execute(
                f'SELECT {evidence.bytes_of(used, "x")} FROM "{table}" x WHERE x.id = %s',  # noqa: S608 - names of ours
                [source.key_of(entry.record)],
            )
            (bytes_of_row,) = cursor.fetchone()
            found.append(
                Entered(
                    entry.record,
                    table,
                    tuple(column.name for column in used),
                    bytes(bytes_of_row),
                    entry.nonce.bytes,
                    entry.position,
                    tuple(tree.inclusion(entry.position)),
                )
            )
    return head, found
