"""The list of addresses to be left alone: entered by a no, asked at every claim, left only by the person's own new yes."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from marketing.models import Suppression
from privacy import journal
from privacy.addresses import canonical
from privacy.models import Subject

Cause = Suppression.Cause


@cache
def _keys(configured: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    pairs = [entry.partition(":") for entry in configured]
    return tuple((key_id, key.encode()) for key_id, _colon, key in pairs)


def keys() -> tuple[tuple[str, bytes], ...]:
    """The keys of the list, id and secret; the first makes new entries, the others still find old ones."""
    return _keys(tuple(settings.SUPPRESSION_KEYS))


def forms_of(address: str) -> tuple[str, ...]:
    """The forms in which an address is looked for: as it was given, and as its owner's mailbox is really called."""
    exact = address.strip().lower()
    reduced = canonical(address)
    return (exact,) if exact == reduced else (exact, reduced)


def digests_of(address: str) -> list[bytes]:
    """Everything under which an address may be on the list, under every key."""
    return [hmac.digest(key, form.encode(), "sha256") for _id, key in keys() for form in forms_of(address)]


def suppress(addresses: Iterable[str], cause: str, *, purposes: Sequence[str] = ("",)) -> None:
    """Enter addresses in every form, for every purpose or for some. An entry that stands is left as it is.

    The lock makes a message to another spelling of the address, which is on its way at this very moment, be awaited.
    """
    key_id, key = keys()[0]
    entries: dict[tuple[bytes, str], Suppression] = {}
    for address in addresses:
        for form in forms_of(address):
            digest = hmac.digest(key, form.encode(), "sha256")
            for purpose in purposes:
                entries[digest, purpose] = Suppression(digest=digest, key_id=key_id, purpose=purpose, cause=cause)
    if not entries:
        return
    digests = sorted({digest for digest, _purpose in entries})
    _await_messages(digests)
    Suppression.objects.bulk_create(entries.values(), ignore_conflicts=True)
    # Whoever subscribed and said no after a backup is nobody in it: only the hash knows whom to leave alone.
    journal.note(
        "marketing.left_alone",
        beside=True,
        under=key_id,
        digests=[digest.hex() for digest in digests],
        purposes=[str(purpose) for purpose in purposes],
        cause=str(cause),
    )


@journal.replays("marketing.left_alone")
def leave_alone_again(line: Mapping[str, Any], _people: Sequence[Subject]) -> None:
    """Enter the hashes of a line again after a restore. A yes that was said since is not known any more: it is asked for again."""
    Suppression.objects.bulk_create(
        [
            Suppression(digest=bytes.fromhex(digest), key_id=line["under"], purpose=purpose, cause=line["cause"])
            for digest in line["digests"]
            for purpose in line["purposes"]
        ],
        ignore_conflicts=True,
    )


def lift(address: str, *, purposes: Sequence[str]) -> None:
    """Take an address off the list for some purposes: its owner has just proved that they are, and said yes.

    An entry for everything gives way too: whoever answered our question from a mailbox has shown that it takes mail, and
    that they want some.
    """
    digests = digests_of(address)
    Suppression.objects.filter(Q(purpose__in=purposes) | Q(purpose=""), digest__in=digests).delete()


def suppressed(addresses: Mapping[int, str], purpose: str) -> set[int]:
    """Which of these addresses are on the list for a purpose, by the keys they were given under. One query."""
    digests = {number: digests_of(address) for number, address in addresses.items()}
    wanted = [digest for forms in digests.values() for digest in forms]
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest FROM marketing_suppression WHERE digest = ANY(%s) AND purpose IN ('', %s)", [wanted, purpose]
        )
        found = {bytes(row[0]) for row in cursor.fetchall()}
    return {number for number, forms in digests.items() if not found.isdisjoint(forms)} if found else set()


def hold_still(address: str, purpose: str) -> bool:
    """Whether an address may be written to, held so until the transaction ends: who enters it meanwhile waits for that.

    It does not wait itself: for an address that is being entered, or written to, at this moment the answer is no.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_try_advisory_xact_lock(n)) FROM unnest(%s::bigint[]) AS n",
            [_numbers(digests_of(address))],
        )
        if not cursor.fetchone()[0]:
            return False
    return not suppressed({0: address}, purpose)


def _await_messages(digests: Iterable[bytes]) -> None:
    """Wait for messages that are on their way to these addresses at this moment; several may enter one address at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(n) FROM unnest(%s::bigint[]) AS n", [_numbers(digests)])


def _numbers(digests: Iterable[bytes]) -> list[int]:
    return sorted({int.from_bytes(digest[:8], "big", signed=True) for digest in digests})
