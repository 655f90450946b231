"""Two ways to put a database back to an earlier day: its files, or a dump."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
from django.db import connections

from kmall24 import engines
from kmall24.engines import binaries, places, postgres


def let_the_superuser_in() -> None:
    """This campaign's own cluster admits the role that initdb made, who dumps and restores."""
    data = places.place().directory / "postgres"
    (data / "pg_hba.conf").write_text("local all all trust\n", encoding="ascii")
    os.kill(int((data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGHUP)
    for patience in range(100):
        try:
            superuser("postgres").close()
            return
        except psycopg2.OperationalError:
            if patience == 99:
                raise
            time.sleep(0.05)


def superuser(database: str = "") -> psycopg2.extensions.connection:
    """A connection as the cluster's superuser."""
    settings = connections["default"].settings_dict
    made = psycopg2.connect(
        dbname=database or settings["NAME"], user=postgres.CLUSTER_ROLE, host=str(places.place().sockets)
    )
    made.autocommit = True
    return made


def program(name: str, *arguments: str | Path) -> bytes:
    """Run one of PostgreSQL's own programs against this cluster, and give what it said."""
    command = [str(binaries.postgres_installation() / "bin" / name), *map(str, arguments)]
    environment = {**os.environ, "PGHOST": str(places.place().sockets), "PGUSER": postgres.CLUSTER_ROLE}
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


class Files:
    """The cluster's directory, copied while the server is stopped."""

    name = "files"

    def __init__(self, folder: Path) -> None:
        self._copy = folder / "cluster"

    def back_up(self) -> None:
        connections.close_all()
        engines.stop()
        shutil.copytree(self._data(), self._copy, symlinks=True, copy_function=_with_owner)
        engines.ensure_running(disposable=True)

    def restore(self) -> None:
        connections.close_all()
        engines.stop()
        owner = self._data().stat()
        shutil.rmtree(self._data())
        shutil.copytree(self._copy, self._data(), symlinks=True, copy_function=_with_owner)
        for path in (self._data(), *self._data().rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
        self._data().chmod(0o700)
        engines.ensure_running(disposable=True)

    @staticmethod
    def _data() -> Path:
        return places.place().directory / "postgres"


def _with_owner(source: str, target: str) -> str:
    return shutil.copy2(source, target, follow_symlinks=False)


class Dump:
    """pg_dump, and pg_restore into a database that is made anew."""

    name = "dump"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "store.dump"

    def back_up(self) -> None:
        program("pg_dump", "-Fc", "-f", self._file, connections["default"].settings_dict["NAME"])

    def restore(self) -> None:
        name = connections["default"].settings_dict["NAME"]
        connections.close_all()
        cluster = superuser("postgres")
        with cluster.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{name}" OWNER {postgres.OWNER_ROLE}')
        program("pg_restore", "-d", name, self._file)
