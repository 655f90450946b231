"""`make accept-payments [SEED= INTENTS=]`: a storm of a provider's messages, after which two sets of books must agree.

A real provider process takes thousands of payments in every way they can go. Its signed messages are delivered one to
five times, late and shuffled, among forged, stale and lying ones, while browsers return, shops sweep and staff refund.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.campaigns.installation import own_installation, seed_from
from tests.support.payment_sandbox import PaymentSandbox


def main() -> int:
    seed, intents = seed_from(), int(os.environ.get("INTENTS") or 10_000)
    print(f"SEED={seed} INTENTS={intents}", flush=True)
    started = time.monotonic()
    with own_installation() as folder:
        from tests.campaigns.payment_storm.books import differences
        from tests.campaigns.payment_storm.mailbox import Mailbox, pointed_at
        from tests.campaigns.payment_storm.storm import SLOW_SECONDS, storm

        options = ("--slow-seconds", str(SLOW_SECONDS), "--retry-seconds", "0.2")
        sandbox = PaymentSandbox(Path(folder), *options).start()
        mailbox = Mailbox(sandbox.state)
        try:
            with pointed_at(sandbox, mailbox):
                blown = storm(seed, intents, sandbox, mailbox, say=lambda line: print(line, flush=True))
            found = blown.figures.wrong + differences(sandbox.state, blown.planted)
        finally:
            mailbox.close()
            sandbox.stop()
    for line in found[:50]:
        print(line)
    f = blown.figures
    print(
        f"payments={f.intents} messages={f.deliveries} forged={f.forged} lies={f.lies} pages={f.pages}"
        f" parked={len(blown.planted.bent) + len(blown.planted.strangers) + len(blown.planted.lies)}"
        f" differences={len(found)} seconds={time.monotonic() - started:.0f} seed={seed}"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
