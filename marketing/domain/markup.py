"""The few tags that a mail bears: cleaned, checked, made into plain text, and given the looks that mail programs keep."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import nh3
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

_TAGS = {"p", "h1", "h2", "h3", "a", "img", "ul", "ol", "li", "strong", "em", "b", "i", "br", "hr", "blockquote"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "width", "height"}}
_STYLES = {
    "p": "margin:0 0 16px;line-height:1.6",
    "h1": "margin:0 0 16px;font-size:24px;line-height:1.3",
    "h2": "margin:24px 0 12px;font-size:20px;line-height:1.3",
    "h3": "margin:24px 0 8px;font-size:17px;line-height:1.3",
    "a": "color:#0b57d0",
    "img": "max-width:100%;height:auto;border:0",
    "ul": "margin:0 0 16px;padding-left:24px;line-height:1.6",
    "ol": "margin:0 0 16px;padding-left:24px;line-height:1.6",
    "blockquote": "margin:0 0 16px;padding-left:16px;border-left:3px solid #d0d0d0",
    "hr": "border:0;border-top:1px solid #d0d0d0;margin:24px 0",
}


def cleaned(body: str) -> str:
    """Only tags that we know, with whole addresses. Text without tags is put into paragraphs."""
    if not re.search(r"<\w", body):
        body = "".join(f"<p>{part.strip()}</p>" for part in re.split(r"\n\s*\n", body.strip()) if part.strip())
    return nh3.clean(
        body,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_whole_address,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def _whole_address(tag: str, name: str, value: str) -> str | None:
    if name in ("href", "src") and value.startswith("/") and not value.startswith("//"):
        return settings.BASE_URL + value
    if name in ("width", "height") and not value.isdigit():
        return None
    return value


def styled(clean: str) -> str:
    """The same with looks: mail programs drop everything but what stands at each tag."""
    return re.sub(rf"<({'|'.join(_STYLES)})(?=[\s>])", lambda tag: f'<{tag[1]} style="{_STYLES[tag[1]]}"', clean)


class _Reader(HTMLParser):
    """Walks through clean markup: its text, its links, its pictures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self._href = ""
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("p", "h1", "h2", "h3", "ul", "ol", "blockquote"):
            self.parts.append("\n\n")
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            if number is not None:
                self._lists[-1] = number = number + 1
            self.parts.append(f"\n{f'{number}.' if number is not None else '-'} ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "hr":
            self.parts.append("\n\n----\n\n")
        elif tag == "a":
            self._href = given.get("href", "")
            self.links.append(self._href)
        elif tag == "img":
            self.pictures.append(given)
            self.parts.append(given.get("alt", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self.parts.append(f" ({self._href})")
            self._href = ""
        elif tag in ("ul", "ol"):
            self._lists = self._lists[:-1]
            self.parts.append("\n\n")
        elif tag in ("p", "h1", "h2", "h3", "blockquote"):
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


def as_text(clean: str) -> str:
    """The plain-text part: every word, every address written out."""
    lines = [line.strip() for line in "".join(_read(clean).parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def problems(body: str) -> list[str]:
    """What is wrong with links and pictures, in sentences."""
    read = _read(cleaned(body))
    found = [] if as_text(cleaned(body)) else [_("The text is empty.")]
    for link in read.links:
        found += _wrong_link(link)
    for picture in read.pictures:
        found += _wrong_picture(picture)
    if re.search(r"<\s*(script|style|iframe|form|object|embed)\b", body, re.IGNORECASE):
        found.append(_("Scripts, styles, forms and frames are taken out: mail programs refuse them."))
    return found


def _wrong_link(link: str) -> list[str]:
    parts = urlsplit(link)
    if parts.scheme == "mailto":
        return []
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return [_("The link “%(link)s” is not a whole address: begin it with https:// or with /.") % {"link": link}]
    if parts.netloc == urlsplit(settings.BASE_URL).netloc:
        try:
            resolve(parts.path or "/")
        except Resolver404:
            return [_("The link “%(link)s” leads to no page of the store.") % {"link": link}]
    elif parts.scheme != "https":
        return [_("The link “%(link)s” is not encrypted: use https.") % {"link": link}]
    return []


def _wrong_picture(picture: dict[str, str]) -> list[str]:
    source = urlsplit(picture.get("src", ""))
    found = []
    if source.netloc != urlsplit(settings.BASE_URL).netloc or source.query:
        found.append(
            _(
                "The picture “%(address)s” must come from this store, by a plain address: any other could tell who reads."
            )
            % {"address": picture.get("src", "")}
        )
    if not picture.get("alt", "").strip():
        found.append(
            _("A picture has no words (alt): most mail programs show those first, and some readers only hear them.")
        )
    if "1" in (picture.get("width"), picture.get("height")) or "0" in (picture.get("width"), picture.get("height")):
        found.append(_("A picture of one dot is there to see who reads. This store does not do that."))
    return found
