"""The rules by which letters are sorted, one file per language in `languages/`, and how their phrases are read."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from privacy.models.request import RequestKind

FOLDER = Path(__file__).resolve().parent / "languages"
# Letters that Unicode does not take apart into a letter and a mark, as people write them on other keyboards.
_PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "ð": "d", "þ": "th"}
    | dict.fromkeys("\u2019\u02bc\u2018\u00b4\u0060", "'")
    | dict.fromkeys("\u2013\u2014\u2011", "-")
    | dict.fromkeys("\u00ad\u200b", "")
)
_MARKS = re.compile("[\u0300-\u036f]")


_PAIRS = tomllib.loads((FOLDER / "han.toml").read_text(encoding="utf-8"))["pairs"].split()
_SIMPLIFIED = {ord(pair[0]): pair[1] for pair in _PAIRS}
TRADITIONAL = re.compile("[" + "".join(pair[0] for pair in _PAIRS if pair[0] != pair[1]) + "]")
SIMPLIFIED = re.compile("[" + "".join(pair[1] for pair in _PAIRS if pair[0] != pair[1]) + "]")


def folded(text: str) -> str:
    """A text for comparing: lower case, accents left out, since not everybody has them on the keyboard."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_PLAIN).translate(_SIMPLIFIED)
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase of one kind. `unless` are phrases beside which it means something else."""

    kind: RequestKind
    phrase: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    # The kind that wins when a letter has signs of both, such as portability over a mere wish for a copy.
    yields_to: str = ""
    # Only when it is all that a sentence says: "Stop."
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """What one file says: by which words the language is known, and what its writers say when they mean a right."""

    code: str
    name: str
    script: str
    known_by: re.Pattern[str]
    rules: tuple[Rule, ...]
    # Words that ask: a sentence with one of them is a wish rather than a tale.
    asks: re.Pattern[str] | None
    # Before a phrase, these turn it round; after it, those. A wish to stop is turned only by what stands close to it.
    not_before: re.Pattern[str] | None
    not_close_before: re.Pattern[str] | None
    not_after: re.Pattern[str] | None
    # What looks like a "no" and is none: "why don't you …".
    not_really: re.Pattern[str] | None
    # What says that somebody does not want to stop, although words of a stop stand in it.
    no_stop: re.Pattern[str] | None
    # What is said on a condition, or threatened, is not asked for.
    conditions: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Law:
    """A law by its names, and which of its articles gives which right."""

    names: re.Pattern[str]
    articles: Mapping[str, RequestKind]


class _Phrases:
    """Turns the phrases of one file into regular expressions.

    `…` stands for some words of the same sentence, `*` for the rest of a word, `(a|b)` for a choice, `?` after a letter or
    a choice for "or without it", and `{name}` for a list of the file. Everything else means itself.
    """

    def __init__(self, words: Mapping[str, Sequence[str]], *, spaced: bool) -> None:
        self._words = words
        self.spaced = spaced
        # A full stop inside an abbreviation or before a number ends no sentence.
        self._gap = r"(?:[^.!?;\n]|\.(?=\S)|\.(?=\s[a-z0-9])){0,70}?" if spaced else r"[^。！？!?\n]{0,28}?"
        self._space = r"[\s,-]+" if spaced else r"[\s,、，]*"

    def compiled(self, phrases: Sequence[str]) -> re.Pattern[str] | None:
        return re.compile(self.any_of(phrases)) if phrases else None

    def any_of(self, phrases: Sequence[str]) -> str:
        before, after = (r"(?<!\w)", r"(?!\w)") if self.spaced else ("", "")
        return "|".join(f"{before}(?:{self._choice(phrase)}){after}" for phrase in phrases)

    def _choice(self, phrase: str) -> str:
        return "|".join(self._sequence(part) if part.strip() else self._space for part in _cut(phrase, "|"))

    def _sequence(self, phrase: str) -> str:
        out, bound = "", True
        for element in _cut(phrase.strip(), " "):
            if not element:
                continue
            if element == "…":
                out += rf"\b{self._gap}\b" if self.spaced else self._gap
                bound = True
                continue
            optional = re.fullmatch(r"(?:\{\w+\}|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))\?", element) is not None
            word = self._element(element.removesuffix("?") if optional else element)
            if optional:
                out += f"(?:{word}{self._space})?" if bound else f"(?:{self._space}{word})?"
            else:
                out += word if bound else f"{self._space}{word}"
                bound = False
        return out

    def _element(self, element: str) -> str:
        out = ""
        for piece in re.findall(r"\{\w+\}|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\*|[^{}()*]+", element):
            if piece.startswith("{"):
                out += "(?:" + "|".join(self._choice(word) for word in self._words[piece[1:-1]]) + ")"
            elif piece.startswith("("):
                out += f"(?:{self._choice(piece[1:-1])})"
            elif piece == "*":
                out += r"\w*"
            else:
                # A letter before a question mark may be missing too.
                out += re.escape(folded(piece)).replace(r"\?", "?")
        return out


def _cut(phrase: str, at: str) -> list[str]:
    """A phrase in pieces, but for what stands in brackets."""
    pieces, depth = [""], 0
    for character in phrase:
        depth += (character == "(") - (character == ")")
        if character == at and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return pieces


def read(text: str) -> Language:
    """One file of `languages/`."""
    told = tomllib.loads(text)
    phrases = _Phrases(told.get("words", {}), spaced=told.get("spaced", True))
    rules: list[Rule] = []
    # Several blocks may mean the same right, each with its own exceptions: "erasure", "erasure.account".
    for kind, blocks in told["means"].items():
        for block in blocks:
            unless = phrases.compiled(block.get("unless", []))
            for phrase in block["says"]:
                pattern = re.compile(phrases.any_of([phrase]))
                more = (block.get("yields_to", ""), block.get("whole", False))
                rules.append(Rule(RequestKind(kind), phrase, pattern, unless, *more))
    turned, around = told.get("not", {}), told["sentence"]
    known = "|".join(re.escape(folded(word)) for word in told["known_by"].split())
    return Language(
        code=told["code"],
        name=told["name"],
        script=told["script"],
        known_by=re.compile(rf"(?<!\w)(?:{known})(?!\w)" if phrases.spaced else known),
        rules=tuple(rules),
        asks=phrases.compiled(around["asks"]),
        not_before=_before(turned.get("before", []), phrases, words=4),
        not_close_before=_before(turned.get("before", []), phrases, words=2),
        not_after=_after(turned.get("after", []), phrases),
        not_really=phrases.compiled(turned.get("not_really", [])),
        no_stop=phrases.compiled(turned.get("no_stop", [])),
        conditions=phrases.compiled(around["conditions"]),
    )


def _before(said: Sequence[str], phrases: _Phrases, *, words: int) -> re.Pattern[str] | None:
    """Something that stands in front, at most so many words away."""
    between = rf"(?:\s+[^\s,.;:!?]+){{0,{words}}}\s*$" if phrases.spaced else r"[^。！？!?、，,\s]{0,8}$"
    return re.compile(f"(?:{phrases.any_of(said)}){between}") if said else None


def _after(said: Sequence[str], phrases: _Phrases) -> re.Pattern[str] | None:
    """Something that follows, at once or after two words."""
    between = r"^\w*(?:[\s]+[^\s,.;:!?]+){0,2}[\s]*" if phrases.spaced else r"^[^。！？!?、，,]{0,6}?"
    return re.compile(f"{between}(?:{phrases.any_of(said)})") if said else None


@cache
def all_languages() -> Mapping[str, Language]:
    """Every language that there is a file for, by its code."""
    files = sorted(FOLDER.glob("*.toml"))
    read_files = (read(file.read_text(encoding="utf-8")) for file in files if file.stem not in ("laws", "han"))
    return {language.code: language for language in read_files}


@cache
def laws() -> Sequence[Law]:
    """The laws that people name."""
    told = tomllib.loads((FOLDER / "laws.toml").read_text(encoding="utf-8"))["law"]
    return [
        Law(
            re.compile("|".join(rf"(?<![a-z]){re.escape(folded(n))}(?![a-z])" for n in law["names"])),
            {number: RequestKind(kind) for kind, numbers in law["articles"].items() for number in numbers},
        )
        for law in told
    ]
