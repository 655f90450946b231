"""Every form of a page as a browser sees it, and what is sent when one field of it holds a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

# What a form that is otherwise in order holds.
FILLED = {
    "email": "mina@example.com", "login": "mina@example.com", "password": "long enough words", "recipient": "Mina Kim",
    "phone": "+1 650 253 0000", "country": "US", "postal_code": "94043", "state": "CA", "city": "Mountain View",
    "street": "1600 Amphitheatre Parkway", "street_2": "Floor 2", "quantity": "1", "rating": "5",
    "coupon": "",  # a code that nobody gave would be refused, whatever stands beside it
}  # fmt: skip
_TYPED = {"text", "search", "email", "tel", "url", "number", "password", "date"}


@dataclass
class Form:
    action: str
    method: str
    sent: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)  # fields that a person types into
    files: list[str] = field(default_factory=list)

    def with_text(self, name: str, text: str) -> dict[str, str]:
        return self.sent | {name: text}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(told.get("action", ""), told.get("method", "get").lower())
            self.forms.append(self._open)
        if self._open is None:
            return
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "select":
            self._select = name
            self._open.sent[name] = FILLED.get(name, "")
        elif tag == "option" and self._select and ("selected" in told or not self._open.sent.get(self._select)):
            self._open.sent[self._select] = told.get("value", "")
        elif not name:
            return
        elif tag == "textarea":
            self._typed(name, "")
        elif tag == "input" and kind == "file":
            self._open.files.append(name)
        elif tag == "input" and kind == "hidden":
            self._open.sent[name] = told.get("value", "")
        elif tag == "input" and kind == "radio":
            self._open.sent.setdefault(name, told.get("value", ""))
        elif tag == "input" and kind in _TYPED:
            self._typed(name, told.get("value", ""))

    def _typed(self, name: str, value: str) -> None:
        self._open.typed.append(name)
        self._open.sent[name] = value or FILLED.get(name, "x")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""


def forms_of(page: str) -> Iterator[Form]:
    reader = _Reader()
    reader.feed(page)
    yield from reader.forms
