"""What one run leaves for the next: where it serves, and which processes to end should it be killed."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from kmall24 import engines


class Record:
    """`.local/serve.json`, with a lock that the kernel lets go of when its runner ends, however it ends."""

    def __init__(self) -> None:
        self.path = engines.state_dir() / "serve.json"
        self.values: dict[str, Any] = self.read()
        self._lock: int | None = None

    def read(self) -> dict[str, Any]:
        try:
            read = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return read if isinstance(read, dict) else {}

    def take(self) -> bool:
        """Whether this process is now the one that runs the store."""
        if self._lock is None:
            self._lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.values = self.read()
        return True

    def write(self, **values: Any) -> None:
        self.values |= values
        draft = Path(f"{self.path}.draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(self.values, file)
        draft.replace(self.path)
