"""`make accept-chaos [SEED= FAULTS= OPERATIONS= PEOPLE= DURABLE=1]`: everything is killed in turn while people shop.

The store is the one that `make run` opens, with its own supervisor, on engines of its own that keep their crash safety;
provider and courier are processes beside it; between all of them run wires that delay, cut and repeat. Nobody lends a
hand. An operation is one thing that a client asks until somebody answers, or one deed of staff. When the shopping is
over, the store has a minute to come to rest; then what clients saw, the database and the files of provider and courier
must say the same. At the end violations are planted: a checker that overlooks one is void.
"""

from __future__ import annotations

import os
import sys
import time

from tests.campaigns.installation import own_installation, seed_from

SECONDS_TO_HEAL = 60
KINDS_OF_GOODS, PIECES = 12, 2000


def main() -> int:
    seed = seed_from()
    faults, operations, people = (
        int(os.environ.get(name) or default) for name, default in (("FAULTS", 60), ("OPERATIONS", 5000), ("PEOPLE", 8))
    )
    print(f"SEED={seed} FAULTS={faults} OPERATIONS={operations} PEOPLE={people}", flush=True)
    # Without it the cluster trusts the kernel with its writes, which a killed process does no harm to: for a quick look.
    durable = os.environ.get("DURABLE", "1") == "1"
    with own_installation(disposable=not durable) as folder:
        from tests.campaigns.upheaval.world import World

        world = World(folder, seed, step_seconds=2 if durable else 0.5)
        os.environ.update(world.environment())
        _point_settings_at(world)
        return _upheaval(world, seed, faults, operations, people)


def _point_settings_at(world: object) -> None:
    """This process was set up before the ports were known; staff work in it."""
    from django.conf import settings

    for name, value in world.environment().items():  # type: ignore[attr-defined]
        if hasattr(settings, name):
            setattr(settings, name, value)


def _upheaval(world: object, seed: int, faults: int, operations: int, people: int) -> int:
    from django.db import DatabaseError, connection

    from catalogue.models import Variant
    from orders.domain.shipping import ensure_rates
    from orders.domain.tax_table import ensure_taxes
    from tests.campaigns.racing.rush import goods
    from tests.campaigns.upheaval.faults import drawn
    from tests.campaigns.upheaval.ledgers import settled, violations
    from tests.campaigns.upheaval.plants import unnoticed
    from tests.campaigns.upheaval.shoppers import Memory, crowd
    from tests.campaigns.upheaval.staff import Staff
    from tests.campaigns.upheaval.world import Watch

    ensure_rates()
    ensure_taxes()
    variants = goods(KINDS_OF_GOODS, PIECES)
    # The last kind is scarce, so that people are refused as well.
    Variant.objects.filter(pk=variants[-1].pk).update(stock=operations // 100 + 1)
    pieces = dict(Variant.objects.values_list("pk", "stock"))
    started, memory = time.monotonic(), Memory()
    world.open()
    try:
        opened = time.monotonic()
        print(f"The store is open after {opened - started:.1f} s.", flush=True)
        watch, staff = Watch(world), Staff(memory, seed)
        watch.start()
        staff.start()
        shopped = [(v.pk, f"/products/{v.product.slug}/") for v in variants]
        pool = crowd(world.url, shopped, memory, seed, people, operations)
        for number, (name, deed) in zip(range(faults), drawn(seed, world), strict=False):
            due = (number + 1) * operations // (faults + 1)
            while memory.operations < due:
                time.sleep(0.05)
            print(f"{time.monotonic() - opened:6.1f} s, {memory.operations:5} operations: {name}", flush=True)
            try:
                deed()
            except Exception as error:
                print(f"  could not be done: {type(error).__name__}", flush=True)
        pool.shutdown()
        staff.end()
        ended = time.monotonic()

        def look() -> list[str]:
            try:
                return violations(memory, pieces, world.state["provider"], world.state["courier"], world.mails)
            except DatabaseError as error:
                connection.close()
                return [f"the ledgers could not be read: {type(error).__name__}: {error}"]

        connection.close()  # the one from before; its server may have died since
        found = ["not looked at yet"]
        while found and time.monotonic() - ended < SECONDS_TO_HEAL:
            time.sleep(0.5)
            found = ["not settled yet"] if not settled() else look()
        found = found and look()
        healed = time.monotonic() - ended
        watch.end()
        planted, missed = unnoticed(world, memory, look) if not found else (0, [])
        print(f"Longest outage: {watch.longest:.1f} s, at its end because {watch.of_what}.")
        return _report(
            world, memory, found, planted, missed, opened, ended, healed, watch.longest, staff.done, seed, faults
        )
    finally:
        world.close()


def _report(world, memory, found, planted, missed, opened, ended, healed, longest, done, seed, faults) -> int:  # type: ignore[no-untyped-def]
    from orders.models import Order

    for line in found[:40]:
        print(line)
    for name in missed:
        print(f"VOID: the checker did not notice {name}.")
    placed = Order.objects.count()
    paid = Order.objects.filter(paid_at__isnull=False).count()
    unsure = sum(wish.unsure for wish in memory.wishes)
    hurt = sum(wire.hurt for wire in world.wires.values())
    print(
        f"faults={faults} operations={memory.operations} orders={placed} paid={paid} packed={done['packed']} "
        f"cancelled={done['cancelled']} refunded={done['refunded']} wires_hurt={hurt} gave_up={unsure} "
        f"violations={len(found)} planted={planted} missed={len(missed)} healed_s={healed:.1f} "
        f"longest_outage_s={longest:.1f} seconds={ended - opened + healed:.0f} seed={seed}"
    )
    return 1 if found or missed or healed > SECONDS_TO_HEAL or longest > SECONDS_TO_HEAL else 0


if __name__ == "__main__":
    sys.exit(main())
