"""What a test's browser notes of a page: its templates and what they were given, without the hundreds of its options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.template.base import Template
from django.template.context import Context
from django.test.utils import instrumented_test_render

# Each option of a list of countries is a template of its own, and noting one copies everything that it was given.
OPTIONS = "django/forms/widgets/"


def only_what_is_asked_for() -> None:
    """Let no widget be noted, in whatever test."""
    Template._render = _render


@contextmanager
def nothing() -> Iterator[None]:
    """Let nothing be noted. Of a crowd, each browser would note the pages of all."""
    before, Template._render = Template._render, _plain
    try:
        yield
    finally:
        Template._render = before


def _render(self: Template, context: Context) -> str:
    if self.name and self.name.startswith(OPTIONS):
        return _plain(self, context)
    return instrumented_test_render(self, context)


def _plain(self: Template, context: Context) -> str:
    return self.nodelist.render(context)
