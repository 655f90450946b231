"""Named lines at which a test lets the process die; outside of tests they do nothing, and nothing else can arm them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_deed: Callable[[str], None] | None = None


def crashpoint(name: str) -> None:
    """A line where a death could hurt: something outside has happened, and the store has not yet written it down."""
    if _deed is not None:
        _deed(name)


@contextmanager
def armed(deed: Callable[[str], None]) -> Iterator[None]:
    """Within the block every crash point calls `deed` with its name. Only tests do this; no setting and no input can."""
    global _deed
    _deed = deed
    try:
        yield
    finally:
        _deed = None
