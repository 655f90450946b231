"""A mail server that takes everything, now and then slowly, and writes down when it took which: `optout_sink FILE SECONDS`."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

# One mail in so many takes a moment longer, as real servers do: in it an opt-out may come.
SLOW_ONE_IN = 5


class Taker:
    """Takes every mail."""

    def __init__(self, path: str, slowness: float) -> None:
        self.slowness = slowness
        self.log = open(path, "a", buffering=1, encoding="ascii")  # noqa: SIM115 - held till the end
        self.draw = random.Random(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.draw.random() * SLOW_ONE_IN < 1:
            await asyncio.sleep(self.slowness)
        # Only the campaign's: letters that acknowledge a wish or confirm a choice are to come.
        if envelope.mail_from.startswith("bounces+"):
            self.log.write(f"{time.time()}\t{envelope.rcpt_tos[0]}\n")
        return "250 OK"


async def serve(path: str, slowness: float) -> None:
    taker = Taker(path, slowness)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(taker), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def sink(log: Path, slowness: float) -> Iterator[tuple[int, Path]]:
    """A mail server in a process of its own: a line for each mail that it takes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.optout_sink", str(log), str(slowness)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), log
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


class Taken:
    """How many mails the sink has written down so far; each line is read once."""

    def __init__(self, log: Path) -> None:
        self.log, self.number, self._read = log, 0, 0

    def count(self) -> int:
        if self.log.exists():
            with self.log.open("rb") as lines:
                lines.seek(self._read)
                for chunk in iter(lambda: lines.read(1 << 20), b""):
                    self.number += chunk.count(b"\n")
                    self._read += len(chunk)
        return self.number


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2])))
