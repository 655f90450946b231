"""The sandbox's own books: one SQLite file that survives a killed process, and a ledger that is only ever added to."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

_TABLES = """
CREATE TABLE IF NOT EXISTS intent (
    id TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    return_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    webhook_url TEXT NOT NULL,
    locale TEXT NOT NULL,
    state TEXT NOT NULL,
    amount_refunded INTEGER NOT NULL DEFAULT 0 CHECK (amount_refunded BETWEEN 0 AND amount),
    behaviour TEXT NOT NULL DEFAULT '',
    instrument TEXT,
    refusals INTEGER NOT NULL DEFAULT 0,
    last_refusal TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    settles_at REAL
);
CREATE INDEX IF NOT EXISTS intent_due ON intent (state, settles_at, expires_at);
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, intent TEXT NOT NULL REFERENCES intent (id),
    amount INTEGER NOT NULL CHECK (amount > 0), currency TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS idempotency (
    scope TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, made TEXT NOT NULL, PRIMARY KEY (scope, key)
);
CREATE TABLE IF NOT EXISTS webhook (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, body BLOB NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at REAL NOT NULL, delivered_at REAL, parked_at REAL, last_error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS webhook_due ON webhook (next_attempt_at) WHERE delivered_at IS NULL AND parked_at IS NULL;
CREATE TABLE IF NOT EXISTS ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
"""
# Columns that books of an earlier sandbox lack, and what makes their old rows true.
_LATER = {
    "capture_at_once": ("INTEGER NOT NULL DEFAULT 1", ""),
    "amount_captured": (
        "INTEGER NOT NULL DEFAULT 0",
        "UPDATE intent SET amount_captured = amount WHERE state = 'succeeded'",
    ),
    "key": (
        "TEXT NOT NULL DEFAULT ''",
        "UPDATE intent SET key = coalesce((SELECT i.key FROM idempotency i WHERE i.scope = 'intent' AND i.made = intent.id), '')",
    ),
}


class StateTaken(Exception):
    """The text is a sentence for whoever started the process."""


class Store:
    """Opens the books in `directory`, alone: two processes that settle the same payments would tell everything twice."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        self._lock_file = _take(directory / "lock")
        self._database = directory / "sandbox.sqlite3"
        self._ledger_path = directory / "ledger.jsonl"
        self._ledger_turn = threading.Lock()
        self.changed = threading.Event()
        # Kept open while the process lives: SQLite would otherwise fold its log away after every request.
        self._anchor = self._connect()
        self._anchor.executescript(_TABLES)
        _add_later_columns(self._anchor)
        self._ledger, self._ledger_seq = _open_ledger(self._ledger_path)
        self._write_ledger()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is on the disk when the block ends; the ledger follows before anyone is answered."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
        self._write_ledger()
        self.changed.set()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            yield connection

    def fold_log_away(self) -> None:
        """Empty SQLite's log, in which what was overwritten can still be read. Waits for whoever is reading."""
        with closing(self._connect()) as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise sqlite3.OperationalError("The log is in use; ask again.")

    def close(self) -> None:
        self._anchor.close()
        self._ledger.close()
        self._lock_file.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._database, timeout=15, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # A committed payment outlives the power supply.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        return connection

    def _write_ledger(self) -> None:
        """Append what the database holds and the file does not; after a crash between the two this mends the file."""
        with self._ledger_turn, self.reading() as connection:
            rows = connection.execute(
                "SELECT seq, entry FROM ledger WHERE seq > ? ORDER BY seq", (self._ledger_seq,)
            ).fetchall()
            if not rows:
                return
            for row in rows:
                self._ledger.write(json.dumps({"seq": row["seq"]} | json.loads(row["entry"])).encode() + b"\n")
            self._ledger.flush()
            os.fsync(self._ledger.fileno())
            self._ledger_seq = rows[-1]["seq"]


def note(connection: sqlite3.Connection, event: str, at: float, **facts: Any) -> None:
    """One line of the ledger, in the transaction that makes it true."""
    entry = {"event": event, "at": int(at)} | facts
    connection.execute("INSERT INTO ledger (entry) VALUES (?)", (json.dumps(entry),))


def _add_later_columns(connection: sqlite3.Connection) -> None:
    present = {row["name"] for row in connection.execute("PRAGMA table_info(intent)")}
    for name, (kind, mend) in _LATER.items():
        if name in present:
            continue
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"ALTER TABLE intent ADD COLUMN {name} {kind}")
        if mend:
            connection.execute(mend)
        connection.execute("COMMIT")


def _take(path: Path) -> IO[str]:
    lock_file = path.open("a")
    try:
        fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock_file.close()
        raise StateTaken(
            f"Another payment sandbox already uses {path.parent}; stop it, or give another --state."
        ) from None
    return lock_file


def _open_ledger(path: Path) -> tuple[IO[bytes], int]:
    """The ledger ready for appending, and the number of its last whole line; a line torn by a crash is cut off."""
    seq, good_bytes = 0, 0
    if path.exists():
        with path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                seq, good_bytes = json.loads(line)["seq"], good_bytes + len(line)
        os.truncate(path, good_bytes)
    return path.open("ab"), seq
