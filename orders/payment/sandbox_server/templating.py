"""Templates in which every value is escaped unless this module made it."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path
from string import Template

_TEMPLATES = Path(__file__).with_name("templates")


class Markup(str):
    """Text that a template of ours made, and that is therefore not escaped again."""

    __slots__ = ()


def render(name: str, /, **values: str) -> Markup:
    """The template with its values; a value that is missing is a mistake of ours and raises."""
    safe = {key: value if isinstance(value, Markup) else escape(str(value)) for key, value in values.items()}
    return Markup(_template(name).substitute(safe))


def join(parts: list[Markup]) -> Markup:
    return Markup("".join(parts))


@cache
def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))
