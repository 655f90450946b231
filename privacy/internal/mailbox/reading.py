"""A mail as text: what cannot be decoded is replaced, never dropped."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as text: from whom, about what, and whether a machine wrote it."""

    sender: str
    heading: str
    body: str
    digest: str
    automatic: bool


def parse(raw: bytes) -> Letter:
    """Read a mail (RFC 5322). What cannot be decoded is replaced, never dropped; HTML is brought down to its text."""
    message = message_from_bytes(raw, policy=policy.default)
    message_id = str(message.get("Message-ID", "")).strip()
    body = _text_of(message)
    identity = message_id.encode("utf-8", "replace") or raw
    return Letter(
        sender=parseaddr(str(message.get("From", "")))[1][:254],
        heading=_clean(str(message.get("Subject", "")))[:300],
        body=_clean(body),
        digest=hashlib.sha256(identity).hexdigest(),
        automatic=_is_automatic(message),
    )


def _is_automatic(message: EmailMessage) -> bool:
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        submitted != "no"
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or message.get_content_type() in ("multipart/report", "message/delivery-status")
        or str(message.get("Return-Path", "")).strip() == "<>"
    )


def _text_of(message: EmailMessage) -> str:
    try:
        part = message.get_body(preferencelist=("plain", "html"))
        text = part.get_content() if part is not None else ""
    except (LookupError, ValueError, KeyError, AttributeError, UnicodeError):
        payload = message.get_payload(decode=True) or b""
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
        part = message
    if not isinstance(text, str):
        text = ""
    if part is not None and part.get_content_type() == "text/html":
        text = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", " ", text)
        text = re.sub(r"(?s)<[^>]+>", " ", text)
    return text


def _clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:100_000].strip()
