"""One signature over the time and the bytes of a message, so that neither can be changed or played again later."""

from __future__ import annotations

import hashlib
import hmac
import re

from orders.payment.provider import ForgedWebhook, StaleWebhook

HEADER = "Kmall24-Signature"
# Long enough for a slow clock, short enough that a recorded message is soon worthless.
TOLERANCE_SECONDS = 5 * 60

_TIME = re.compile(r"[0-9]{1,12}")
_LONGEST_HEADER = 1024


def sign(secret: str, body: bytes, timestamp: int) -> str:
    """The header's value for this body at this time."""
    return f"t={timestamp},v1={_digest(secret, body, str(timestamp))}"


def verify(secret: str, body: bytes, header: str, now: float) -> None:
    """Return when the header proves the body; several `v1` parts are allowed so that a secret can be changed in use."""
    timestamp, candidates = _parts(header)
    expected = _digest(secret, body, timestamp).encode()
    # Every candidate is compared, and each in constant time.
    matches = [hmac.compare_digest(expected, candidate.encode(errors="replace")) for candidate in candidates]
    if not any(matches):
        raise ForgedWebhook("The message is not signed with our webhook secret; nothing was done with it.")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise StaleWebhook("The message was signed more than five minutes from now; nothing was done with it.")


def _parts(header: str) -> tuple[str, list[str]]:
    times, candidates = [], []
    for part in header[:_LONGEST_HEADER].split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            times.append(value)
        elif name == "v1":
            candidates.append(value)
    if len(times) != 1 or not _TIME.fullmatch(times[0]) or not candidates:
        raise ForgedWebhook("The message carries no signature that can be read; nothing was done with it.")
    return times[0], candidates


def _digest(secret: str, body: bytes, timestamp: str) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
