"""Gives every test session engines and names of its own, so that several run beside one another and the shop."""

import fcntl
import os
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
STATE = PROJECT / ".local" / "test"
SLOTS = 16
# Valkey's logical databases, see kmall24.engines.valkey: sixteen for each slot, one for each xdist worker.
DATABASES_PER_SLOT = 16

_held: list[IO[str]] = []


def claim() -> int:
    """This session's slot: drawn by the process that starts it, inherited by its xdist workers.

    A slot is a lock that the kernel lets go of when the session ends, however it ends.
    """
    # The tests' cluster is not the shop's: it gives up crash safety for speed, and a shop that runs stays untouched.
    os.environ.setdefault("KMALL24_STATE_DIR", str(STATE))
    if "KMALL24_TEST_SLOT" in os.environ:
        return int(os.environ["KMALL24_TEST_SLOT"])
    state = Path(os.environ["KMALL24_STATE_DIR"])
    for directory in (state.parent, state):
        directory.mkdir(mode=0o700, exist_ok=True)
    _hold("users.lock", fcntl.LOCK_SH)
    for slot in range(SLOTS):
        if _hold(f"slot-{slot}.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
            os.environ["KMALL24_TEST_SLOT"] = str(slot)
            return slot
    raise RuntimeError(f"{SLOTS} test sessions run on this tree already. Wait for one to end.")


def logical_database() -> int:
    """The Valkey database of this process alone."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return int(os.environ["KMALL24_TEST_SLOT"]) * DATABASES_PER_SLOT + int(worker) % DATABASES_PER_SLOT


def leave() -> bool:
    """End the session; True when no other one uses the engines any more and they may be stopped."""
    if not _held:
        return False
    users = _held[0]
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hold(name: str, how: int) -> bool:
    file = open(Path(os.environ["KMALL24_STATE_DIR"]) / name, "a", encoding="ascii")  # noqa: SIM115, held till the end
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        file.close()
        return False
    _held.append(file)
    return True
