"""A store with one product page, a browser, and page views that are flushed when the test says so."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from cookies import question
from cookies.traffic import buffer, visitor

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"


@pytest.fixture(autouse=True)
def _store(settings: LazySettings) -> None:
    settings.ROOT_URLCONF = "tests.cookies.site"


@pytest.fixture(autouse=True)
def hits(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> Iterator[buffer.HitBuffer]:
    """The memory of this process, without the thread that empties it."""
    fresh = buffer.HitBuffer(in_background=False)
    monkeypatch.setattr(buffer, "hits", fresh)
    visitor.forget_salt()
    yield fresh
    visitor.forget_salt()


@pytest.fixture
def browser() -> Client:
    return Client(headers={"User-Agent": CHROME})


@pytest.fixture
def answer() -> Callable[..., HttpResponse]:
    """Send an answer to the question as the banner's form does."""

    def send(browser: Client, how: str, **data: Any) -> HttpResponse:
        headers = data.pop("headers", {})
        sent = {"notice": question.token(), **data}
        if how == "choose":
            sent.setdefault("choice", "true")
        elif "cookie_groups" not in sent:
            sent.setdefault("all_groups", "true")
        return browser.post(f"/cookies/{how}/", sent, headers=headers)

    return send


@pytest.fixture
def stub_base(settings: LazySettings) -> None:
    """The store's frame links to every room; the page about cookies is tested within a bare one."""
    frame = "{% load cookies %}{% block content %}{% endblock %}{% cookie_banner %}"
    loaders = [
        ("django.template.loaders.locmem.Loader", {"base.html": frame}),
        "django.template.loaders.app_directories.Loader",
    ]
    (templates,) = settings.TEMPLATES
    options = {**templates["OPTIONS"], "loaders": loaders}
    options["context_processors"] = [name for name in options["context_processors"] if name.startswith("django.")]
    settings.TEMPLATES = [{**templates, "APP_DIRS": False, "OPTIONS": options}]
