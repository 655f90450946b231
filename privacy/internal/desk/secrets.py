"""What the desk puts into letters to open a page or to confirm something: made from the store's key, kept as digests only."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

CODE_DIGITS = 6


def link_for(purpose: str, key: Any) -> str:
    """The unguessable part of a link. The same row gets the same link, so that a letter that is sent twice has one."""
    made = salted_hmac(f"privacy.desk.link.{purpose}", str(key), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def digest_of_link(link: str) -> str:
    """What is kept of a link; 256 random bits need no salt."""
    return hashlib.sha256(link.encode()).hexdigest()


def code_for(key: Any) -> str:
    """Six digits that only the store and the owner of the mailbox know."""
    made = int(salted_hmac("privacy.desk.code", str(key), algorithm="sha256").hexdigest(), 16)
    return f"{made % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def digest_of_code(key: Any, code: str) -> str:
    """What is kept of a code: keyed, since a million codes are soon tried."""
    return salted_hmac("privacy.desk.code.kept", f"{key}:{code}", algorithm="sha256").hexdigest()


def is_code(key: Any, typed: str, kept: str) -> bool:
    """Whether these digits are the code of a row, however they were spaced."""
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    return constant_time_compare(digest_of_code(key, digits), kept)


def digest_of_value(value: Any) -> str:
    """By which a value is known again without being kept: keyed, and blind to case and to spaces around it."""
    return salted_hmac("privacy.desk.value", str(value or "").strip().casefold(), algorithm="sha256").hexdigest()
