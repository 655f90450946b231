"""A bare machine gets its own PostgreSQL and Valkey; where DATABASE_URL or REDIS_URL is set, that one is left alone.

Everything here needs the standard library only. Asking for an address makes nothing but the private state directory;
`ensure_running` starts and `stop` stops.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from kmall24.engines import postgres, valkey
from kmall24.engines.errors import EngineError
from kmall24.engines.places import Place, installation_secret, place, private_directory, state_dir, variable

__all__ = [
    "EngineError",
    "app_database_url",
    "celery_url",
    "ensure_running",
    "erase",
    "installation_secret",
    "owner_database_url",
    "place",
    "redis_url",
    "state_dir",
    "status",
    "stop",
]


def app_database_url() -> str:
    """The embedded database, as the role that the store works under."""
    return postgres.url(place(), postgres.APPLICATION_ROLE)


def owner_database_url() -> str:
    """The same database, as the role that owns its tables and migrates them."""
    return postgres.url(place(), postgres.OWNER_ROLE)


def redis_url(database: int = 0) -> str:
    return valkey.url(place(), database)


def celery_url(url: str) -> str:
    """The same server as kombu wants it written: it has a scheme of its own for unix sockets."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


def ensure_running(*, disposable: bool = False) -> list[str]:
    """Start what is not up and has no URL of its own; the names of what was started.

    Any number of processes may call this at once: one starts, the others wait for it. `disposable` is for a cluster
    that holds nothing but tests and trades its crash safety for speed.
    """
    wanted = {
        name: engine
        for name, engine, own_url in (("postgres", postgres, "DATABASE_URL"), ("valkey", valkey, "REDIS_URL"))
        if not variable(own_url)
    }
    if not wanted:
        return []
    here = place()
    if all(engine.is_up(here) for engine in wanted.values()):
        return []
    started = []
    with _alone(here):
        for name, engine in wanted.items():
            if engine.is_up(here):
                continue
            if name == "postgres":
                postgres.start(here, disposable=disposable)
            else:
                valkey.start(here)
            started.append(name)
    return started


def stop() -> list[str]:
    """Stop what runs for this installation; the names of what was stopped."""
    here = place()
    if not here.directory.exists():
        return []
    with _alone(here):
        return [name for name, engine in (("valkey", valkey), ("postgres", postgres)) if engine.stop(here)]


def erase() -> None:
    """Stop the engines and remove everything that they hold, for good; secrets, mail and pictures stay."""
    stop()
    here = place()
    for directory in {here.directory, here.sockets}:
        shutil.rmtree(directory, ignore_errors=True)


def status() -> dict[str, bool]:
    """Which of this installation's own engines answer."""
    here = place()
    return {"postgres": postgres.is_up(here), "valkey": valkey.is_up(here)}


@contextmanager
def _alone(here: Place) -> Iterator[None]:
    """One process of this installation at a time; the kernel lets go of the lock whatever happens to its holder."""
    private_directory(here.directory, here.account)
    private_directory(here.sockets, here.account)
    lock = os.open(state_dir() / "engines.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
