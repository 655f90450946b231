"""Where an installation keeps what is its own: private directories, short socket paths, secrets made once."""

import hashlib
import os
import pwd
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from kmall24.engines.errors import EngineError

PROJECT = Path(__file__).resolve().parents[2]

# A socket's path holds 104 bytes on macOS and 108 on Linux, the closing zero included; PostgreSQL's is longest.
LONGEST_SOCKET_DIRECTORY = 103 - len("/.s.PGSQL.5432")
# Socket paths travel in URLs and in server settings: what needs no quoting there cannot be quoted wrongly.
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")
# Accounts that PostgreSQL, which refuses to run as root, may run as; the first that this machine has.
UNPRIVILEGED_ACCOUNTS = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Place:
    """Where the two servers live and, when the installation belongs to root, the account they run as."""

    directory: Path
    sockets: Path
    account: pwd.struct_passwd | None

    @property
    def owner(self) -> int:
        return self.account.pw_uid if self.account else os.geteuid()


def variable(name: str) -> str:
    """The environment's value, or that of the project's `.env` as settings would read it; empty without either."""
    if name in os.environ:
        return os.environ[name]
    try:
        lines = (PROJECT / ".env").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    for line in lines:
        key, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and key.strip() == name:
            return value.strip().strip("'\"")
    return ""


def state_dir() -> Path:
    """The installation's private directory: `.local/` in the project unless KMALL24_STATE_DIR names another."""
    chosen = variable("KMALL24_STATE_DIR")
    path = Path(chosen).expanduser() if chosen else PROJECT / ".local"
    return private_directory(path.resolve())


def private_directory(path: Path, account: pwd.struct_passwd | None = None) -> Path:
    """Make `path`, readable by its owner alone, or refuse it when it is somebody else's."""
    owner = account.pw_uid if account else os.geteuid()
    try:
        path.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        pass
    except OSError as error:
        raise EngineError(
            f"{path} could not be made ({error.strerror}). Give KMALL24_STATE_DIR a directory that you may write to."
        ) from error
    found = path.lstat()
    if account and stat.S_ISDIR(found.st_mode) and found.st_uid == 0:
        # A start that was cut off between making the directory and handing it over.
        os.chown(path, account.pw_uid, account.pw_gid)
        found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise EngineError(f"{path} is not a directory. Move it away and try again.")
    if found.st_uid != owner:
        raise EngineError(
            f"{path} belongs to another user (number {found.st_uid}). Run the store as that user, "
            "or give KMALL24_STATE_DIR a directory of your own."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def place() -> Place:
    """Where the servers of this installation live; pure, nothing but the state directory is made."""
    state = state_dir()
    if os.geteuid() != 0:
        directory = state / "engines"
        return Place(directory, _socket_directory(directory), None)
    # PostgreSQL refuses root, and the account it runs as instead may be unable to reach the project. The name is made
    # of the path and of a number drawn once, so neither a copy of the project nor a new clone finds another's orders.
    mark = _short_hash(f"{state}\0{installation_secret('installation')}")
    base = Path("/var/lib") if Path("/var/lib").is_dir() else Path("/var/tmp")  # noqa: S108, ownership is checked
    directory = base / f"kmall24-{mark}"
    return Place(directory, directory / "run", _unprivileged_account(directory))


def installation_secret(name: str = "key") -> str:
    """A random value made at first use and the same ever after, readable by the installation's owner alone."""
    directory = private_directory(state_dir() / "secrets")
    path = directory / name
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    # Written aside and linked into place, so of two first starts both read the value of the one that was quicker.
    draft = directory / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii")


def _socket_directory(directory: Path) -> Path:
    beside = directory / "run"
    if PLAIN_PATH.fullmatch(str(beside)) and len(os.fsencode(beside)) <= LONGEST_SOCKET_DIRECTORY:
        return beside
    # Always /tmp and not $TMPDIR or $XDG_RUNTIME_DIR, which differ between a terminal, cron and ssh: every process
    # of this installation must look in the same place.
    return Path(f"/tmp/kmall24-{os.geteuid()}-{_short_hash(str(directory))}")  # noqa: S108, ownership is checked


def _unprivileged_account(directory: Path) -> pwd.struct_passwd:
    try:
        # Who owns the data already keeps it, whatever accounts were added to the machine since.
        if owner := directory.stat().st_uid:
            return pwd.getpwuid(owner)
    except (FileNotFoundError, KeyError):
        pass
    for name in UNPRIVILEGED_ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EngineError(
        "PostgreSQL does not run as root, and this machine has no account named "
        f"{', '.join(UNPRIVILEGED_ACCOUNTS)}. Run the store as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]
