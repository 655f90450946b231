"""A real IMAP server for tests: Debian's Dovecot on a free port of this machine, under its own folder, ended by its pid."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
NEEDS_DOVECOT = pytest.mark.skipif(
    DOVECOT is None, reason="no Dovecot on this machine: run `make browser` to install it"
)
_PASSWORD = "letters"
_PATIENCE_SECONDS = 20

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """One server; every mailbox that somebody signs in to exists."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        user = getpass.getuser()
        if user == "root":
            # As root it would change users by itself; its own unprivileged one is enough.
            user = "nobody"
        account = pwd.getpwnam(user)
        group = grp.getgrgid(account.pw_gid).gr_name
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        if os.getuid() == 0:
            for path in (folder, *folder.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
        configuration = folder / "dovecot.conf"
        told = {"folder": folder, "user": user, "group": group, "port": self.port, "password": _PASSWORD}
        configuration.write_text(_CONFIGURATION.format(**told))
        self._process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(configuration)], start_new_session=True)
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                self._client("probe").logout()
                return
            except (OSError, imaplib.IMAP4.error):
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        log = folder / "dovecot.log"
        said = log.read_text(errors="replace") if log.exists() else ""
        self.stop()
        pytest.fail(f"Dovecot did not start: {said[-1500:]}")

    def url(self, user: str) -> str:
        return f"imap://{user}:{_PASSWORD}@127.0.0.1:{self.port}/INBOX?processed=Processed&quarantine=Quarantine"

    def _client(self, user: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(user, _PASSWORD)
        return client

    def deliver(self, user: str, raw: bytes, when: float | None = None) -> None:
        """A mail arrives."""
        client = self._client(user)
        stamp = imaplib.Time2Internaldate(when if when is not None else time.time())
        status, answer = client.append("INBOX", None, stamp, raw)
        assert status == "OK", answer
        client.logout()

    def holds(self, user: str, folder: str) -> list[tuple[bytes, bool]]:
        """The mails in a folder, and whether each is marked as read."""
        client = self._client(user)
        status, _answer = client.select(folder, readonly=True)
        found: list[tuple[bytes, bool]] = []
        if status == "OK":
            _status, numbers = client.search(None, "ALL")
            for number in numbers[0].split():
                _status, answer = client.fetch(number, "(FLAGS BODY.PEEK[])")
                (part,) = [piece for piece in answer if isinstance(piece, tuple)]
                flags = b" ".join(p if isinstance(p, bytes) else p[0] for p in answer)
                found.append((part[1], b"\\Seen" in flags))
        client.logout()
        return found

    def stop(self) -> None:
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)
            self._process.wait(_PATIENCE_SECONDS)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    # Sockets have short names; pytest's own folders are too deep for them.
    folder = Path(tempfile.mkdtemp(prefix="dove"))
    server = Dovecot(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
