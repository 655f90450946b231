"""Writes docs/hostile-operator.md from the attempts."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmall24.settings")
django.setup()

from tests.hostile_operator.listing import PAGE, markdown  # noqa: E402 - the models come first

PAGE.write_text(markdown(), encoding="utf-8")
