"""Starts servers that outlive their starter, under an account of their own, and tells living processes from remains."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# The shell returns at once and leaves the server to init, so the starter is never its parent and never its zombie's.
# Arguments travel as arguments: no path is ever quoted.
_DETACH = 'log=$1; shift; exec "$@" >>"$log" 2>&1 </dev/null & echo $!'


def environment() -> dict[str, str]:
    """What servers see of ours: no PG… variable and no language of the person at the terminal."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """How `subprocess` is told to become `account`, its supplementary groups dropped; nothing when there is none."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def run(
    command: list[str | Path], *, account: pwd.struct_passwd | None, directory: Path, text: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        input=text,
        capture_output=True,
        text=True,
        cwd=directory,
        env=environment(),
        umask=0o077,
        check=False,
        **identity(account),
    )


def start_detached(command: list[str | Path], *, account: pwd.struct_passwd | None, directory: Path, log: Path) -> int:
    """Start `command`, its output added to `log`; its process number."""
    started = subprocess.run(
        ["/bin/sh", "-c", _DETACH, "sh", str(log), *(str(part) for part in command)],
        stdin=subprocess.DEVNULL,
        cwd=directory,
        env=environment(),
        umask=0o077,
        start_new_session=True,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        **identity(account),
    )
    return int(started.stdout)


def is_alive(pid: int) -> bool:
    """Whether `pid` runs; a zombie, which still answers signals, does not."""
    if not holds_number(pid):
        return False
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        seen = subprocess.run(["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return bool(seen.stdout.strip()) and not seen.stdout.strip().startswith("Z")
    # The command's name stands in brackets and may hold anything; the state follows the last bracket.
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def holds_number(pid: int) -> bool:
    """Whether the number is taken, be it by a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def group_lives(group: int) -> bool:
    """Whether a process of this group runs; its zombies, which keep the group's number, do not count."""
    if not Path("/proc/self/stat").exists():
        seen = subprocess.run(["/bin/ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=False)
        rows = [line.split() for line in seen.stdout.splitlines()]
        return any(int(row[0]) == group and not row[1].startswith("Z") for row in rows if len(row) > 1)
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group = (
                entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
            )
        except OSError:
            continue
        if int(its_group) == group and state not in ("Z", "X"):
            return True
    return False


def processes_in(directory: Path) -> Iterator[int]:
    """The processes whose working directory is `directory`; none where the machine has no /proc."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.path.samefile(entry / "cwd", directory) and is_alive(int(entry.name)):
                yield int(entry.name)
        except OSError:
            continue


def end(pid: int, with_signal: signal.Signals) -> None:
    try:
        os.kill(pid, with_signal)
    except ProcessLookupError:
        pass


def answers(pid: int, is_up: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for a server to answer; False as soon as it has died, or when it took longer than `seconds`."""
    return wait_until(lambda: is_up() or not is_alive(pid), seconds=seconds) and is_up()


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    pause = 0.005
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return True
