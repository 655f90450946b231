"""Letters are fetched from a mailbox: each is stored, and only then put away; none is lost and none keeps the next one waiting."""

from __future__ import annotations

import datetime as dt
import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from privacy.crashpoints import crashpoint
from privacy.internal.desk import receiving

logger = logging.getLogger(__name__)

# One round ends after so long, well below the time limit of its task; the next goes on.
_ROUND_SECONDS = 4 * 60
_MOST_AT_ONCE = 500
_PATIENCE_SECONDS = 30
# What of a mail that is too large is fetched, so that staff see from whom it is.
_BEGINNING = 64 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class MailboxLost(Exception):
    """The mailbox does not answer any more. What was stored is stored; the rest waits there for the next round."""


class MailUnreachable(Exception):
    """The mailbox answers, but does not give out this one mail."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits: its key in the mailbox, when it arrived there, how large it is."""

    uid: str
    arrived_at: dt.datetime
    size: int


class Mailbox(Protocol):
    """Where letters arrive. Reading marks nothing; a mail leaves its place only when it is put away."""

    def waiting(self) -> list[Waiting]:
        """The mails that wait, the oldest first."""

    def read(self, uid: str, first_bytes: int | None = None) -> bytes:
        """A mail as it came, or its beginning. Raises `MailUnreachable`, or `MailboxLost` when nothing answers."""

    def put_away(self, uid: str, *, in_quarantine: bool) -> None:
        """Move a mail to where the processed ones lie, or to quarantine."""


class ImapMailbox:
    """A mailbox that speaks IMAP4rev1 (RFC 3501)."""

    def __init__(self, box: BaseMailBox, *, folder: str, processed: str, quarantine: str) -> None:
        self._box = box
        self._folders = {False: processed, True: quarantine}
        for name in (processed, quarantine):
            if not box.folder.exists(name):
                box.folder.create(name)
        box.folder.set(folder)

    def waiting(self) -> list[Waiting]:
        with _or_lost():
            uids = [uid for uid in self._box.uids() if uid][:_MOST_AT_ONCE]
            found = [self._described(uid) for uid in uids]
        return sorted(filter(None, found), key=lambda mail: (mail.arrived_at, int(mail.uid)))

    def _described(self, uid: str) -> Waiting | None:
        status, answer = self._box.client.uid("FETCH", uid, "(INTERNALDATE RFC822.SIZE)")
        line = b" ".join(part if isinstance(part, bytes) else part[0] for part in answer if part).decode(
            "ascii", "replace"
        )
        if status != "OK" or not line:
            return None  # somebody took it away in the meantime
        size = re.search(r"RFC822\.SIZE (\d+)", line)
        stamp = imaplib.Internaldate2tuple(line.encode())
        arrived = dt.datetime.fromtimestamp(time.mktime(stamp), tz=dt.UTC) if stamp else timezone.now()
        return Waiting(uid, min(arrived, timezone.now()), int(size.group(1)) if size else 0)

    def read(self, uid: str, first_bytes: int | None = None) -> bytes:
        # PEEK, so that a mail that was only looked at still shows as new to people who open the mailbox.
        part = "BODY.PEEK[]" + (f"<0.{first_bytes}>" if first_bytes else "")
        with _or_lost():
            status, answer = self._box.client.uid("FETCH", uid, f"({part})")
        for piece in answer if status == "OK" else ():
            if isinstance(piece, tuple):
                return piece[1]
        raise MailUnreachable(uid)

    def put_away(self, uid: str, *, in_quarantine: bool) -> None:
        with _or_lost():
            self._box.move(uid, self._folders[in_quarantine])


@contextmanager
def _or_lost() -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, ImapToolsError, OSError, EOFError, ssl.SSLError) as error:
        raise MailboxLost(type(error).__name__) from error


