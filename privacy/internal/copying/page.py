"""The copy as a page for people: one file that needs no network and no script, and prints well."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from privacy.declaration import Channel
from privacy.internal import policy
from privacy.internal.copying.contents import Held, evidence

STYLE = Path(__file__).with_name("page.css")
_A_PIECE = 64 * 1024
# The page may show its own pictures and nothing else, wherever it is opened.
_MAY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"


class _Kept:
    """Text that waits for its turn, packed, since a long history is long."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(1)
        self._pieces: list[bytes] = []

    def write(self, text: str) -> None:
        self._pieces.append(self._packer.compress(text.encode()))

    def read(self) -> Iterator[bytes]:
        self._pieces.append(self._packer.flush())
        unpacker = zlib.decompressobj()
        for piece in self._pieces:
            rest = piece
            while rest:
                yield unpacker.decompress(rest, _A_PIECE)
                rest = unpacker.unconsumed_tail
        yield unpacker.flush()


class _Sayings:
    """How the columns of a table and their values are called in the reader's language."""

    def __init__(self, model: type[models.Model]) -> None:
        columns = model._meta.concrete_fields
        self.labels = {f.attname: escape(_first_up(str(f.verbose_name))) for f in columns}
        self.labels |= {f"by_{f.name}": self.labels[f.attname] for f in columns if f.is_relation}
        self._values = {f.attname: {str(k): str(v) for k, v in f.flatchoices} for f in columns if f.choices}
        purposes = policy.current().words().data["purpose"]
        self._values |= {name: purposes for name in ("purpose",) if name in self.labels}

    def of(self, name: str, value: str) -> str:
        return self._values.get(name, {}).get(value, value)


