"""The embedded Valkey: no network, nothing on disk, and nothing thrown away before it is read."""

import socket

from kmall24.engines import binaries, processes
from kmall24.engines.errors import EngineError
from kmall24.engines.places import Place

SOCKET = "valkey.sock"
# Sixteen for each of the test sessions that may run beside one another; an empty one costs a few bytes.
LOGICAL_DATABASES = 256

SECONDS_TO_START = 20
SECONDS_TO_STOP = 10


def url(place: Place, database: int = 0) -> str:
    return f"unix://{place.sockets / SOCKET}?db={database}"


def is_up(place: Place) -> bool:
    return _ask(place, "PING").startswith(b"+PONG")


def start(place: Place) -> None:
    """Start the server; the caller holds the lock."""
    path = place.sockets / SOCKET
    path.unlink(missing_ok=True)
    log = place.directory / "valkey.log"
    # Raw page views wait here for seconds, so nothing of it may reach a disk: no snapshot, no append-only file. A full
    # memory is an error that is seen; evicting would lose counts in silence.
    pid = processes.start_detached(
        [
            binaries.reachable_valkey(place),
            *("--port", "0", "--unixsocket", path, "--unixsocketperm", "700"),
            *("--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"),
            *("--databases", str(LOGICAL_DATABASES), "--dir", place.directory, "--daemonize", "no"),
        ],
        account=place.account,
        directory=place.directory,
        log=log,
    )
    if not processes.answers(pid, lambda: is_up(place), seconds=SECONDS_TO_START):
        raise EngineError(f"Valkey did not start. See {log}.")


def stop(place: Place) -> bool:
    """Stop the server and wait until it is gone; False when there was none."""
    if not is_up(place):
        return False
    _ask(place, "SHUTDOWN NOSAVE")
    path = place.sockets / SOCKET
    return processes.wait_until(lambda: not path.exists() or not is_up(place), seconds=SECONDS_TO_STOP)


def _ask(place: Place, command: str) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(place.sockets / SOCKET))
            connection.sendall(f"{command}\r\n".encode("ascii"))
            return connection.recv(64)
        except OSError:
            return b""
