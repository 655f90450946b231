"""Coming back: whatever was killed, the next start works and what was committed is there."""

import os
import signal
import subprocess
import sys
import time

import pytest
import redis

from tests.engines.conftest import Installation


def dies(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] in "ZX":
                    return
        except OSError:
            return
    raise AssertionError(f"{pid} lives")


def test_committed_rows_outlive_a_killed_postmaster(started: Installation) -> None:
    started.sql("CREATE TABLE orders (number int)")
    for round_ in range(3):
        started.sql(f"INSERT INTO orders VALUES ({round_})")
        killed = started.postmaster()
        os.kill(killed, signal.SIGKILL)
        dies(killed)
        assert started.engines("start") == "Started: postgres."
    assert started.sql("SELECT count(*) FROM orders") == [(3,)]


def test_a_kill_in_the_middle_of_work_leaves_no_orphan_that_blocks(started: Installation) -> None:
    busy = started.begin(
        "-c",
        f"import psycopg2; c = psycopg2.connect(host={str(started.sockets)!r}, user='kmall24_owner', dbname='kmall24');"
        "print('in', flush=True); c.cursor().execute('SELECT pg_sleep(600)')",
    )
    assert busy.stdout is not None
    assert busy.stdout.readline() == "in\n"
    os.kill(started.postmaster(), signal.SIGKILL)
    assert started.engines("start") == "Started: postgres."
    busy.communicate(timeout=30)
    assert busy.returncode != 0


def test_a_killed_valkey_comes_back(started: Installation) -> None:
    pid = redis.Redis.from_url(started.redis_url).info("server")["process_id"]
    os.kill(pid, signal.SIGKILL)
    dies(pid)
    assert started.engines("start") == "Started: valkey."
    assert redis.Redis.from_url(started.redis_url).ping()


def test_a_pid_file_that_names_another_living_program_is_no_obstacle(started: Installation) -> None:
    started.engines("stop")
    note = started.directory / "postgres" / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{started.directory / 'postgres'}\n1\n5432\n{started.sockets}\n\n\n")
    assert started.engines("start") == "Started: postgres, valkey."


@pytest.mark.skipif(sys.platform != "linux", reason="zombies are told by /proc")
def test_a_pid_file_that_names_a_zombie_is_no_obstacle(started: Installation) -> None:
    started.engines("stop")
    zombie = subprocess.Popen(["/bin/true"])
    dies(zombie.pid)
    note = started.directory / "postgres" / "postmaster.pid"
    note.write_text(f"{zombie.pid}\n{started.directory / 'postgres'}\n1\n5432\n{started.sockets}\n\n\n")
    try:
        assert started.engines("start") == "Started: postgres, valkey."
    finally:
        zombie.wait()


def test_a_first_start_that_was_cut_off_is_done_again(installation: Installation) -> None:
    directory = installation.directory
    installation.engines("start")
    installation.engines("stop")
    (directory / "postgres").rename(directory / "postgres.making")
    (directory / "postgres.making" / "PG_VERSION").unlink()
    assert installation.engines("start") == "Started: postgres, valkey."
    assert installation.sql("SELECT 1") == [(1,)]


def test_a_stop_ends_every_process_and_a_start_finds_the_rows(started: Installation) -> None:
    started.sql("CREATE TABLE orders (number int)")
    started.sql("INSERT INTO orders VALUES (7)")
    pid = started.postmaster()
    assert started.engines("stop") == "Stopped: valkey, postgres."
    dies(pid)
    assert not (started.directory / "postgres" / "postmaster.pid").exists()
    assert started.engines("stop") == "Stopped: nothing was running."
    started.engines("start")
    assert started.sql("SELECT number FROM orders") == [(7,)]
