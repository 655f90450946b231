"""A mail server that takes everything, now and then slowly, and writes down when it took which: `optout_sink FILE`."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from typing import Any

from aiosmtpd.smtp import SMTP

# One mail in so many takes a moment longer, as real servers do: in it an opt-out may come.
SLOW_ONE_IN, SLOWNESS = 5, 0.04


class Taker:
    """Takes every mail."""

    def __init__(self, path: str) -> None:
        self.log = open(path, "a", buffering=1, encoding="ascii")  # noqa: SIM115 - held till the end
        self.draw = random.Random(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.draw.random() * SLOW_ONE_IN < 1:
            await asyncio.sleep(SLOWNESS)
        # Only the campaign's: letters that acknowledge a wish or confirm a choice are to come.
        if envelope.mail_from.startswith("bounces+"):
            self.log.write(f"{time.time()}\t{envelope.rcpt_tos[0]}\n")
        return "250 OK"


async def serve(path: str) -> None:
    taker = Taker(path)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(taker), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
