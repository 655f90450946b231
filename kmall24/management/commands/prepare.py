"""`prepare` does all that stands between an empty machine and a store that can serve; again, next to nothing."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from kmall24 import translations


class Command(BaseCommand):
    help = "Compiles translations, migrates, collects static files, fills an empty store, makes the first staff member."

    def handle(self, *args: Any, **options: Any) -> None:
        translations.compile_all()
        call_command("migrate", interactive=False, verbosity=0)
        self._collect_static_files()
        call_command("load_sample_catalogue", if_empty=True)
        call_command("ensure_staff", verbosity=0)

    def _collect_static_files(self) -> None:
        marker = Path(settings.STATIC_ROOT) / ".collected"
        digest = _digest_of_static_files()
        if marker.exists() and marker.read_text(encoding="ascii") == digest:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        # Last, so a collection that was cut off is done again.
        marker.write_text(digest, encoding="ascii")


def _digest_of_static_files() -> str:
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stamp = Path(storage.path(path)).stat()
            seen.update(f"{path}\0{stamp.st_size}\0{stamp.st_mtime_ns}\n".encode())
    return seen.hexdigest()