@contextmanager
def opened(url: str) -> Iterator[ImapMailbox]:
    """The mailbox at `imaps://user:password@host:993/INBOX?processed=Processed&quarantine=Quarantine`.

    `imap+starttls://` begins in the open and then encrypts; `imap://` never encrypts and is for this machine only.
    """
    parts = urlsplit(url)
    kinds = {"imaps": (MailBox, 993), "imap+starttls": (MailBoxStartTls, 143), "imap": (MailBoxUnencrypted, 143)}
    if parts.scheme not in kinds or not parts.hostname or not parts.username:
        raise ImproperlyConfigured("PRIVACY_IMAP_URL must look like imaps://user:password@mail.example:993/INBOX")
    if parts.scheme == "imap" and parts.hostname not in _LOOPBACK:
        raise ImproperlyConfigured("PRIVACY_IMAP_URL would send letters in the open: use imaps:// or imap+starttls://.")
    kind, usual_port = kinds[parts.scheme]
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    with _or_lost():
        box = kind(parts.hostname, port=parts.port or usual_port, timeout=_PATIENCE_SECONDS)
    try:
        with _or_lost():
            box.login(unquote(parts.username), unquote(parts.password or ""), initial_folder=None)
            mailbox = ImapMailbox(
                box,
                folder=unquote(parts.path.strip("/")) or "INBOX",
                processed=asked.get("processed", "Processed"),
                quarantine=asked.get("quarantine", "Quarantine"),
            )
        yield mailbox
    finally:
        try:
            box.logout()
        except Exception as error:  # a connection that is gone cannot be closed in order
            logger.info("The mailbox was left without a goodbye: %s", type(error).__name__)


def fetch_all() -> int:
    """Take in what waits in the mailbox that the settings name; how many mails were stored."""
    if not settings.PRIVACY_IMAP_URL:
        return 0
    try:
        with opened(settings.PRIVACY_IMAP_URL) as mailbox:
            return take_in(mailbox)
    except MailboxLost as lost:
        # The mails stay where they are, and the next round is a minute away.
        logger.warning("The privacy mailbox does not answer: %s", lost)
        return 0


def take_in(mailbox: Mailbox) -> int:
    """Store each mail that waits in a transaction of its own, then put it away; how many.

    A death between the two brings the mail again, and it is known by its Message-ID and its words. A mail that cannot be
    read goes to quarantine with its reason; one that cannot even be stored stays where it is, and the next is taken.
    """
    taken, until = 0, time.monotonic() + _ROUND_SECONDS
    for waiting in mailbox.waiting():
        if time.monotonic() > until:
            break
        try:
            in_quarantine = _store(mailbox, waiting)
        except MailboxLost:
            logger.warning("The privacy mailbox was lost after %s mails", taken)
            break
        except Exception as error:  # the database, most likely; this mail is brought again in a minute
            logger.exception("A mail could not be stored and waits in the mailbox: %s", type(error).__name__)
            continue
        crashpoint("after_letter_before_move")
        taken += 1
        try:
            mailbox.put_away(waiting.uid, in_quarantine=in_quarantine)
        except MailboxLost:
            logger.warning("The privacy mailbox was lost after %s mails", taken)
            break
    return taken


def _store(mailbox: Mailbox, waiting: Waiting) -> bool:
    """Store one mail; whether it went into quarantine."""
    if waiting.size > receiving.MOST_BYTES:
        beginning = mailbox.read(waiting.uid, first_bytes=_BEGINNING)
        receiving.quarantine(beginning, "larger than 40 MiB", received_at=waiting.arrived_at)
        return True
    try:
        raw = mailbox.read(waiting.uid)
    except MailUnreachable:
        unnamed = f"Message-ID: <{waiting.uid}.{waiting.size}@mailbox.invalid>\n\n".encode()
        receiving.quarantine(unnamed, "the mail server does not give it out", received_at=waiting.arrived_at)
        return True
    case = receiving.receive_mail(raw, received_at=waiting.arrived_at)
    return case.unreadable.exists()
