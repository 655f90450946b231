"""The mails of CPython's own e-mail tests: its files, the mails inside them, and those that stand in the tests' sources."""

from __future__ import annotations

import ast
import email
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

_FOUND = importlib.util.find_spec("test.test_email") if importlib.util.find_spec("test") else None
FOLDER = Path(_FOUND.origin).parent if _FOUND and _FOUND.origin else None
# A head of at least two lines, each of them a header or the rest of one, and a body after it.
_HEADER = re.compile(rb"[\w-]+:|[ \t]|From ")


def files() -> dict[str, bytes]:
    """The messages that are files of their own: 48 in Python 3.11 to 3.13."""
    return {path.name: path.read_bytes() for path in sorted((FOLDER / "data").glob("msg_*.txt"))} if FOLDER else {}


def nested() -> dict[str, bytes]:
    """The messages that travel inside those, forwarded or in a digest: 16, so that there are 64 with the files."""
    found = {}
    for name, raw in files().items():
        for number, part in enumerate(email.message_from_bytes(raw).walk()):
            if part.get_content_type() == "message/rfc822" and part.is_multipart():
                try:
                    found[f"{name}:{number}"] = part.get_payload(0).as_bytes()
                except Exception:  # what the standard library cannot write back it has read, and so do we
                    found[f"{name}:{number}"] = str(part.get_payload(0).get_payload()).encode("utf-8", "replace")
    return found


def in_sources() -> dict[str, bytes]:
    """The messages that stand as texts in the tests themselves, most of them broken in a way of their own."""
    found: dict[bytes, str] = {}
    for path in sorted(FOLDER.glob("*.py")) if FOLDER else []:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                for raw in _as_mail(node.value):
                    found.setdefault(raw, f"{path.name}:{node.lineno}")
    return {name: raw for raw, name in found.items()}


def _as_mail(text: str | bytes) -> Iterator[bytes]:
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    head, blank, _body = raw.lstrip(b"\n").replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.split(b"\n")
    if blank and len(lines) >= 2 and all(_HEADER.match(line) for line in lines):
        yield raw


def media() -> list[Path]:
    """The pictures and sounds that lie beside them."""
    return sorted(p for p in (FOLDER / "data").iterdir() if p.suffix not in (".txt", ".py")) if FOLDER else []
