"""Reading a page as a browser would: what its forms would send."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._in_main = False

    def handle_endtag(self, tag: str) -> None:
        self._in_main = self._in_main and tag != "main"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_main = self._in_main or tag == "main"
        if not self._in_main:
            return  # the cookie question at the foot of the page is a form of its own
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.values[given["name"] or ""] = given.get("value") or ""


def hidden_inputs(response: Any) -> dict[str, str]:
    """The hidden values of a page: the notice's token among them."""
    parser = _Inputs()
    parser.feed(response.content.decode())
    parser.values.pop("csrfmiddlewaretoken", None)
    return parser.values


def answer(client: Any, url: str, values: dict[str, Any], **extra: Any) -> Any:
    """Open a page with a form, fill it in, send it."""
    return client.post(url, {**hidden_inputs(client.get(url)), **values}, **extra)
