"""Pictures of a mail, where the machine that serves the staff has a Chromium; everywhere else the page itself is looked at."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SECONDS = 15
_HEIGHT = 1400  # pixels


def _program() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def available() -> bool:
    """Whether pictures can be made here."""
    return _program() is not None


def picture(html: str, width: int) -> bytes | None:
    """A PNG of a page of this width, drawn without a network; None where it cannot be done."""
    program = _program()
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="kmall24-picture-") as folder:
        page, image = Path(folder) / "mail.html", Path(folder) / "mail.png"
        page.write_text(html, encoding="utf-8")
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            f"--user-data-dir={folder}/profile", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--window-size={width},{_HEIGHT}", f"--screenshot={image}", page.as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, timeout=_SECONDS, check=True, capture_output=True)  # noqa: S603 - a fixed program
        except (OSError, subprocess.SubprocessError):
            return None
        return _trimmed(image.read_bytes()) if image.exists() else None


def _trimmed(png: bytes) -> bytes:
    """Without the empty rest of the window below the mail."""
    with Image.open(io.BytesIO(png)) as drawn:
        whole = drawn.convert("RGB")
    paper = Image.new("RGB", whole.size, whole.getpixel((whole.width - 1, whole.height - 1)))
    used = ImageChops.difference(whole, paper).getbbox()
    bottom = min(whole.height, used[3] + 24) if used else whole.height
    cut = io.BytesIO()
    whole.crop((0, 0, whole.width, bottom)).save(cut, "PNG")
    return cut.getvalue()
