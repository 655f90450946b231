"""Seals what must be read again and must not stand in the database as it is: the secrets of second factors."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

# What is sealed opens as nothing else: not as a value of another column, nor as one of another store.
_BOUND_TO = b"mfa_authenticator.data"
_NONCE = 12  # bytes


class NotSealedHere(Exception):
    """No key of this installation opens it."""


def seal(text: str) -> str:
    """AES-256-GCM under the installation's first key; the same text never looks the same twice."""
    nonce = secrets.token_bytes(_NONCE)
    return base64.b64encode(nonce + _ciphers()[0].encrypt(nonce, text.encode(), _BOUND_TO)).decode()


def unseal(sealed: str) -> str:
    """The text again, by whichever of the keys it was sealed with."""
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError:
        raw = b""
    for cipher in _ciphers() if len(raw) > _NONCE else ():
        try:
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _BOUND_TO).decode()
        except InvalidTag:
            continue
    raise NotSealedHere(
        "This second factor was sealed with a key that is not here: name the former one in SECOND_FACTOR_KEY_FALLBACKS, "
        "or take the factor off with `manage.py take_off_second_factor`, and let its owner set up a new one."
    )


def _ciphers() -> list[AESGCM]:
    keys = [settings.SECOND_FACTOR_KEY, *settings.SECOND_FACTOR_KEY_FALLBACKS]
    return [AESGCM(hashlib.sha256(key.encode()).digest()) for key in keys]
