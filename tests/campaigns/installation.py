"""A whole installation for one campaign: engines, secrets and files of its own, which go when the campaign ends."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import prepared


@contextmanager
def own_installation(*, disposable: bool = True, **environment: str) -> Iterator[Path]:
    """A fresh store, migrated and empty; nothing of Django or of the store may have been imported with settings before.

    Its cluster trades crash safety for speed, as that of the tests does, unless it is not `disposable`.
    """
    folder = Path(tempfile.mkdtemp(prefix="kmall24-campaign-"))
    os.environ |= {
        "KMALL24_STATE_DIR": str(folder / "state"),
        "DJANGO_SETTINGS_MODULE": "kmall24.settings",
        "EMAIL_URL": "dummymail://",
        "LOG_LEVEL": "CRITICAL",
    } | environment
    from kmall24 import engines

    try:
        engines.ensure_running(disposable=disposable)
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        if not prepared.restore(connections["owner"]):
            call_command("migrate", interactive=False, verbosity=0)
        yield folder
    finally:
        from django.db import connections

        connections.close_all()
        engines.erase()
        shutil.rmtree(folder, ignore_errors=True)


def seed_from(environment_name: str = "SEED") -> int:
    """The seed that was given, or one drawn now; a campaign prints it, so that its run can be had again."""
    given = os.environ.get(environment_name, "")
    return int(given) if given else int.from_bytes(os.urandom(4), "big")
