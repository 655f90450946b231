"""Keyed names: who a line is about can be found out by whoever holds the key and the person, and by nobody else."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from privacy.internal.journal import lines


def _derived(use: str) -> bytes:
    return hmac.new(settings.PRIVACY_JOURNAL_KEY.encode(), use.encode(), hashlib.sha256).digest()


def key_id() -> str:
    """By which name the lines say under which key they were written; it tells nothing of the key."""
    return _derived("name")[:6].hex()


def named(kind: str, *parts: object) -> str:
    """The keyed hash of something: a person's key, a place, a value."""
    text = "\0".join([kind, *map(str, parts)])
    return hmac.new(_derived("names"), text.encode(), hashlib.sha256).hexdigest()[:40]


def person(key: UUID | str) -> str:
    return named("person", str(key))


# --- corrected values --------------------------------------------------------------------------------------------------
# They must come back after a restore and must not outlive their person. Each is sealed under a key of its own, in a small
# file beside the journal; removing that file is forgetting the value, in every copy of the journal that was ever made.


def _folder() -> Path | None:
    path = lines.place()
    return path.parent / "values" if path else None


def seal(people: Iterable[str], line_id: str, value: str) -> str:
    """Seal a value that a line is to carry, for the people named by their keyed hashes."""
    folder = _folder()
    if folder is None:
        return ""
    key, nonce = AESGCM.generate_key(bit_length=256), os.urandom(12)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{line_id}.{'.'.join(name[:24] for name in people)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, AESGCM(_derived("values")).encrypt(nonce, key, line_id.encode()))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return (nonce + AESGCM(key).encrypt(nonce, value.encode(), line_id.encode())).hex()


def unseal(line_id: str, sealed: str) -> str | None:
    """The value, or None when it has been forgotten or was sealed under another key."""
    folder, raw = _folder(), bytes.fromhex(sealed)
    if folder is None:
        return None
    try:
        for path in folder.glob(f"{line_id}.*"):
            key = AESGCM(_derived("values")).decrypt(raw[:12], path.read_bytes(), line_id.encode())
            return AESGCM(key).decrypt(raw[:12], raw[12:], line_id.encode()).decode()
    except InvalidTag:
        return None
    return None


def forget_values_of(people: Iterable[str]) -> int:
    """Make the corrected values of these people unreadable for good."""
    return _remove(f"*.{name[:24]}*" for name in people)


def forget_value(line_id: str) -> int:
    """The line was never true: its transaction was rolled back."""
    return _remove([f"{line_id}.*"])


def _remove(patterns: Iterable[str]) -> int:
    folder, removed = _folder(), 0
    if folder is None or not folder.exists():
        return 0
    for pattern in patterns:
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def forget_values_before(moment: float) -> int:
    """Forget what no backup is old enough to need any more: files made before a moment, in seconds since 1970."""
    folder, removed = _folder(), 0
    for path in folder.iterdir() if folder and folder.exists() else []:
        if path.stat().st_mtime < moment:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
