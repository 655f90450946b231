"""The text of a mail that was written as a page: its words, none of its doings."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "iframe"})
_EMPTY = frozenset({"br", "hr", "img", "input", "meta", "link", "base", "col", "wbr", "source", "area", "embed"})
_BREAKS = frozenset(
    {"p", "br", "div", "tr", "li", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ul", "ol", "pre"}
)
# Words that stand there to be unseen are written for filters, not for us.
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?!\.)", re.IGNORECASE
)
_QUOTE = ("blockquote",)


def charset_of(data: bytes) -> str:
    """What a page says of its own charset, for a mail that does not say it."""
    said = re.search(rb"(?i)charset\s*=\s*[\"']?([\w.:-]{2,40})", data[:2000])
    return said.group(1).decode("ascii", "replace") if said else ""


def as_text(page: str) -> str:
    """The words that a reader of the page would see. Quoted blocks come out with "> " before each line, as in plain mail."""
    reader = _Reader()
    try:
        reader.feed(page)
        reader.close()
    except Exception:  # broken beyond what the parser forgives: its words between the angle brackets remain
        return re.sub(r"<[^>]*>", " ", page)
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._said: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []  # tag, silent, quoting
        self._silent = 0
        self._quoting = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self._break()
        if tag in _EMPTY:
            return
        told = {name: value or "" for name, value in attrs}
        silent = tag in _SILENT or "hidden" in told or bool(_HIDDEN.search(told.get("style", "")))
        quoting = tag in _QUOTE or "gmail_quote" in told.get("class", "")
        self._silent += silent
        self._quoting += quoting
        self._open.append((tag, silent, quoting))
        if quoting:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self._break()
        if tag not in {opened for opened, _silent, _quoting in self._open}:
            return
        while self._open:
            opened, silent, quoting = self._open.pop()
            self._silent -= silent
            self._quoting -= quoting
            if opened == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._silent:
            words = re.sub(r"\s+", " ", data)
            self._said.append(words)

    def _break(self) -> None:
        self._said.append("\n> " if self._quoting else "\n")

    def text(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self._said).split("\n"))
        return "\n".join(line for line in lines if line and line != ">")
