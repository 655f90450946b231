"""The key that signs heads and receipts: who holds it, which other keys it vouches for, and how one follows another.

The private key comes from the environment and never stands in the database. So a key is not trusted because the database
lists it, but because the key of today's environment says so: at each rotation the new key signs the former one, and the
former signs the new. From a key that one trusts, both kinds of signature lead to the others.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from privacy.models import LedgerKey

_NAMES_NEXT = b"kmall24 ledger: the key after this one is "
_NAMES_FORMER = b"kmall24 ledger: the key before this one was "
# A multicodec prefix: what follows is an Ed25519 public key.
_ED25519 = b"\xed\x01"


class KeyNotVouchedFor(Exception):
    """The environment's key and the keys that signed so far do not know each other."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key's public half."""

    raw: bytes

    @property
    def id(self) -> str:
        """What heads and receipts call it by: the beginning of its SHA-256."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def multibase(self) -> str:
        """As a W3C Multikey."""
        return base58(_ED25519 + self.raw)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this key made the signature."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A whole key. The text that it is made of may be any long random one."""

    def __init__(self, text: str) -> None:
        seed = hashlib.sha256(b"kmall24 ledger signing key\0" + text.encode()).digest()
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Sixty-four bytes of Ed25519."""
        return self._private.sign(message)


@cache
def _made_of(text: str) -> SigningKey:
    return SigningKey(text)


def current() -> SigningKey:
    """The key of this process's environment."""
    return _made_of(settings.LEDGER_SIGNING_KEY)


def introduce() -> SigningKey:
    """The key to sign with, listed from its first use on; refused when it came into the environment without a rotation."""
    key = current()
    if LedgerKey.objects.filter(pk=key.public.id).exists():
        return key
    if LedgerKey.objects.exists():
        raise KeyNotVouchedFor(
            f"The ledger was signed with another key than {key.public.id}, and the two do not know each other. Put the former "
            "LEDGER_SIGNING_KEY back and run `manage.py rotate_ledger_key`."
        )
    LedgerKey.objects.get_or_create(pk=key.public.id, defaults={"public_key": key.public.raw})
    return key


def succeed(former: PublicKey, new: SigningKey, *, former_key: SigningKey | None) -> LedgerKey:
    """List a key after another, each signed by the other as far as the private halves are at hand."""
    return LedgerKey.objects.create(
        key_id=new.public.id,
        public_key=new.public.raw,
        former_id=former.id,
        named_by_former=former_key.sign(_NAMES_NEXT + new.public.raw) if former_key else b"",
        names_former=new.sign(_NAMES_FORMER + former.raw),
    )


def rotate(target: Path) -> LedgerKey:
    """Make a new key, let the environment's key and it sign each other, and write it to `target`, readable by its owner alone."""
    former = introduce()
    text = secrets.token_urlsafe(50)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        listed = succeed(former.public, SigningKey(text), former_key=former)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return listed


def start_anew() -> LedgerKey:
    """List the environment's key after a former one that was lost. It vouches for that one; nobody vouches for it."""
    key = current()
    last = LedgerKey.objects.order_by("since").last()
    if last is None or last.pk == key.public.id:
        raise KeyNotVouchedFor("The environment's key is the one in use already: nothing to start anew.")
    return succeed(PublicKey(bytes(last.public_key)), key, former_key=None)


def trusted(using: str = "default") -> dict[str, PublicKey]:
    """The keys that the environment's own key leads to, itself and those of LEDGER_TRUSTED_KEYS included."""
    others = [PublicKey(bytes.fromhex(text)) for text in settings.LEDGER_TRUSTED_KEYS]
    return lead_to([current().public, *others], LedgerKey.objects.using(using))


def lead_to(known: Iterable[PublicKey], rows: Iterable[LedgerKey]) -> dict[str, PublicKey]:
    """Every key that signatures lead to from those that are trusted already. What the rows merely say counts for nothing."""
    found = {key.id: key for key in known}
    listed = list(rows)
    public = {row.pk: PublicKey(bytes(row.public_key)) for row in listed}
    grows = True
    while grows:
        grows = False
        for row in listed:
            new, former = public[row.pk], public.get(row.former_id)
            if former is None or new.id != row.pk:
                continue
            if former.id in found and new.id not in found and row.named_by_former:
                if former.verifies(bytes(row.named_by_former), _NAMES_NEXT + new.raw):
                    found[new.id], grows = new, True
            elif (
                new.id in found
                and former.id not in found
                and new.verifies(bytes(row.names_former), _NAMES_FORMER + former.raw)
            ):
                found[former.id], grows = former, True
    return found


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(value: bytes) -> str:
    """Multibase with the letter of base58btc before it."""
    number, digits = int.from_bytes(value, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "z" + "1" * (len(value) - len(value.lstrip(b"\0"))) + digits


def from_base58(text: str) -> bytes:
    """The bytes that `base58` wrote."""
    if not text.startswith("z") or set(text[1:]) - set(_BASE58):
        raise ValueError("This is no base58btc text.")
    number = 0
    for character in text[1:]:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
