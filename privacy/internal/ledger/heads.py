"""Signed tree heads: what is signed, byte for byte as RFC 9162 has it, and how a head is shown."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privacy.internal.ledger.keys import PublicKey, SigningKey
from privacy.models import TreeHead


@dataclass(frozen=True, slots=True)
class Head:
    """The root of the tree at one size, at one moment, signed."""

    tree_size: int
    root_hash: bytes
    timestamp: int
    key_id: str
    signature: bytes

    @property
    def message(self) -> bytes:
        """What the signature is over: TreeHeadDataV2 (timestamp, size, root, no extensions)."""
        numbers = self.timestamp.to_bytes(8, "big") + self.tree_size.to_bytes(8, "big")
        return numbers + bytes([len(self.root_hash)]) + self.root_hash + b"\0\0"

    @property
    def moment(self) -> dt.datetime:
        """When it was signed."""
        return dt.datetime.fromtimestamp(self.timestamp / 1000, tz=dt.UTC)

    @property
    def month(self) -> str:
        """The month of the signature, for the journal's file."""
        return f"{self.moment:%Y-%m}"

    def is_signed(self, keys: Mapping[str, PublicKey]) -> bool:
        """Whether one of these keys signed it."""
        key = keys.get(self.key_id)
        return key is not None and key.verifies(self.signature, self.message)

    def as_data(self) -> dict[str, Any]:
        """For JSON: numbers as they are, bytes as hexadecimal digits."""
        return {
            "tree_size": self.tree_size,
            "timestamp": self.timestamp,
            "root_hash": self.root_hash.hex(),
            "key_id": self.key_id,
            "signature": self.signature.hex(),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Head:
        """Back from JSON. `ValueError` or `KeyError` when it is no head."""
        return cls(
            int(data["tree_size"]),
            bytes.fromhex(data["root_hash"]),
            int(data["timestamp"]),
            str(data["key_id"]),
            bytes.fromhex(data["signature"]),
        )

    @classmethod
    def of_row(cls, row: TreeHead) -> Head:
        """As the database has it."""
        return cls(row.tree_size, bytes(row.root_hash), row.timestamp, row.key_id, bytes(row.signature))


def sign(tree_size: int, root: bytes, key: SigningKey) -> Head:
    """Sign a root as of now."""
    unsigned = Head(tree_size, root, time.time_ns() // 1_000_000, key.public.id, b"")
    return Head(tree_size, root, unsigned.timestamp, key.public.id, key.sign(unsigned.message))


def keep(head: Head) -> None:
    """Store a head, for pages and proofs."""
    TreeHead.objects.create(
        tree_size=head.tree_size,
        root_hash=head.root_hash,
        timestamp=head.timestamp,
        key_id=head.key_id,
        signature=head.signature,
    )


def newest() -> Head | None:
    """The head that the store shows, None before the first."""
    row = TreeHead.objects.order_by("-id").first()
    return Head.of_row(row) if row else None
