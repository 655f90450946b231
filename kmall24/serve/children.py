"""The store's processes: started in groups of their own, noted down, started again when they die, ended together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kmall24.engines import processes

SECONDS_TO_END = 15
# A child that dies at once is given more time before each new try, up to this.
LONGEST_PAUSE = 10.0
# One that has lived this long has started well, and its next death is a new story.
SECONDS_OF_GOOD_LIFE = 30


@dataclass
class Child:
    """One process of the store and how often it had to be started again."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    deaths_in_a_row: int = 0

    def start(self, directory: Path, environment: dict[str, str]) -> None:
        with open(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C at the terminal reaches the runner alone, which ends the others in order.
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def last_words(self) -> str:
        with open(self.log, encoding="utf-8", errors="replace") as log:
            lines = [line.strip() for line in log if line.strip()]
        return lines[-1] if lines else "it said nothing"


@dataclass
class Family:
    """All children of one run. `note` is called with their process groups whenever those change."""

    directory: Path
    environment: dict[str, str]
    note: Callable[[dict[str, list[str]]], None]
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)

    def start(self, child: Child) -> None:
        if child not in self.children:
            self.children.append(child)
        child.start(self.directory, self.environment)
        self.note({child.name: mark(child.process.pid) for child in self.children if child.process})

    def mend(self) -> None:
        """Start again whoever died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now >= child.due_at:
                    self.start(child)
                continue
            code = child.process.poll()
            if code is None:
                continue
            # Its own children may have outlived it and hold its port or its queue.
            end_group(child.process.pid)
            lived = now - child.started_at
            child.deaths_in_a_row = 0 if lived > SECONDS_OF_GOOD_LIFE else child.deaths_in_a_row + 1
            pause = min(LONGEST_PAUSE, 0.0 if child.deaths_in_a_row < 2 else 2.0 ** (child.deaths_in_a_row - 2))
            self.say(f"{child.name} ended ({_how(code)}) and is started again; its log is {child.log}.")
            child.process, child.due_at = None, now + pause

    def end(self) -> None:
        """End everyone: asked first, then made to."""
        living = [child.process for child in self.children if child.process]
        for process in living:
            processes.end(process.pid, signal.SIGTERM)
        processes.wait_until(lambda: all(process.poll() is not None for process in living), seconds=SECONDS_TO_END)
        for process in living:
            end_group(process.pid)
            process.wait()
        self.note({})


def mark(pid: int) -> list[str]:
    """A process number and when that process began, which together no other process will ever have."""
    return [str(pid), _birth(pid)]


def is_same(noted: list[str]) -> bool:
    return _birth(int(noted[0])) == noted[1]


def end_remains(noted: dict[str, list[str]]) -> list[str]:
    """End what is left of a run whose runner was killed; the names of what was found."""
    groups = {}
    for name, child in noted.items():
        pid = int(child[0])
        # A number cannot be given to a new process while it names a group, so a group without its leader is ours.
        if (is_same(child) or not processes.holds_number(pid)) and processes.group_lives(pid):
            groups[name] = pid
            _signal_group(pid, signal.SIGTERM)
    if not _gone(groups.values(), seconds=SECONDS_TO_END):
        for group in groups.values():
            end_group(group)
        _gone(groups.values(), seconds=SECONDS_TO_END)
    return list(groups)


def end_group(group: int) -> None:
    _signal_group(group, signal.SIGKILL)


def _gone(groups: Iterable[int], *, seconds: float) -> bool:
    return processes.wait_until(lambda: not any(processes.group_lives(group) for group in groups), seconds=seconds)


def _signal_group(group: int, with_signal: signal.Signals) -> None:
    try:
        os.killpg(group, with_signal)
    except (ProcessLookupError, PermissionError):
        pass


def _birth(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        seen = subprocess.run(["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return seen.stdout.strip()


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