class Page:
    """Hears of everything that goes into the data, section by section, and is read out at the end.

    Its words are those of the language that is active when it is made; it is filled while other requests run.
    """

    def __init__(self, head: Mapping[str, Any], now: dt.datetime) -> None:
        self._head = head
        self._language = get_language() or "en"
        self._day = date_format(timezone.localtime(now), "DATE_FORMAT")
        self._words = _words()
        self._titles = {m._meta.label: str(m._meta.verbose_name_plural) for m in apps.get_models()}
        self._sayings = {model: _Sayings(model) for _section, model in evidence()}
        self._channels = _channels()
        self._sources: dict[str, str] = {}
        self._tables: dict[str, _Kept] = {}
        self._counts: dict[str, int] = {}
        self._columns: dict[str, list[str]] = {}

    # --- hearing ---------------------------------------------------------------------------------------------------

    def told(
        self, section: str, model: type[models.Model], rows: Iterable[Mapping[str, Any]]
    ) -> Iterator[Mapping[str, Any]]:
        """Let the rows of a table of evidence go by, and put them on the page."""
        for row in rows:
            if section == "collections":
                self._sources[str(row["id"])] = f"{self._channels[row['channel']]}, {self._moment(row['received_at'])}"
            table = self._table(section)
            said = self._sayings[model]
            pairs = "".join(
                f"<dt>{said.labels.get(name, escape(name))}</dt><dd>{escape(said.of(name, self._said(value)))}</dd>"
                for name, value in row.items()
                if name != "id"
            )
            table.write(f"<tr><td><dl>{pairs}</dl></td></tr>\n")
            yield row

    def record(self, held: Held) -> None:
        """Put one record with its values on the page."""
        label = held.model._meta.label
        table = self._table(label)
        columns = self._columns.get(label) or self._begin(label)
        cells = "".join(f"<td>{self._cell(held.values.get(name, ''))}</td>" for name in columns)
        source = self._sources.get(held.collection or "", self._words["by_the_store"])
        until = self._date(held.kept_until) if held.kept_until else self._words["while_needed"]
        table.write(f"<tr>{cells}<td>{escape(source)}</td><td>{escape(until)}</td></tr>\n")

    def _begin(self, label: str) -> list[str]:
        named = (name.rpartition(".") for name in self._head["fields"])
        self._columns[label] = [field for record, _dot, field in named if record == label]
        return self._columns[label]

    def _table(self, name: str) -> _Kept:
        self._counts[name] = self._counts.get(name, 0) + 1
        if name not in self._tables:
            self._tables[name] = _Kept()
        return self._tables[name]

    def _cell(self, value: Any) -> str:
        if value is None:
            return escape(self._words["not_shown"])
        if isinstance(value, dict) and "file" in value:
            name = escape(value["file"])
            if name.startswith("photographs/"):
                return (
                    f'<a href="{name}"><img src="{name}" alt="{escape(self._words["photograph"])}" loading="lazy"></a>'
                )
            return f'<a href="{name}">{name}</a>'
        return escape(self._said(value))

    def _said(self, value: Any) -> str:
        if isinstance(value, dt.datetime):
            return self._moment(value)
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return str(value)

    @staticmethod
    def _moment(value: dt.datetime) -> str:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"

    @staticmethod
    def _date(value: dt.datetime) -> str:
        return f"{timezone.localtime(value):%Y-%m-%d}"

    # --- being read ------------------------------------------------------------------------------------------------

    def whole(self) -> Iterator[bytes]:
        """The page, piece by piece."""
        yield self._top().encode()
        for label in [name for name in self._tables if "." in name and name in self._columns]:
            yield self._before_records(label).encode()
            yield from self._tables[label].read()
            yield b"</tbody></table></div></section>\n"
        yield self._apart().encode()
        for section in [name for name in self._tables if name not in self._columns]:
            title = escape(self._words.get(section, self._titles.get(section, section)))
            yield f'<section id="{escape(section)}"><h2>{title}</h2>{self._counted(section)}'.encode()
            yield b'<div class="wide"><table><tbody>'
            yield from self._tables[section].read()
            yield b"</tbody></table></div></section>\n"
        yield f'<p class="soft">{escape(self._words["data"])}</p></main></body></html>\n'.encode()

    def _top(self) -> str:
        words, head = self._words, self._head
        places = [
            *((name, self._titles[name]) for name in self._tables if name in self._columns),
            ("kept-apart", words["kept_apart"]),
            *((n, words.get(n, self._titles.get(n, n))) for n in self._tables if n not in self._columns),
        ]
        listed = "".join(f'<li><a href="#{escape(at)}">{escape(_first_up(title))}</a></li>' for at, title in places)
        about = {
            words["store"]: f"{head['store']['name']}, {head['store']['address']}",
            words["mailbox"]: head["store"]["mailbox"],
            words["made"]: self._day,
            words["policy"]: head["policy_version"],
            words["key"]: head["person"]["key"],
        }
        pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in about.items())
        return (
            f'<!doctype html><html lang="{escape(self._language)}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="Content-Security-Policy" content="{_MAY}">'
            f"<title>{escape(words['title'])}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
            f"<body><main><h1>{escape(words['title'])}</h1><p>{escape(words['lead'])}</p><dl>{pairs}</dl>"
            f'<nav aria-label="{escape(words["contents"])}"><ul>{listed}</ul></nav>\n'
        )

    def _before_records(self, label: str) -> str:
        words = self._words
        described = [self._head["fields"][f"{label}.{name}"] for name in self._columns[label]]
        uses = dict.fromkeys(p["words"] for each in described for p in each["purposes"])
        time = dict.fromkeys(each["retention"]["words"] for each in described)
        laws = dict.fromkeys(each["retention"]["law"] for each in described if each["retention"]["law"])
        to = dict.fromkeys(self._head["recipients"][one]["name"] for each in described for one in each["recipients"])
        lines = [
            f"{words['uses']}: {'; '.join(uses)}.",
            f"{' '.join(time)} {'; '.join(laws)}".strip(),
            f"{words['receivers']}: {', '.join(to) or words['nobody']}.",
        ]
        why = "".join(f'<p class="why">{escape(line)}</p>' for line in lines)
        heads = [*(each["label"] for each in described), words["source"], words["until"]]
        row = "".join(f'<th scope="col">{escape(_first_up(name))}</th>' for name in heads)
        title = escape(_first_up(self._titles[label]))
        return (
            f'<section id="{escape(label)}"><h2>{title}</h2>{why}{self._counted(label)}'
            f'<div class="wide"><table><thead><tr>{row}</tr></thead><tbody>\n'
        )

    def _counted(self, name: str) -> str:
        return f'<p class="soft">{escape(self._words["rows"])}: {self._counts[name]}</p>'

    def _apart(self) -> str:
        words = self._words
        lines = "".join(
            f"<tr><td>{escape(_first_up(self._titles[line['record']]))}</td>"
            f"<td>{escape(', '.join(dict.fromkeys(each['words'] for each in line['what'])))}</td>"
            f"<td>{escape(line['law'])}</td><td>{escape(self._date(line['until']))}</td></tr>\n"
            for line in self._head["kept_apart"]
        )
        heads = "".join(f'<th scope="col">{escape(words[name])}</th>' for name in ("record", "values", "law", "until"))
        table = f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'
        said = words["apart_lead"] if lines else words["apart_none"]
        return (
            f'<section id="kept-apart"><h2>{escape(words["kept_apart"])}</h2><p>{escape(said)}</p>'
            f"{table if lines else ''}</section>\n"
        )


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _channels() -> dict[str, str]:
    """By which road something came in, in the language that is active now."""
    return {
        Channel.WEB: gettext("on our pages"),
        Channel.API: gettext("through our interface for programs"),
        Channel.MAIL: gettext("by e-mail"),
        Channel.POST: gettext("by post"),
        Channel.PROVIDER: gettext("from the payment provider or the courier"),
        Channel.STAFF: gettext("entered by staff"),
        Channel.IMPORT: gettext("read in from a file"),
        Channel.EVENT: gettext("at an event"),
    }


