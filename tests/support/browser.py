"""A real browser for tests: Debian's Chromium, driven by Playwright, that may speak to this machine only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
NEEDS_BROWSER = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: run `make browser` to install it"
)

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """One browser process for the whole session of a test worker."""
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous face runs an event loop in this thread; the tests' own database calls are not async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


class Visit:
    """One visitor: a browser context of their own, with every request and every complaint of the page written down."""

    def __init__(self, browser: object, **options: object) -> None:
        # Headless Chromium says of itself that it is a robot; these visits stand for people.
        options.setdefault(
            "user_agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
        )
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)

    def elsewhere(self, *own: str) -> list[str]:
        """Requests that left the store (and the named sites, such as the payment provider's)."""
        hosts = {urlsplit(url).netloc for url in own}
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).netloc not in hosts
        ]

    def cookies(self) -> set[str]:
        return {cookie["name"] for cookie in self.context.cookies()}

    def stored(self) -> dict[str, object]:
        """What the browser keeps for the page's site besides cookies, asked of the browser itself and not of the page."""
        address = urlsplit(self.page.url)
        origin = f"{address.scheme}://{address.netloc}"
        tools = self.context.new_cdp_session(self.page)

        def items(local: bool) -> list[str]:
            answer = tools.send(
                "DOMStorage.getDOMStorageItems", {"storageId": {"securityOrigin": origin, "isLocalStorage": local}}
            )
            return [name for name, _value in answer["entries"]]

        return {
            "local": items(True),
            "session": items(False),
            "databases": tools.send("IndexedDB.requestDatabaseNames", {"securityOrigin": origin})["databaseNames"],
            "caches": tools.send("CacheStorage.requestCacheNames", {"securityOrigin": origin})["caches"],
            "workers": len(self.context.service_workers),
        }

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visit(chromium: object) -> Iterator[object]:
    """Open a visitor: `visit(locale="ko-KR")`. All are closed at the end."""
    opened: list[Visit] = []

    def open_one(**options: object) -> Visit:
        opened.append(Visit(chromium, **options))
        return opened[-1]

    yield open_one
    for visitor in opened:
        visitor.close()
