"""The embedded PostgreSQL: one cluster, two roles, no network, and orders that outlive a kill."""

import shutil
import signal
import subprocess
from pathlib import Path

from kmall24.engines import binaries, processes
from kmall24.engines.errors import EngineError
from kmall24.engines.places import Place

DATABASE = "kmall24"
OWNER_ROLE = "kmall24_owner"
APPLICATION_ROLE = "kmall24_app"
# Made by initdb, used once in single-user mode to make the two roles, and refused by every later connection.
CLUSTER_ROLE = "kmall24_cluster"

# The owner may create databases because tests and development need it; in production nobody may.
ROLES = f"""\
CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE
CREATE ROLE {APPLICATION_ROLE} LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE
CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}
"""

# Who can open the socket is whoever can enter its directory, which is the installation's owner alone; a password kept
# beside it would be readable by the same person. What trust does not grant is turning one role into the other.
ACCESS = f"""\
local all {OWNER_ROLE},{APPLICATION_ROLE} trust
local all all reject
"""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "log_timezone": "UTC",
    # A statement, its parameters and a violated key's value may be personal data, and a log is kept by nobody's rule.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# For a cluster that holds nothing but tests.
# Several workers let a crowd of 64 in at once, each on a connection of its own.
DISPOSABLE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "400",
}

SECONDS_TO_START = 60
SECONDS_TO_STOP = 30
SECONDS_FOR_ORPHANS = 5


def url(place: Place, role: str) -> str:
    return f"postgres://{role}@/{DATABASE}?host={place.sockets}"


def is_up(place: Place) -> bool:
    """Whether the server takes connections now."""
    if not _socket(place).exists():
        return False
    program = binaries.postgres_installation() / "bin" / "pg_isready"
    command: list[str | Path] = [program, "-q", "-t", "5", "-h", place.sockets, "-U", APPLICATION_ROLE, "-d", DATABASE]
    return processes.run(command, account=None, directory=place.directory).returncode == 0


def start(place: Place, *, disposable: bool = False) -> None:
    """Start the server, making its cluster first where there is none; the caller holds the lock."""
    installation = binaries.reachable_postgres(place)
    data = _data(place)
    if not data.exists():
        _make_cluster(place, installation, durable=not disposable)
    _refuse_other_version(data, installation)
    _clear_remains(data, place.sockets)
    (data / "pg_hba.conf").write_text(ACCESS, encoding="ascii")
    settings = SETTINGS | (DISPOSABLE_SETTINGS if disposable else {})
    settings["unix_socket_directories"] = str(place.sockets)
    log = place.directory / "postgres.log"
    pid = processes.start_detached(
        [
            installation / "bin" / "postgres",
            "-D",
            data,
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ],
        account=place.account,
        directory=place.directory,
        log=log,
    )
    if not processes.answers(pid, lambda: is_up(place), seconds=SECONDS_TO_START):
        raise EngineError(f"PostgreSQL did not start. {_last_words(log)}")


def stop(place: Place) -> bool:
    """Stop the server and wait until it is gone; False when there was none."""
    data = _data(place)
    pid = _postmaster(data)
    if pid is None:
        return False
    processes.end(pid, signal.SIGINT)
    if not processes.wait_until(lambda: not processes.is_alive(pid), seconds=SECONDS_TO_STOP):
        processes.end(pid, signal.SIGQUIT)
        processes.wait_until(lambda: not processes.is_alive(pid), seconds=SECONDS_FOR_ORPHANS)
    return True


def _data(place: Place) -> Path:
    return place.directory / "postgres"


def _socket(place: Place) -> Path:
    return place.sockets / ".s.PGSQL.5432"


def _make_cluster(place: Place, installation: Path, *, durable: bool) -> None:
    # Under another name until it is whole, so a start that was cut off leaves nothing that looks like a cluster.
    draft = place.directory / "postgres.making"
    shutil.rmtree(draft, ignore_errors=True)
    command: list[str | Path] = [installation / "bin" / "initdb", "-D", draft, "-U", CLUSTER_ROLE, "-A", "trust"]
    command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [] if durable else ["--no-sync"]
    _must(processes.run(command, account=place.account, directory=place.directory))
    # One statement a line is what single-user mode reads; it needs no socket and no superuser who may connect.
    single: list[str | Path] = [installation / "bin" / "postgres", "--single", "-j", "-D", draft]
    single += ["-c", "log_min_messages=error", "-c", "exit_on_error=on", "postgres"]
    statements = "".join(f"{line};\n\n" for line in ROLES.splitlines())
    _must(processes.run(single, account=place.account, directory=place.directory, text=statements))
    draft.rename(_data(place))


def _must(finished: subprocess.CompletedProcess[str]) -> None:
    if finished.returncode != 0:
        said = (finished.stderr or finished.stdout).strip().splitlines()
        raise EngineError(f"PostgreSQL's files could not be made: {said[-1] if said else 'no reason was given'}")


def _refuse_other_version(data: Path, installation: Path) -> None:
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if not installation.name.endswith(made_by):
        raise EngineError(
            f"The data in {data} was written by PostgreSQL {made_by}, and the installed one is {installation.name}. "
            "Install the former requirements and dump the data first, or start anew with `make reset`."
        )


def _postmaster(data: Path) -> int | None:
    """The living postmaster of this very cluster, whatever postmaster.pid says."""
    pid = _noted_pid(data / "postmaster.pid")
    if pid is None or not processes.is_alive(pid):
        return None
    if not Path("/proc/self/cwd").exists():
        return pid
    # A server works in its data directory; any other process has merely been given the number since.
    return pid if pid in processes.processes_in(data) else None


def _noted_pid(note: Path) -> int | None:
    try:
        return abs(int(note.read_text(encoding="utf-8").split("\n", 1)[0]))
    except (FileNotFoundError, ValueError):
        return None


def _clear_remains(data: Path, sockets: Path) -> None:
    """Make way for a new postmaster after one that was killed.

    PostgreSQL itself deals with a noted process that is gone. It refuses to start when the number is a zombie's or has
    gone to another program, so then, and only when no server process works in the directory any more, the note is
    removed. The same number stands beside the socket.
    """
    if _postmaster(data) is not None:
        raise EngineError(
            f"PostgreSQL is running in {data} and does not answer. Stop it with `make stop`, then try again."
        )
    if not processes.wait_until(lambda: not any(processes.processes_in(data)), seconds=SECONDS_FOR_ORPHANS):
        for orphan in processes.processes_in(data):
            processes.end(orphan, signal.SIGKILL)
        processes.wait_until(lambda: not any(processes.processes_in(data)), seconds=SECONDS_FOR_ORPHANS)
    for note in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        pid = _noted_pid(note)
        if pid is None or processes.holds_number(pid):
            note.unlink(missing_ok=True)


def _last_words(log: Path) -> str:
    try:
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        said = []
    return f"{said[-1]} (see {log})" if said else f"See {log}."
