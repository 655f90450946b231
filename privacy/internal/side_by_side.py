"""Two versions of the policy beside each other: what the store may do, and how it is said, marked in words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from privacy.internal import comparing, reading
from privacy.internal.changes import About, Change, Difference
from privacy.internal.policy import Words, fill

# Languages that put no spaces between words are compared letter by letter.
_LETTERS = ("ja", "zh")


@dataclass(frozen=True, slots=True)
class Row:
    """One change of what the store may do, in words."""

    about: str
    what: str
    how: str
    before: list[str]
    after: list[str]
    material: bool
    change: Change


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and whether it stands on this side only."""

    text: str
    only_here: bool


@dataclass(frozen=True, slots=True)
class Text:
    """One section in both versions; None where it is not in one of them. `mark` is a key of the words for it."""

    anchor: str
    mark: str
    before: list[Piece] | None
    after: list[Piece] | None

    @property
    def heading(self) -> str:
        """The first line of the later version, or of the earlier one where there is no later."""
        return "".join(piece.text for piece in self.after or self.before or []).partition("\n")[0]


class Teller:
    """Puts words to the ids in a change: those of the version that it comes from, those of the other as the second choice."""

    def __init__(self, found: Difference, language: reading.Language) -> None:
        self.found = found
        self.language = language
        self.around = reading.around(language.locale)
        self.before = found.before.words(language.locale)
        self.after = found.after.words(language.locale)

    def rows(self) -> list[Row]:
        """Every change but the words themselves, the material first."""
        return [self.row(change) for change in self.found.changes if change.about is not About.WORDS]

    def row(self, change: Change) -> Row:
        """One change in words."""
        return Row(
            about=self.around.of("about", change.about),
            what=self.what(change),
            how=self.around.of("how", change.how),
            before=self._side(change, change.before, self.before, self.after),
            after=self._side(change, change.after, self.after, self.before),
            material=change.material,
            change=change,
        )

    def what(self, change: Change) -> str:
        """What a change is about."""
        match change.about:
            case About.CATEGORY:
                return self._word("category", change.key)
            case About.PURPOSE | About.BASIS:
                return self._word("purpose", change.key)
            case About.RECIPIENT | About.COUNTRY:
                return self._word("recipient", change.key)
            case About.RETENTION | About.KEPT_AS:
                return self.listed(change.categories)
            case About.REACH:
                purpose, channel, law = change.key.split("/")
                way = f"{self._word('purpose', purpose)} ({reading.word(self.around, 'channel', channel)})"
                return way if law == "*" else f"{way}, {law}"
            case About.NEVER_STORED:
                return self._word("never_stored", change.key)
        return change.key

    def listed(self, categories: Iterable[str]) -> str:
        """Some categories in one line."""
        return self._comma().join(self._word("category", category) for category in categories)

    def _comma(self) -> str:
        return self.after.of("grammar", "comma")

    def _word(self, table: str, key: str) -> str:
        found = reading.word(self.after, table, key)
        return found if found != key else reading.word(self.before, table, key)

    def _side(self, change: Change, ids: tuple[str, ...], own: Words, other: Words) -> list[str]:
        def say(table: str, key: str) -> str:
            found = reading.word(own, table, key)
            return found if found != key else reading.word(other, table, key)

        match change.about:
            case About.CATEGORY:
                return [say("purpose", key) for key in ids]
            case About.PURPOSE:
                return [say("category", key) for key in ids]
            case About.BASIS:
                return [say("legal_basis", key) for key in ids]
            case About.RECIPIENT:
                received: dict[str, list[str]] = {}
                for pair in ids:
                    purpose, category = pair.split("/")
                    received.setdefault(say("purpose", purpose), []).append(say("category", category))
                return [f"{purpose}: {self._comma().join(what)}" for purpose, what in received.items()]
            case About.COUNTRY:
                country, kind = ids
                return [say("country", country), reading.word(self.around, "kind", kind)]
            case About.RETENTION if len(ids) == 2:
                return [say("retention", change.key)]
            case About.KEPT_AS:
                return [
                    f"{self._comma().join(say('category', key) for key in ids)}: {say('retention', change.key)}"
                ] * bool(ids)
            case About.REACH:
                return [reading.word(self.around, "mechanism", key) for key in ids if key]
            case About.SURFACE:
                return [reading.word(self.around, "channel", key) for key in ids]
        return list(ids)

    def question(self, change: Change) -> str:
        """What the person is asked about a change that permits more with what they gave before."""
        row = self.row(change)
        return reading.phrase(
            self.around,
            "question",
            change.about,
            what=row.what,
            categories=self.listed(change.categories),
            before=" ".join(row.before),
            after=" ".join(row.after),
        )

    def texts(self) -> list[Text]:
        """Title, lead and every section in the order of the later version, then what the earlier one said and this one does not."""
        before, after = (dict(_sections(words)) for words in (self.before, self.after))
        names = [*after, *(name for name in before if name not in after)]
        return [self._text(name, before.get(name), after.get(name)) for name in names]

    def other_words(self) -> list[Text]:
        """The lines of the tables and beside the fields that stand in both versions and differ."""
        before, after = (comparing.flat(words.data) for words in (self.before, self.after))
        told = ("title", "lead", "section/")
        return [
            self._text(key, before[key], after[key])
            for key in after
            if key in before and before[key] != after[key] and not key.startswith(told)
        ]

    def _text(self, name: str, before: str | None, after: str | None) -> Text:
        anchor = re.sub(r"[^a-z0-9]+", "-", name.lower())
        if before is None or after is None:
            mark = "new" if before is None else "removed"
            sides = [[Piece(fill(text), True)] if text is not None else None for text in (before, after)]
            return Text(anchor, mark, *sides)
        if before == after:
            return Text(anchor, "unchanged", [Piece(fill(before), False)], [Piece(fill(after), False)])
        return Text(anchor, "changed", *_marked(fill(before), fill(after), self.language.locale))


def _sections(words: Words) -> Iterator[tuple[str, str]]:
    yield "lead", f"{words.data['title']}\n{words.data['lead']}"
    for section in words.data["section"]:
        yield section["clause"], f"{section['heading']}\n{section['body']}"


def _marked(before: str, after: str, locale: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, cut where they differ."""
    split = list if locale in _LETTERS else re.compile(r"\s+|[^\s]+").findall
    a, b = split(before), split(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        only_here = kind != "equal"
        if a2 > a1:
            left.append(Piece("".join(a[a1:a2]), only_here))
        if b2 > b1:
            right.append(Piece("".join(b[b1:b2]), only_here))
    return left, right
