"""Who sends the campaign: the store's own Celery workers or forked loops of their task, to be killed at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WORKERS = 2


class Workers:
    """Forked loops of the task's body, or the store's own Celery workers."""

    def __init__(self, campaign: int, environment: dict[str, str], *, celery: bool, locked: bool) -> None:
        self.campaign, self.environment, self.celery, self.locked = campaign, environment, celery, locked
        self.beat = self._celery("beat", 0) if celery else None
        self.running: list[Any] = [self._start(n) for n in range(WORKERS)]

    def _start(self, place: int) -> Any:
        return self._celery("worker", place) if self.celery else self._fork()

    def _fork(self) -> int:
        from django.db import connections

        connections.close_all()
        pid = os.fork()
        if pid:
            return pid
        for inherited in connections.all(initialized_only=True):
            # Where a browser's event loop runs, Django keeps connections apart from those of before, which `close_all` does
            # not see and a fork does. They are the parent's: two on one line would read each other's answers.
            inherited.connection = None
        try:
            from marketing.domain import sending

            if not self.locked:
                take_the_lock_out()
            while True:
                sending.send_round(self.campaign, seconds=5)
                # In the place of the beat, which calls again and again: what a dead worker had in hand is nobody's for a while.
                time.sleep(0.02)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(1)

    def _celery(self, kind: str, place: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "kmall24", kind, "-l", "ERROR"]
        state = os.environ["KMALL24_STATE_DIR"]
        if kind == "worker":
            command += ["--concurrency", "1", "--without-gossip", "--without-mingle", "-n", f"w{place}.{time.time()}"]
        else:
            command += ["--schedule", f"{state}/beat-optout", "--pidfile="]
        with open(Path(state) / "celery.log", "ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=os.environ | self.environment
            )

    def revive(self) -> None:
        """Start again what ended by itself, as whoever supervises a store's workers does."""
        for place, worker in enumerate(self.running):
            ended = os.waitpid(worker, os.WNOHANG)[0] if isinstance(worker, int) else worker.poll() is not None
            if ended:
                self.running[place] = self._start(place)

    def kill(self, draw: random.Random) -> None:
        place = draw.randrange(WORKERS)
        self._end(self.running[place])
        self.running[place] = self._start(place)

    def _end(self, worker: Any) -> None:
        if isinstance(worker, int):
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
        else:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def end(self) -> None:
        for worker in [*self.running, *([self.beat] if self.beat else [])]:
            self._end(worker)


@contextmanager
def at_work(campaign: int, environment: dict[str, str], *, celery: bool, locked: bool) -> Iterator[Workers]:
    workers = Workers(campaign, environment, celery=celery, locked=locked)
    try:
        yield workers
    finally:
        workers.end()


def take_the_lock_out() -> None:
    """The same checks at the same places, holding nothing still: what the store would be without its lock."""
    from marketing.domain import sending, suppressing
    from privacy.permission import may_contact

    def only_read(subjects: Any, purpose: str, channel: str) -> set[Any]:
        from privacy.models import Subject

        return {s.pk for s in Subject.objects.filter(pk__in=list(subjects)) if may_contact(s, purpose, channel)}

    sending.hold_permissions = only_read  # type: ignore[attr-defined]
    suppressing.hold_still = lambda address, purpose: not suppressing.suppressed({0: address}, purpose)  # type: ignore
