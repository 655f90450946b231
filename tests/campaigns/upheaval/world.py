"""The whole store as `make run` keeps it, with a provider and a courier that somebody else keeps, and wires between them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from kmall24 import engines
from kmall24.engines import postgres, processes, valkey
from kmall24.serve import children
from kmall24.serve.network import answers, free_port
from kmall24.serve.record import Record
from tests.campaigns.upheaval.wire import Stream, Wire

ROOT = Path(__file__).resolve().parents[3]
SECONDS_TO_OPEN = 120
# Later than this, an effect that is due waits for a worker that is not there.
LATE_SECONDS = 10.0
PROVIDER_KEY, COURIER_KEY = "key-of-the-provider", "key-of-the-courier"


class World:
    """Opened once, killed many times, healed by its own supervisor only."""

    def __init__(self, folder: Path, seed: int, *, step_seconds: float) -> None:
        self.folder = folder
        self.wires: dict[str, Wire] = {name: Wire(seed + n) for n, name in enumerate(("shop", "provider", "courier"))}
        self.wires |= {name: Stream(seed + n) for n, name in enumerate(("postgres", "valkey"), start=3)}
        self.port = free_port("127.0.0.1", 0)
        self.wires["shop"].target = self.port
        for name in ("provider", "courier"):
            self.wires[name].target = free_port("127.0.0.1", 0)
        sockets = engines.place().sockets
        self.wires["postgres"].target = str(sockets / ".s.PGSQL.5432")
        self.wires["valkey"].target = str(sockets / valkey.SOCKET)
        self.state = {name: folder / name for name in ("provider", "courier")}
        self.mails = folder / "state" / "mail"
        self._step_seconds = step_seconds
        self._second_beat: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()

    @property
    def url(self) -> str:
        """Where shoppers and the provider's messages go."""
        return self.wires["shop"].url

    def environment(self) -> dict[str, str]:
        return {
            "PORT": str(self.port),
            "BASE_URL": self.url,
            "TRAFFIC_PLANTED_URL": f"http://127.0.0.1:{self.port}/",
            "EMAIL_URL": f"filemail:///{self.mails}",
            "PAYMENT_SANDBOX_URL": self.wires["provider"].url,
            "PAYMENT_SANDBOX_KEY": PROVIDER_KEY,
            "PAYMENT_WEBHOOK_SECRET": "signs-the-provider",
            "COURIER_SANDBOX_URL": self.wires["courier"].url,
            "COURIER_SANDBOX_KEY": COURIER_KEY,
            "COURIER_WEBHOOK_SECRET": "signs-the-courier",
        }

    def _behind_wires(self) -> dict[str, str]:
        """Where the store's own processes find their engines, which only the supervisor reaches without a wire."""
        database = f"{postgres.APPLICATION_ROLE}@127.0.0.1:{self.wires['postgres'].port}/{postgres.DATABASE}"
        return {
            "DATABASE_URL": f"postgres://{database}?sslmode=disable&gssencmode=disable",
            "REDIS_URL": f"redis://127.0.0.1:{self.wires['valkey'].port}/0",
        }

    def open(self) -> None:
        self._open_neighbours()
        self._runner = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.upheaval.behind_wires", json.dumps(self._behind_wires())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "runner.log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        if not processes.wait_until(lambda: answers("127.0.0.1", self.port, "/healthz"), seconds=SECONDS_TO_OPEN):
            raise RuntimeError((self.folder / "runner.log").read_text() + "\nThe store did not open.")

    def close(self) -> None:
        self._closing.set()
        for one in (self._second_beat, getattr(self, "_runner", None)):
            if one is not None:
                one.terminate()
        for one in (self._second_beat, getattr(self, "_runner", None)):
            if one is not None:
                one.wait(60)
        self._keeping.join(30)
        self._neighbours.end()
        for wire in self.wires.values():
            wire.close()

    def _open_neighbours(self) -> None:
        """The provider and the courier: other firms, with supervisors of their own."""
        self._neighbours = children.Family(ROOT, dict(os.environ), lambda _marks: None, lambda _words: None)
        for name, module, options in (
            ("provider", "orders.payment.sandbox_server", ["--slow-seconds", "0.5", "--retry-seconds", "0.5"]),
            ("courier", "orders.courier.sandbox_server", ["--step-seconds", str(self._step_seconds)]),
        ):
            port = ["--port", str(self.wires[name].target), "--state", str(self.state[name])]
            public = ["--public-url", self.wires[name].url] if name == "provider" else ["--retry-seconds", "0.5"]
            command = [sys.executable, "-m", module, *port, *options, *public]
            self._neighbours.start(children.Child(name, command, self.folder / f"{name}.log"))

        def keep() -> None:
            while not self._closing.wait(0.3):
                self._neighbours.mend()

        self._keeping = threading.Thread(target=keep, daemon=True)
        self._keeping.start()

    # --- who can be killed ---------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """As a power cut or the kernel's killer would: no handler runs."""
        for pid in self._pids(name)[:1]:
            processes.end(pid, signal.SIGKILL)

    def _pids(self, name: str) -> list[int]:
        if name in self.state:
            child = next(c for c in self._neighbours.children if c.name == name)
            return [child.process.pid] if child.process else []
        if name == "postgres":
            note = engines.place().directory / "postgres" / "postmaster.pid"
            pid = postgres._noted_pid(note)
            return [pid] if pid else []
        if name == "valkey":
            return [p for p in processes.processes_in(engines.place().directory) if "valkey" in _command(p)]
        main, _of, part = name.partition("/")
        noted = Record().read().get("children", {}).get(main)
        if noted is None:
            return []
        return _children_of(int(noted[0])) if part else [int(noted[0])]

    def flush(self) -> None:
        from django.conf import settings
        from redis import Redis

        with Redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
            client.flushall()

    def second_beat(self) -> None:
        """From now on two clocks say when; whoever is second finds the work done."""
        if self._second_beat is None:
            command = [sys.executable, "-m", "celery", "-A", "kmall24", "beat", "--pidfile="]
            self._second_beat = subprocess.Popen(
                [*command, "--schedule", str(self.folder / "second-beat")],
                cwd=ROOT,
                env=os.environ | self._behind_wires(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    # --- how it is --------------------------------------------------------------------------------

    def complaint(self) -> str:
        """What is not well: the web server, Valkey, a neighbour, or an effect that is due and waits; empty while all is."""
        try:
            ready = requests.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5)
        except requests.RequestException:
            return "the web server does not answer"
        if ready.status_code != 200:
            return "the web server is not ready"
        if not ready.json()["valkey"]:
            return "Valkey does not answer"
        for name in self.state:
            if not answers("127.0.0.1", self.wires[name].target, "/"):
                return f"the {name} does not answer"
        return "" if lateness() < LATE_SECONDS else "an effect waits"


def lateness() -> float:
    """For how many seconds the oldest effect that is due has been waiting; without an end when nobody can tell."""
    from django.db import connection
    from django.db.models import Min
    from django.db.models.functions import Now
    from django.utils import timezone

    from privacy.models import Effect

    try:
        due = Effect.objects.filter(done_at__isnull=True, parked_at__isnull=True, due_at__lte=Now())
        oldest = due.aggregate(oldest=Min("due_at"))["oldest"]
    except Exception:  # a database that is down or coming up tells in many ways
        connection.close()
        return float("inf")
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


class Watch(threading.Thread):
    """Looks again and again whether all is well; the longest time that it was not."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self._world, self._ended = world, threading.Event()
        self.longest, self.of_what = 0.0, "nothing"
        self._ill_since: float | None = None

    def run(self) -> None:
        from django.db import connections

        while not self._ended.wait(0.3):
            complaint = self._world.complaint()
            if not complaint:
                self._ill_since = None
                continue
            self._ill_since = self._ill_since or time.monotonic()
            if time.monotonic() - self._ill_since > self.longest:
                self.longest, self.of_what = time.monotonic() - self._ill_since, complaint
        connections.close_all()

    def end(self) -> None:
        self._ended.set()
        self.join(30)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            its_parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        if its_parent == parent:
            found.append(int(stat.parent.name))
    return found
