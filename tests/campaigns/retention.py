"""`make accept-retention [SEED= ORDERS= YEARS=]`: ten years of a store, and after each night what stands is what was promised.

People come and go, orders are placed, reviews hidden, letters answered; every night the job runs. Beside it the promise is
reckoned a second time, from numbers of its own, and compared row by row: none early, none more than a day late. At the
end the job meets a backlog, as if it had been off for years.
"""

from __future__ import annotations

import os
import sys
import time

from tests.campaigns.installation import own_installation, seed_from


def main() -> int:
    seed = seed_from()
    orders, years = int(os.environ.get("ORDERS") or 100_000), int(os.environ.get("YEARS") or 10)
    print(f"SEED={seed} ORDERS={orders} YEARS={years}", flush=True)
    started = time.monotonic()
    with own_installation():
        from tests.campaigns.retention_life.backlog import meet_backlog
        from tests.campaigns.retention_life.judging import life
        from tests.support.aged import owning

        with owning() as owner:
            figures = life(seed, orders=orders, years=years, owner=owner, say=lambda line: print(line, flush=True))
            lived = time.monotonic() - started
            backlog = meet_backlog(orders)
    for line in figures.wrong[:50]:
        print(line)
    early = sum(" early" in line for line in figures.wrong)
    print(
        f"orders={figures.orders} nights={figures.nights} records={figures.records} removed={figures.removed} "
        f"moved={figures.moved} certificates={figures.certificates} early={early} wrong={len(figures.wrong)} "
        f"longest={figures.longest.total_seconds() / 3600:.1f}h seconds={lived:.0f} "
        f"backlog={backlog.rows} rows in {backlog.seconds:.0f}s SEED={seed}"
    )
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
