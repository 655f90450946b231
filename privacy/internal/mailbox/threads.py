"""Which case a letter answers: our own letters carry a name of their case that nobody can guess."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from privacy.models import RightsRequest

# The beginning of the case's number, as letters show it, and a proof that this store wrote it: 60 bits.
_TOKEN = re.compile(r"(?<![0-9a-f])([0-9a-f]{8})-([a-z2-7]{12})(?![a-z2-7])")


def token_of(case: RightsRequest) -> str:
    """The name of a case for subjects and Message-IDs: "3f2a91bc-k5j2m7q9xwab"."""
    return f"{case.pk.hex[:8]}-{_proof(case.pk, settings.SECRET_KEY)}"


def message_id(case: RightsRequest) -> str:
    """A new Message-ID for a letter of this case (RFC 5322, 3.6.4). Whoever answers it, answers the case."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{token_of(case)}.{secrets.token_hex(6)}@{domain}>"


def case_named_in(message_ids: Iterable[str], heading: str) -> RightsRequest | None:
    """The case that a letter answers, by the Message-IDs that it refers to or by the token in its subject."""
    for text in (*message_ids, heading.lower()):
        for beginning, proof in _TOKEN.findall(text):
            first, last = UUID(beginning + "0" * 24), UUID(beginning + "f" * 24)
            for case in RightsRequest.objects.filter(pk__gte=first, pk__lte=last):
                keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
                if any(constant_time_compare(proof, _proof(case.pk, key)) for key in keys):
                    return case
    return None


def _proof(case_id: UUID, key: str) -> str:
    digest = salted_hmac("privacy.case", case_id.hex, secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest)[:12].decode("ascii").lower()