def _words() -> dict[str, str]:
    """Every word of the page in the language that is active now."""
    return {
        "title": gettext("Everything that we hold about you"),
        "lead": gettext(
            "This page is for reading. The same stands in copy.json, in an open format that other stores and this one can "
            "read in again. It holds your data: keep it where only you can open it."
        ),
        "store": gettext("Store"),
        "mailbox": gettext("Privacy mailbox"),
        "made": gettext("Made on"),
        "policy": gettext("Privacy policy of"),
        "key": gettext("Your random key with us"),
        "contents": gettext("Contents"),
        "uses": gettext("Used to"),
        "receivers": gettext("May be received by"),
        "nobody": gettext("nobody"),
        "source": gettext("Where it came from"),
        "until": gettext("Kept until"),
        "by_the_store": gettext("made by the store"),
        "while_needed": gettext("while it is needed"),
        "not_shown": gettext("held, and not shown: it lets you in"),
        "photograph": gettext("Photograph"),
        "rows": gettext("Entries"),
        "record": gettext("Record"),
        "values": gettext("Values"),
        "law": gettext("Law"),
        "kept_apart": gettext("Kept only because a law says so"),
        "apart_lead": gettext(
            "These stand apart, where the store itself cannot read them, so their values are not in this copy. Write to "
            "the privacy mailbox to read them."
        ),
        "apart_none": gettext("Nothing of yours is kept only because a law says so."),
        "collections": gettext("When and where data came in"),
        "consents": gettext("What you chose"),
        "choices": gettext("Your choices as they stand"),
        "disclosures": gettext("Who was handed something"),
        "looks": gettext("Who of the staff looked"),
        "archive_looks": gettext("Who opened what only a law keeps"),
        "cases": gettext("Your requests"),
        "erasures": gettext("Erasures"),
        "data": gettext("manifest.json names every file with its digest, signed by the store."),
    }
