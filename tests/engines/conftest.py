"""Installations to break: each test gets a state directory and engines that nobody else uses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

PROJECT = Path(__file__).resolve().parents[2]

ASK = """
from kmall24.engines import *
from kmall24.engines.places import place
print(app_database_url(), owner_database_url(), redis_url(), place().directory, sep="\\n")
"""


@dataclass
class Installation:
    state: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("KMALL24_", "PYTEST_"))}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
            inherited.pop(name, None)
        return {**inherited, "KMALL24_STATE_DIR": str(self.state), "HOME": str(self.home), **more}

    def begin(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def engines(self, verb: str, **environment: str) -> str:
        """What `python -m kmall24.engines <verb>` prints; it must succeed."""
        running = self.begin("-m", "kmall24.engines", verb, **environment)
        output, _ = running.communicate(timeout=60)
        assert running.returncode == 0, output
        return output.strip()

    def _asked(self, line: int) -> str:
        running = self.begin("-c", ASK)
        output, _ = running.communicate(timeout=60)
        assert running.returncode == 0, output
        return output.splitlines()[line]

    @property
    def app_url(self) -> str:
        return self._asked(0)

    @property
    def owner_url(self) -> str:
        return self._asked(1)

    @property
    def redis_url(self) -> str:
        return self._asked(2)

    @property
    def directory(self) -> Path:
        return Path(self._asked(3))

    @property
    def sockets(self) -> Path:
        return Path(self.app_url.partition("?host=")[2])

    def postmaster(self) -> int:
        return int((self.directory / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])

    def sql(self, statement: str, role: str = "kmall24_owner", database: str = "kmall24") -> list[tuple[object, ...]]:
        connection = psycopg2.connect(host=str(self.sockets), user=role, dbname=database)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "state", tmp_path / "home")
    yield made
    made.engines("erase")


@pytest.fixture
def started(installation: Installation) -> Installation:
    assert installation.engines("start") == "Started: postgres, valkey."
    return installation
