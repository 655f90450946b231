"""`make accept-optout [SEED= RECIPIENTS= OPTOUTS= KILLS=]`: people opt out by every road while a campaign runs and workers die.

Half of the opt-outs are aimed at people whose message is leaving at that very moment. A sink takes the mails and writes down
when; each opt-out is timed to its acknowledgement. No mail may be taken after the acknowledgement of its reader's opt-out, no
reader may get two, and of unknown fate may be no more than the killed workers had in hand. Then the same once more, smaller,
with the lock taken out: it must fail, or the first run has shown nothing.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.campaigns.installation import own_installation, seed_from
from tests.campaigns.optout_roads import ROADS, by_the_centre
from tests.campaigns.optout_sink import Taken, sink
from tests.campaigns.optout_workers import at_work

# How many people opt out at the same time.
HANDS = 2
# The road of those who have an account.
CENTRE = "centre"
P99_MILLISECONDS = 200.0
# After the last message only what died in a worker's hand is left, until its lease is over.
PATIENCE = 3600.0


@dataclass
class Outcome:
    """What was found."""

    taken: dict[str, list[float]]
    acknowledged: dict[str, float]
    latencies: dict[str, list[float]]  # seconds from pressing to the answer, by road
    unknown: int
    kills: int
    slots: int
    states: Counter[str]
    recipients: int
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def late(self) -> list[str]:
        return [a for a, at in self.acknowledged.items() if any(taken > at for taken in self.taken.get(a, []))]

    @property
    def repeats(self) -> int:
        return sum(len(times) > 1 for times in self.taken.values())

    @property
    def unreached(self) -> int:
        """Who did not opt out and whose message is neither taken nor of unknown fate."""
        wanted = self.recipients - len(self.acknowledged)
        return max(0, wanted - sum(a not in self.acknowledged for a in self.taken) - self.unknown)

    @property
    def p50(self) -> float:
        return 1000 * statistics.median([seconds for road in self.latencies.values() for seconds in road] or [0.0])

    @property
    def p99(self) -> float:
        return _p99([seconds for road in self.latencies.values() for seconds in road])

    @property
    def rate(self) -> float:
        """Mails a second, from the first to the last that was taken."""
        times = sorted(at for taken in self.taken.values() for at in taken)
        return len(times) / (times[-1] - times[0]) if len(times) > 1 else 0.0

    @property
    def holds(self) -> bool:
        return (
            not (self.late or self.repeats or self.unreached or self.failed.total())
            and self.unknown <= self.kills * self.slots
        )

    def __str__(self) -> str:
        return (
            f"recipients={self.recipients} taken={len(self.taken)} opt_outs={len(self.acknowledged)} "
            f"after_acknowledgement={len(self.late)} repeats={self.repeats} unreached={self.unreached} "
            f"unknown={self.unknown}/{self.kills * self.slots} kills={self.kills} "
            f"opt_out_p50={self.p50:.0f}ms p99={self.p99:.0f}ms mails_per_second={self.rate:.0f}"
        )

    def by_road(self) -> str:
        """How many went by each road, with the slowest hundredth of them in milliseconds."""
        return " ".join(f"{road}={len(times)}/{_p99(times):.0f}ms" for road, times in sorted(self.latencies.items()))


def _p99(seconds: list[float]) -> float:
    """Milliseconds within which 99 of 100 were answered; of few, the slowest."""
    if len(seconds) < 100:
        return 1000 * max(seconds, default=0.0)
    return 1000 * statistics.quantiles(seconds, n=100)[98]


def main() -> int:
    seed = seed_from()
    recipients, opt_outs = int(os.environ.get("RECIPIENTS") or 100_000), int(os.environ.get("OPTOUTS") or 1000)
    kills = int(os.environ.get("KILLS") or 20)
    print(f"SEED={seed} RECIPIENTS={recipients} OPTOUTS={opt_outs} KILLS={kills}", flush=True)
    with own_installation(EMAIL_URL="smtp://127.0.0.1:1", MARKETING_EMAILS_PER_MINUTE="6000000") as folder:
        found = attempt(seed, recipients, opt_outs, kills, folder, celery=True)
        print(f"with the lock: {found}\nby road: {found.by_road()} failed={dict(found.failed)}", flush=True)
        small = max(400, recipients // 25)
        control = attempt(seed + 1, small, min(opt_outs, small // 3), 0, folder, celery=False, locked=False)
        print(f"without it: {control}", flush=True)
    passed = found.holds and found.p99 < P99_MILLISECONDS and bool(control.late)
    print(f"passed={passed} {found} control_after_acknowledgement={len(control.late)} seed={seed}")
    return 0 if passed else 1


def attempt(
    seed: int,
    recipients: int,
    opt_outs: int,
    kills: int,
    folder: Path,
    *,
    celery: bool,
    locked: bool = True,
    slowness: float = 0.04,
) -> Outcome:
    """One campaign from its release to its end, in the installation of this process."""
    from django.conf import settings
    from django.db import connections

    from marketing.domain import sending
    from marketing.models import Campaign, Delivery
    from privacy.declaration import Purpose
    from tests.support import readers

    # Hashed file names need `collectstatic` first, and no page is looked at here.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    draw = random.Random(seed)
    prefix = f"s{seed}x"
    # Each run has a purpose, and so an audience, of its own.
    purpose = Purpose.MARKETING_EMAIL if locked else Purpose.SURVEY_INVITATION
    readers.many(recipients, prefix=prefix, purpose=purpose)
    readers.analyse()
    people = _people(prefix)
    known = _accounts(draw.sample(sorted(people), min(len(people), opt_outs // 6 + 1)), people)
    # Without the lock it is the shortest road that shows what is missing: the answer is there as soon as the choice is.
    names = list(ROADS) if locked else ["staff"]
    _walk_once(names, prefix, purpose)
    campaign = _campaign(f"{prefix} {locked}", purpose)
    latencies: dict[str, list[float]] = {}
    acknowledged: dict[str, float] = {}
    failed: Counter[str] = Counter()
    with sink(folder / f"taken-{seed}", slowness) as (port, taken_in):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        environment = {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        begun = time.monotonic()
        with at_work(campaign.pk, environment, celery=celery, locked=locked) as workers:
            # The last opt-outs come a little before the last mails.
            every = 0.98 * recipients / (opt_outs + 1)
            seen = Taken(taken_in)
            killed = 0
            flushed = False
            asked: set[str] = set()
            while True:
                got = seen.count()
                # As many opt-outs as belong to this part of the campaign, from several hands at once.
                due = min(opt_outs, int(got / every) + 1) - len(asked)
                batch = _choose(draw, campaign.pk, people, asked, min(due, HANDS), aimed=1.0 if not locked else 0.5)
                if locked and batch and (account := _turn_of_the_centre(known, asked, batch)):
                    batch[0] = account
                asked |= set(batch)
                roads = [
                    CENTRE if locked and a in known else names[n % len(names)] for n, a in enumerate(batch, len(asked))
                ]
                hands = [
                    threading.Thread(target=_opt_out, args=(a, people, known, road, acknowledged, latencies, failed))
                    for a, road in zip(batch, roads, strict=True)
                ]
                for hand in hands:
                    hand.start()
                for hand in hands:
                    hand.join()
                if killed < kills and got >= recipients * (killed + draw.random()) / (kills + 1):
                    workers.kill(draw)
                    killed += 1
                if celery and not flushed and got > recipients / 2:
                    _flush_all()
                    flushed = True
                workers.revive()
                campaign.refresh_from_db()
                if campaign.state == Campaign.State.DONE or time.monotonic() - begun > PATIENCE:
                    break
                if not batch:
                    time.sleep(0.02)
                    if not celery:
                        sending.sweep()
        taken: dict[str, list[float]] = {}
        for line in taken_in.read_text().splitlines():
            at, _tab, address = line.partition("\t")
            taken.setdefault(address, []).append(float(at))
    states: Counter[str] = Counter(Delivery.objects.filter(campaign=campaign).values_list("state", flat=True))
    connections.close_all()
    return Outcome(
        taken, acknowledged, latencies, states[Delivery.State.UNKNOWN], killed, settings.MARKETING_SLOTS, states,
        recipients, failed,
    )  # fmt: skip


def _walk_once(names: list[str], prefix: str, purpose: str) -> None:
    """Take every road once before the campaign: the first one loads what the others find, as in a store that is open."""
    from tests.support import readers

    for name in names:
        early = readers.reader(f"early-{name}-{prefix}@example.com", permits=(purpose,))
        ROADS[name](early.email, early.token, early.subject_id)()


def _campaign(name: str, purpose: str) -> Any:
    from marketing.domain import releasing
    from marketing.models import Campaign, CampaignText
    from privacy.models import Subject

    made = Campaign.objects.create(name=name, purpose=purpose, fallback="en")
    CampaignText.objects.create(campaign=made, locale="en", subject="News", body="<p>New <a href='/'>goods</a>.</p>")
    writer, reader = (Subject.objects.create(kind="employee") for _ in range(2))
    releasing.had_a_hand_in(made, writer)
    releasing.hand_in(made.pk)
    releasing.release(made.pk, by=reader)
    made.refresh_from_db()
    return made


def _people(prefix: str) -> dict[str, tuple[uuid.UUID, uuid.UUID]]:
    from marketing.models import Subscription

    rows = Subscription.objects.filter(email__startswith=prefix).values_list("email", "token", "subject_id")
    return {email: (token, subject) for email, token, subject in rows}


def _accounts(chosen: list[str], people: dict[str, tuple[uuid.UUID, uuid.UUID]]) -> dict[str, Any]:
    """Some of the readers have an account, and go by the privacy centre."""
    from accounts.models import User

    made = {}
    for address in chosen:
        user = User(subject_id=people[address][1])
        user.set_unusable_password()
        user.save()
        made[address] = user
    return made


def _choose(
    draw: random.Random, campaign: int, people: Any, asked: set[str], number: int, *, aimed: float
) -> list[str]:
    """Some of them people whose message is leaving at this moment, the others anybody."""
    from django.db import connection

    if number <= 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.email FROM marketing_delivery d JOIN marketing_subscription s ON s.subject_id = d.subject_id "
            "WHERE d.campaign_id = %s AND d.state = 'handed_over' "
            "ORDER BY d.due_at DESC, d.id DESC LIMIT 8",
            [campaign],
        )
        leaving = [row[0] for row in cursor.fetchall() if row[0] not in asked]
    chosen = draw.sample(leaving, min(len(leaving), round(number * aimed + 0.1)))
    while len(chosen) < number:
        anybody = draw.choice(list(people)) if len(people) < 1000 else _any(draw, people)
        if anybody not in asked and anybody not in chosen:
            chosen.append(anybody)
    return chosen


def _turn_of_the_centre(known: dict[str, Any], asked: set[str], batch: list[str]) -> str | None:
    """Somebody with an account who is still there, as often as each other road has its turn."""
    if len(asked & known.keys()) > len(asked) // (len(ROADS) + 1):
        return None
    return next((a for a in known if a not in asked and a not in batch), None)


def _any(draw: random.Random, people: Any) -> str:
    first = next(iter(people))
    prefix = first[: first.index("x") + 1]
    return f"{prefix}{draw.randint(1, len(people))}@example.com"


def _opt_out(
    address: str,
    people: Any,
    known: dict[str, Any],
    name: str,
    acknowledged: dict[str, float],
    latencies: dict[str, list[float]],
    failed: Counter[str],
) -> None:
    from django.db import connection

    token, subject = people[address]
    begun = 0.0
    try:
        press = by_the_centre(known[address]) if name == CENTRE else ROADS[name](address, token, subject)
        begun = time.time()
        press()
    except Exception as error:
        failed[f"{name}: {type(error).__name__}"] += 1
        return
    finally:
        connection.close()
    now = time.time()
    acknowledged[address] = now
    latencies.setdefault(name, []).append(now - begun)


def _flush_all() -> None:
    import redis
    from django.conf import settings

    redis.Redis.from_url(settings.REDIS_URL).flushall()


if __name__ == "__main__":
    sys.exit(main())
