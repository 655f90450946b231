"""Opens the store and keeps it open: engines, preparation, four processes, and their end in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from kmall24 import engines
from kmall24.engines import places
from kmall24.serve import children
from kmall24.serve.network import Refusal, answers, bracketed, free_port, port_number, refuse_taken_port
from kmall24.serve.record import Record

PROJECT = places.PROJECT
SECONDS_UNTIL_OPEN = 60
SECONDS_FOR_ANOTHER_TO_CLOSE = 40
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_LOOKS_AT_ENGINES = 3
SANDBOX = "orders.payment.sandbox.SandboxProvider"


def say(sentence: str) -> None:
    print(sentence, flush=True)


class Runner:
    """One run of the store: engines, preparation, four processes, and their end."""

    def __init__(self) -> None:
        self.host = places.variable("HOST") or "127.0.0.1"
        self.port = port_number(places.variable("PORT") or "8000")
        self.record = Record()
        self.closing = threading.Event()
        self.parent = os.getppid()
        self.started_engines = False

    @property
    def address(self) -> str:
        return f"http://{bracketed(self.near_host)}:{self.port}/"

    @property
    def near_host(self) -> str:
        """The host as a program on this machine calls it."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104, compared and not bound

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._close)
        self._take_over()
        family = children.Family(PROJECT, self._environment(), self._note_children, say)
        try:
            self.started_engines = bool(engines.ensure_running()) or self.record.values.get("started_engines", False)
            self.record.write(
                runner=children.mark(os.getpid()), address=self.address, started_engines=self.started_engines
            )
            self._prepare(family.environment)
            for child in self._children(family.environment):
                if not self.closing.is_set():
                    family.start(child)
            self._wait_until_open(family)
            if not self.closing.is_set():
                self._announce()
            self._watch(family)
        finally:
            family.end()
            if self.started_engines:
                engines.stop()
            self.record.write(runner=None, started_engines=False)
        say("KMALL24 is closed.")

    def _close(self, _signal: int, _frame: FrameType | None) -> None:
        self.closing.set()

    def _take_over(self) -> None:
        """Become the one runner of this installation, and end what a killed one has left."""
        deadline = time.monotonic() + SECONDS_FOR_ANOTHER_TO_CLOSE
        while not self.record.take():
            other = self.record.read()
            if not other.get("closing") and time.monotonic() > deadline - SECONDS_FOR_ANOTHER_TO_CLOSE + 2:
                raise Refusal(f"KMALL24 is open already at {other.get('address')}. `make stop` closes it.")
            if time.monotonic() > deadline:
                raise Refusal("Another run of KMALL24 takes long to close. `make stop` ends it.")
            time.sleep(0.1)
        self.record.write(closing=False)
        found = children.end_remains(self.record.values.get("children", {}))
        if found:
            say(f"Ended what an earlier run had left: {', '.join(found)}.")
        refuse_taken_port(self.host, self.port)

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        environment.setdefault("DJANGO_SETTINGS_MODULE", "kmall24.settings")
        # Whoever tries the store out on their own machine is offered a second factor for staff, and not held up by it.
        environment.setdefault("STAFF_SECOND_FACTOR", places.variable("STAFF_SECOND_FACTOR") or "0")
        environment.setdefault("TRAFFIC_PLANTED_URL", places.variable("TRAFFIC_PLANTED_URL") or self.address)
        if self._runs_sandbox():
            port = free_port(self.host, self.port + 10)
            environment["PAYMENT_SANDBOX_URL"] = f"http://{bracketed(self.near_host)}:{port}"
            environment["PAYMENT_SANDBOX_PORT"] = str(port)
            # The store and the sandbox prove themselves to each other with values that only this installation knows.
            for name, secret in (("PAYMENT_SANDBOX_KEY", "sandbox"), ("PAYMENT_WEBHOOK_SECRET", "webhook")):
                environment[name] = places.variable(name) or engines.installation_secret(secret)
        if not places.variable("COURIER") and not places.variable("COURIER_SANDBOX_URL"):
            port = free_port(self.host, self.port + 20)
            environment["COURIER_SANDBOX_URL"] = f"http://{bracketed(self.near_host)}:{port}"
            environment["COURIER_SANDBOX_PORT"] = str(port)
            for name, secret in (("COURIER_SANDBOX_KEY", "courier-key"), ("COURIER_WEBHOOK_SECRET", "courier")):
                environment[name] = places.variable(name) or engines.installation_secret(secret)
        return environment

    @staticmethod
    def _runs_sandbox() -> bool:
        return (places.variable("PAYMENT_PROVIDER") or SANDBOX) == SANDBOX and not places.variable(
            "PAYMENT_SANDBOX_URL"
        )

    def _prepare(self, environment: dict[str, str]) -> None:
        preparing = subprocess.Popen(
            [sys.executable, "manage.py", "prepare"], cwd=PROJECT, env=environment, start_new_session=True
        )
        while preparing.poll() is None and not self._should_close():
            time.sleep(0.05)
        if self._should_close():
            children.end_group(preparing.pid)
            preparing.wait()
        elif preparing.returncode != 0:
            raise Refusal("The store could not be prepared; the reason stands above.")

    def _children(self, environment: dict[str, str]) -> list[children.Child]:
        logs = places.private_directory(engines.state_dir() / "logs")
        celery = [sys.executable, "-m", "celery", "-A", "kmall24"]
        commands = {
            # Two processes for two cores; the threads wait for the database, not for the processor. No access log: it
            # would hold visitors' addresses.
            "web": [
                *(sys.executable, "-m", "gunicorn", "kmall24.wsgi:application", "--no-control-socket"),
                *("--bind", f"{bracketed(self.host)}:{self.port}", "--workers", "2", "--threads", "8"),
                *("--worker-class", "gthread", "--timeout", "60", "--graceful-timeout", "10"),
            ],
            "worker": [
                *celery,
                "worker",
                "--concurrency",
                "2",
                "--without-gossip",
                "--without-mingle",
                "-l",
                "WARNING",
            ],
            "beat": [*celery, "beat", "--schedule", str(engines.state_dir() / "beat-schedule"), "--pidfile="],
        }
        if "PAYMENT_SANDBOX_PORT" in environment:
            commands["sandbox"] = [sys.executable, "-m", "orders.payment.sandbox_server", "--host", self.host]
            commands["sandbox"] += ["--port", environment["PAYMENT_SANDBOX_PORT"]]
            commands["sandbox"] += ["--state", str(engines.state_dir() / "sandbox")]
        if "COURIER_SANDBOX_PORT" in environment:
            # A parcel moves on every two minutes, so that a trial shop sees one arrive.
            commands["courier"] = [sys.executable, "-m", "orders.courier.sandbox_server", "--host", self.host]
            commands["courier"] += ["--port", environment["COURIER_SANDBOX_PORT"], "--step-seconds", "120"]
            commands["courier"] += ["--state", str(engines.state_dir() / "courier")]
        for name in commands:
            _begin_anew(logs / f"{name}.log")
        return [children.Child(name, command, logs / f"{name}.log") for name, command in commands.items()]

    def _wait_until_open(self, family: children.Family) -> None:
        web = next(child for child in family.children if child.name == "web") if family.children else None
        deadline = time.monotonic() + SECONDS_UNTIL_OPEN
        while not self._should_close() and not answers(self.near_host, self.port, "/healthz"):
            if web and web.process and web.process.poll() is not None:
                raise Refusal(f"The web server ended at once: {web.last_words()} (see {web.log}).")
            if time.monotonic() > deadline:
                raise Refusal(f"The web server does not answer. See {web.log if web else 'its log'}.")
            time.sleep(0.05)

    def _announce(self) -> None:
        say("")
        say(f"  KMALL24 is open at {self.address}")
        try:
            email, _, password = (
                (engines.state_dir() / "secrets" / "staff").read_text(encoding="utf-8").strip().partition("\n")
            )
        except OSError:
            email = password = ""
        if password:
            say(f"  Staff sign in at {self.address}admin/ as {email} with the password {password}")
        elif email:
            say(f"  Staff sign in at {self.address}admin/ as {email} with the password that was chosen")
        say("  Ctrl-C closes it.")
        say("")

    def _watch(self, family: children.Family) -> None:
        look_at_engines = time.monotonic() + SECONDS_BETWEEN_LOOKS_AT_ENGINES
        while not self._should_close():
            self.closing.wait(SECONDS_BETWEEN_LOOKS)
            if self._should_close():
                break
            family.mend()
            if time.monotonic() >= look_at_engines:
                look_at_engines = time.monotonic() + SECONDS_BETWEEN_LOOKS_AT_ENGINES
                self._mend_engines()
        self.record.write(closing=True)
        say("Closing …")

    def _mend_engines(self) -> None:
        try:
            for name in engines.ensure_running():
                say(f"{name} had ended and is started again.")
        except engines.EngineError as error:
            say(f"{error} Trying again.")

    def _should_close(self) -> bool:
        # Whoever started us was killed and cannot tell us to close any more.
        if os.getppid() != self.parent:
            self.closing.set()
        return self.closing.is_set()

    def _note_children(self, marks: dict[str, list[str]]) -> None:
        self.record.write(children=marks)


def _begin_anew(log: Path) -> None:
    """The last run's log is kept once."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
