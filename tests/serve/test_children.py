"""What a killed run leaves is found and ended, and a stranger that was given its number is not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmall24.engines import processes
from kmall24.serve import children

# Starts a child of its own, says so, and waits for ever.
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    children.end_group(process.pid)
    process.wait()


def test_remains_are_ended_with_their_children(parent: subprocess.Popen[str]) -> None:
    assert children.end_remains({"web": children.mark(parent.pid)}) == ["web"]
    assert not processes.group_lives(parent.pid)


def test_children_that_outlive_their_killed_parent_are_ended(parent: subprocess.Popen[str]) -> None:
    noted = children.mark(parent.pid)
    os.kill(parent.pid, signal.SIGKILL)
    assert processes.wait_until(lambda: not processes.is_alive(parent.pid), seconds=10)
    assert processes.group_lives(parent.pid)
    assert children.end_remains({"web": noted}) == ["web"]
    assert not processes.group_lives(parent.pid)


def test_a_stranger_with_the_same_number_is_left_alone(parent: subprocess.Popen[str]) -> None:
    number, _ = children.mark(parent.pid)
    assert children.end_remains({"web": [number, "long ago"]}) == []
    assert parent.poll() is None


def test_a_child_that_dies_is_started_again_and_noted(tmp_path: Path) -> None:
    notes: list[dict[str, list[str]]] = []
    said: list[str] = []
    family = children.Family(tmp_path, dict(os.environ), notes.append, said.append)
    child = children.Child("web", [sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "web.log")
    family.start(child)
    try:
        assert child.process is not None
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        child.process.wait()
        family.mend()
        family.mend()
        assert child.process is not None
        assert child.process.pid != first
        assert said == [f"web ended (killed by SIGKILL) and is started again; its log is {tmp_path / 'web.log'}."]
        assert notes[-1]["web"][0] == str(child.process.pid)
    finally:
        family.end()
    assert notes[-1] == {}
