"""Finished mails by SMTP, told apart to the byte: what was refused, what may be tried again, and what may have arrived."""

from __future__ import annotations

import smtplib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum
from typing import Protocol, cast

from django.conf import settings
from django.core.mail import EmailMessage as DjangoMessage
from django.core.mail import get_connection

_SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# Replies that say the mailbox is not there (RFC 3463 5.1.x, and the bare code of old servers).
_NO_SUCH_MAILBOX = (b"5.1.1", b"5.1.2", b"5.1.3", b"5.1.10", b"5.2.1")


# A message is in a carrier's hands for at most so long. Whoever opts out in these seconds waits for it.
PATIENCE_SECONDS = 5


class Fate(StrEnum):
    """What a carrier knows of a message that it was given."""

    TAKEN = "taken"
    REFUSED = "refused"  # for good
    LATER = "later"  # not now; it has certainly not been taken
    UNKNOWN = "unknown"  # it may have been taken: it must never be given again


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of one message, with the other side's code where it named one."""

    fate: Fate
    code: int | None = None
    # Whether the refusal is about the address itself, which then does not exist.
    no_such_address: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, ready to leave: to whom, where it comes back to, and its bytes or its words."""

    to: str
    returns_to: str
    content: bytes


class MailLine(Protocol):
    """An open line to the mail server."""

    def carry(self, parcel: Parcel) -> Outcome:
        """Give one mail to the server. Never raises for what the server or the network does."""
        ...


class MailCarrier:
    """The mail server that the store's letters go through; where letters are written to files, so are these."""

    @contextmanager
    def line(self) -> Iterator[MailLine]:
        # The interface of a mail service takes no finished bytes; its mail server does, and EMAIL_URL names it.
        if settings.EMAIL_BACKEND != _SMTP_BACKEND and not settings.EMAIL_BACKEND.startswith("anymail."):
            yield _Backend()
            return
        line = _Smtp()
        try:
            yield line
        finally:
            line.hang_up()


class _Backend:
    """Django's other mail backends, which write to files or to memory: what they take is taken."""

    def carry(self, parcel: Parcel) -> Outcome:
        # They want Django's own kind of message; this one is finished, so it is wrapped as it is.
        get_connection().send_messages([cast(DjangoMessage, _Finished(parcel))])
        return Outcome(Fate.TAKEN)


class _Finished:
    """As much of a Django message as its backends read, around bytes that are not to be changed."""

    extra_headers: dict[str, str] = {}
    encoding = "utf-8"

    def __init__(self, parcel: Parcel) -> None:
        parsed = message_from_bytes(parcel.content, policy=SMTP_POLICY)
        self._parsed = parsed
        self.from_email = parcel.returns_to
        self.to = [parcel.to]
        self.cc: list[str] = []
        self.bcc: list[str] = []
        self.reply_to: list[str] = []
        self.subject = str(parsed["Subject"])
        plain = parsed.get_body(preferencelist=("plain",))
        self.body = plain.get_content() if plain is not None else ""

    def recipients(self) -> list[str]:
        return self.to

    def message(self) -> object:
        return self._parsed


class _Smtp:
    """One connection, opened when it is first needed and again after it was lost."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None
        self._until = 0.0

    def carry(self, parcel: Parcel) -> Outcome:
        self._until = time.monotonic() + PATIENCE_SECONDS
        try:
            server = self._connected()
            for code, words in self._envelope(server, parcel):
                if code >= 400:
                    server.rset()
                    return _refusal(code, words)
        except (OSError, smtplib.SMTPException) as error:
            # Not a byte of the message has left.
            self.hang_up()
            return Outcome(Fate.LATER, getattr(error, "smtp_code", None))
        return self._data(server, parcel.content)

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            make = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
            server = make(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=PATIENCE_SECONDS)
            # Each message is two packets and its end a third; none of them may wait for the acknowledgement of the last.
            if server.sock is not None:
                server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.ehlo()
            if settings.EMAIL_USE_TLS:
                server.starttls()
                server.ehlo()
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            self._server = server
        return self._server

    def _envelope(self, server: smtplib.SMTP, parcel: Parcel) -> Iterator[tuple[int, bytes]]:
        self._be_patient(server)
        yield server.mail(parcel.returns_to)
        self._be_patient(server)
        yield server.rcpt(parcel.to)
        self._be_patient(server)
        code, words = server.docmd("DATA")
        # Anything but "go on" is a refusal, also a 250.
        yield (code, words) if code == 354 else (max(code, 400), words)

    def _data(self, server: smtplib.SMTP, content: bytes) -> Outcome:
        """From the first byte of the message to the reply: whatever breaks in here, the message may have arrived."""
        lines = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        stuffed = lines.replace(b"\r\n.", b"\r\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        try:
            self._be_patient(server)
            server.send(stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n")
            code, words = server.getreply()
        except (OSError, smtplib.SMTPException):
            self.hang_up()
            return Outcome(Fate.UNKNOWN)
        if 200 <= code < 300:
            return Outcome(Fate.TAKEN, code)
        return _refusal(code, words)

    def _be_patient(self, server: smtplib.SMTP) -> None:
        """What is left of the patience for this message; it counts for all of it and not for each line."""
        if server.sock is not None:
            server.sock.settimeout(max(0.05, self._until - time.monotonic()))

    def hang_up(self) -> None:
        """End the connection, politely where it still answers."""
        server, self._server = self._server, None
        if server is not None:
            try:
                server.sock.settimeout(0.2)  # type: ignore[union-attr]
                server.quit()
            except (OSError, smtplib.SMTPException, AttributeError):
                server.close()


def _refusal(code: int, words: bytes) -> Outcome:
    if code < 500:
        return Outcome(Fate.LATER, code)
    gone = any(status in words for status in _NO_SUCH_MAILBOX) or (code == 550 and b"5." not in words)
    return Outcome(Fate.REFUSED, code, no_such_address=gone)
