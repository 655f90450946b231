"""A real SMTP server that refuses, stalls and dies by what the address says, and remembers every mail and when it took it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Taken:
    """One mail that was taken: by whom it is to be read, where it came from, when."""

    to: str
    sender: str
    at: float
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)  # type: ignore[return-value]


@dataclass
class Sink:
    """What an address begins with says what happens to its mail; anything else is taken."""

    taken: list[Taken] = field(default_factory=list)
    put_off: set[str] = field(default_factory=set)
    stall_seconds: float = 30.0
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("gone"):
            return "550 5.1.1 No such mailbox"
        if address.startswith("spam"):
            return "554 5.7.1 Not wanted here"
        if address.startswith("busy") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.0 Come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        (address,) = envelope.rcpt_tos
        if address.startswith("stall"):
            await asyncio.sleep(self.stall_seconds)
        self.taken.append(Taken(address, envelope.mail_from, time.time(), envelope.original_content))
        if address.startswith("die"):
            server.transport.abort()
        return "250 OK"

    def to(self, address: str) -> list[Taken]:
        return [mail for mail in self.taken if mail.to == address]


@contextmanager
def mail_sink(**scripted: Any) -> Iterator[Sink]:
    """A sink on a free port of this machine."""
    sink = Sink(**scripted)
    with socket.create_server(("127.0.0.1", 0)) as free:
        sink.port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, ready_timeout=20)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
