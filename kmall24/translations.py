"""Translations without gettext's tools: the sources are read, the catalogues compared and compiled in plain Python."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
LOCALES = PROJECT / "kmall24" / "locale"
FLOORS = ("kmall24", "marketing", "orders", "catalogue", "cookies", "accounts", "privacy")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%[sd]|(?<!\{)\{(\w*)\}(?!\})")
HEADER = "# What people read in the store. `manage.py translations` brings it to the sources."
Key = tuple[str, str]


def catalogue_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def compile_all() -> list[Path]:
    """Write each `.mo` that is older than its `.po`; those that were written."""
    written = []
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        # Renamed into place: a store that is open reads the old one or the new one, never half of one.
        draft = target.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as file:
            write_mo(file, _read(source))
        draft.replace(target)
        written.append(target)
    return written


def find_messages() -> dict[Key, tuple[str | tuple[str, ...], list[tuple[str, int]]]]:
    """Every string that the sources mark for translation, by context and text, with the places where it stands."""
    found: dict[Key, tuple[str | tuple[str, ...], list[tuple[str, int]]]] = {}
    for path in _sources():
        for line, text, context in _messages_of(path):
            key = (context or "", text[0] if isinstance(text, tuple) else text)
            known = found.setdefault(key, (text, []))
            if isinstance(text, tuple) and not isinstance(known[0], tuple):
                known = found[key] = (text, known[1])
            known[1].append((str(path.relative_to(PROJECT)), line))
    return found


def complaints(catalogue: Path) -> list[str]:
    """What is wrong with a catalogue: untranslated, doubtful, no longer used, or with other placeholders."""
    wanted = find_messages()
    present = {(_context(message), _text(message)): message for message in _read(catalogue) if message.id}
    name = catalogue.relative_to(PROJECT)
    wrong = []
    for key, (_, places) in sorted(wanted.items()):
        message = present.get(key)
        where = f"{places[0][0]}:{places[0][1]}"
        if message is None:
            wrong.append(f"{where}: {key[1]!r} is missing in {name}")
        elif not all(message.string if isinstance(message.string, tuple) else (message.string,)):
            wrong.append(f"{where}: {key[1]!r} is not translated in {name}")
        elif message.fuzzy:
            wrong.append(f"{where}: {key[1]!r} is marked fuzzy in {name}")
        elif not _same_placeholders(message):
            wrong.append(f"{where}: {key[1]!r} and its translation in {name} name different placeholders")
    wrong += [f"{name}: {key[1]!r} is no longer in the sources" for key in sorted(present.keys() - wanted.keys())]
    return wrong


def update(catalogue: Path) -> None:
    """Bring a catalogue to the sources: new strings added empty, unused ones dropped, translations kept."""
    old = _read(catalogue)
    kept = {(_context(message), _text(message)): message for message in old if message.id}
    new = Catalog(
        locale=old.locale,
        project="KMALL24",
        version="1",
        charset="utf-8",
        fuzzy=False,
        header_comment=HEADER,
    )
    for key, (text, places) in sorted(find_messages().items(), key=lambda item: (item[1][1][0], item[0])):
        former = kept.get(key)
        same_kind = former is not None and isinstance(former.id, tuple) == isinstance(text, tuple)
        files = [(file, 0) for file in sorted({place[0] for place in places})]
        new.add(text, former.string if former and same_kind else None, locations=files, context=key[0] or None)
    written = io.BytesIO()
    write_po(written, new, width=120, omit_header=False, include_lineno=False)
    # The hour of writing would make every run a change.
    content = re.sub(
        rb'"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team): [^"]*"\n',
        b"",
        written.getvalue(),
    )
    catalogue.parent.mkdir(parents=True, exist_ok=True)
    catalogue.write_bytes(content)


def _sources() -> Iterator[Path]:
    for floor in FLOORS:
        for path in sorted((PROJECT / floor).rglob("*")):
            if (
                path.suffix in (".py", ".html", ".txt")
                and "migrations" not in path.parts
                and "static" not in path.parts
            ):
                yield path


def _messages_of(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        if "{%" not in source:
            return
        # Django's own reading of a template: what is not for translation becomes letters that mean nothing. Its
        # indentation means nothing either, and would be an error to a reader of Python.
        source = "\n".join(line.strip() for line in templatize(source).split("\n"))
    for line, text, _, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        if isinstance(text, tuple):
            text = tuple(part for part in text if part)
        if text:
            yield line, text, context


def _read(catalogue: Path) -> Catalog:
    language = catalogue.parts[-3]
    if not catalogue.exists():
        return Catalog(language)
    with catalogue.open("rb") as file:
        return read_po(file, locale=language)


def _text(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, tuple) else message.id)


def _context(message: Message) -> str:
    return message.context or ""


def _same_placeholders(message: Message) -> bool:
    # Of a plural, each form may leave the number out, as in "one order".
    if isinstance(message.id, tuple):
        allowed = {name for text in message.id for name in PLACEHOLDER.findall(text)}
        return all({*PLACEHOLDER.findall(text)} <= allowed for text in message.string or ())
    return sorted(PLACEHOLDER.findall(str(message.id))) == sorted(PLACEHOLDER.findall(str(message.string)))
