"""A session migrates one database: its workers copy that, and the campaigns that it starts are given what is in it."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Where the migrated store lies as SQL; set for everything that the session starts, written by the worker that migrated.
VARIABLE = "MIGRATED_STORE"


def expect(name: str) -> None:
    """Begin a session without anything of an earlier one."""
    os.environ[VARIABLE] = str(Path(os.environ["KMALL24_STATE_DIR"]) / f"{name}.sql")
    _forget()


def copy(owner: Any, name: str, migrate: Callable[[str], None]) -> None:
    """Make the database `name` like the session's own, which whoever is the first to come makes with `migrate`."""
    template = _dump().stem
    with _alone():
        is_first = not _dump().exists()
        if is_first:
            migrate(template)
            owner.close()
            draft = _dump().with_suffix(".draft")
            draft.write_bytes(_run("pg_dump", owner, template))
            draft.rename(_dump())
        with owner._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            # Nothing of a test has to survive a crash, so there is no reason to write each page to the log as well.
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')


def forget_it_in(owner: Any) -> None:
    """End a session: neither the text nor the database stays."""
    _forget()
    _run("psql", owner, "postgres", "-q", "-X", "-c", f'DROP DATABASE IF EXISTS "{_dump().stem}"')


def restore(owner: Any) -> bool:
    """Fill an empty database with what the session's was after its migrations; False where there is none."""
    if not os.environ.get(VARIABLE):
        return False
    with _alone():  # a worker that migrates at this moment is waited for
        if not _dump().exists():
            return False
    words = ("-q", "-X", "-v", "ON_ERROR_STOP=1", "-1", "-o", os.devnull, "-f", str(_dump()))
    _run("psql", owner, owner.settings_dict["NAME"], *words)
    return True


def _run(program: str, owner: Any, database: str, *arguments: str) -> bytes:
    from kmall24.engines import binaries

    parameters = owner.get_connection_params()
    command = [str(binaries.postgres_installation() / "bin" / program), *arguments, "-d", database]
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    access = {variable: str(parameters[name]) for name, variable in names.items() if parameters.get(name)}
    return subprocess.run(command, env=os.environ | access, check=True, stdout=subprocess.PIPE).stdout


def _forget() -> None:
    _dump().unlink(missing_ok=True)


def _dump() -> Path:
    return Path(os.environ[VARIABLE])


@contextmanager
def _alone() -> Iterator[None]:
    with open(_dump().with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
