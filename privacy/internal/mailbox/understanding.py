"""What a letter to the privacy mailbox wants: read by rules that staff can see, and never surer than it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from privacy.internal.mailbox import own_words
from privacy.internal.mailbox.languages import SIMPLIFIED, TRADITIONAL, Language, Law, all_languages, folded, laws
from privacy.models.request import RequestKind

# Why a mail is kept for staff without being a request: nobody asked for anything.
WRITTEN_BY_A_MACHINE = "written by a machine"
NOTHING_RECOGNISED = "no right was recognised"
STOPS = (RequestKind.WITHDRAW, RequestKind.OBJECT)
# A text in a language that these words do not settle is read by the rules of all that use its letters.
_SURE_FROM = 3
# Nobody asks for something after so many characters of their own for the first time.
_READ_AT_MOST = 20_000
_SCRIPTS = {
    "hangul": r"[\uac00-\ud7a3\u3131-\u318e]",
    "kana": r"[\u3041-\u30ff]",
    "han": r"[\u4e00-\u9fff]",
    "thai": r"[\u0e01-\u0e5b]",
    "cyrillic": r"[\u0400-\u04ff]",
    "greek": r"[\u0370-\u03ff]",
    "arabic": r"[\u0600-\u06ff]",
    "hebrew": r"[\u0590-\u05ff]",
    "devanagari": r"[\u0900-\u097f]",
    "latin": r"[a-z]",
}
# A sentence ends here, unless what follows shows that it was an abbreviation.
_ENDS = re.compile(r"(?<=[!?;。！？…])\s*|(?<=[.])\s+(?=[^\W\d_a-z]|[\"'(\[-])|\n")
_ARTICLE = re.compile(
    r"(?:\bart(?:s|icles?|ikel|iculo|icolo|igo|ykul\w*|icol\w*|\.)?|\bar(?:tik)?la\b|§+|\bcl(?:anek|anku|ankom|\.)|\bmadde|\bpasal|\bdieu|\bsection|\bsec\."
    r"|\bs\.|статьи?\w*|ст\.|αρθρο|מאמר|סעיף|المادة|มาตรา|第|제)\s*(\d{1,4}(?:\.\d{1,3})?)(?:\s*(?:条|條|조)(?:\s*の\s*\d|의\s*\d)?)?"
    r"(?:\s*(?:,?\s*(?:abs(?:atz)?|para(?:graph)?|al(?:inea)?|ust|odst|lid|comma|apartado|n\.?)\.?\s*)?\(?(\d)\)?)?"
    r"|(1798\.\d{3})|(\d{1,3})\s*\.?\s*(?:artikl\w*|cikk\w*|pants?\w*|straipsn\w*|madde\w*|clen\w*)"
)
_CJK = r"[\u3041-\u30ff\u4e00-\u9fff\uff01-\uff60]"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter was taken to want, by which words, and whether it says no to marketing as well."""

    kind: RequestKind
    why: str
    stops_marketing: bool = False
    # The language that the person writes in, as Django names it.
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Sign:
    """One place in a letter that means a right."""

    kind: RequestKind
    words: str
    sentence: int
    start: int
    length: int
    asked: bool
    language: str
    yields_to: str = ""

    @property
    def order(self) -> tuple[bool, int, int, int]:
        """What is asked for comes before what is told, then the earlier; of two in one place the longer says more."""
        return (not self.asked, self.sentence, self.start, -self.length)


def understand(heading: str, body: str) -> Reading:
    """Sort a letter by its words: the right that is asked for first is what it is about, as people begin with it.

    A wish to stop marketing counts wherever it stands in the letter, and all rights that are found besides the first are
    named. When no right is recognised, staff must read.
    """
    own_heading, repeated = own_words.heading(heading)
    own = own_words.of(body)
    own = own[:_READ_AT_MOST]
    languages, locale = _languages_of(f"{own_heading}\n{own}" if own.strip() else own_heading)
    named = [law for law in laws() if law.names.search(folded(f"{own_heading}\n{own}"))]
    told, denied = _signs(_sentences(own), languages, named, first=1)
    headed, _ = _signs([folded(own_heading)], languages, named, first=0, heading=True)
    # A heading that was answered is somebody else's, and one that the letter takes back is no wish.
    headed = [sign for sign in headed if sign.kind not in denied and not (repeated and own.strip())]
    signs = sorted([*headed, *told], key=lambda sign: sign.order)
    if not signs:
        return Reading(RequestKind.STAFF, NOTHING_RECOGNISED, locale=locale)
    first = _strongest(signs)
    stops = any(sign.kind in STOPS for sign in signs)
    others = list(dict.fromkeys(sign.kind for sign in signs if sign.kind != first.kind))
    why = f"“{first.words}” ({first.language})"
    if others:
        why += "; also: " + ", ".join(str(kind.value) for kind in others)
    return Reading(first.kind, why[:200], stops, locale)


def _strongest(signs: Sequence[Sign]) -> Sign:
    first = signs[0]
    if first.yields_to:
        return next((sign for sign in signs if sign.kind == first.yields_to), first)
    return first


def _signs(
    sentences: Sequence[str], languages: Sequence[Language], named: Sequence[Law], *, first: int, heading: bool = False
) -> tuple[list[Sign], set[RequestKind]]:
    found: list[Sign] = []
    denied: set[RequestKind] = set()
    for number, sentence in enumerate(sentences, first):
        found += _articles(sentence, number, named)
        for language in languages:
            asked = heading or bool(language.asks and language.asks.search(sentence))
            for rule in language.rules:
                for match in rule.pattern.finditer(sentence):
                    if rule.unless and rule.unless.search(sentence):
                        break
                    if rule.whole and not _is_all(sentence, match):
                        continue
                    opposite = rule.kind in STOPS and any(_is_no_stop(one, sentence, match) for one in languages)
                    if opposite or _turned(language, sentence, match, rule.kind):
                        denied.add(rule.kind)
                    elif rule.kind in STOPS or not _conditional(language, sentence, match):
                        words = " ".join(match.group().split())[:90]
                        found.append(
                            Sign(
                                *(rule.kind, words, number, match.start(), len(match.group()), asked),
                                *(language.code, rule.yields_to),
                            )
                        )
    return found, denied


def _turned(language: Language, sentence: str, match: re.Match[str], kind: RequestKind) -> bool:
    """Whether the words around a phrase turn it into its opposite: "I do not want my data deleted"."""
    before, after = sentence[: match.start()][-90:], sentence[match.end() :][:60]
    if language.not_really:
        before = language.not_really.sub("", before)
    no = language.not_close_before if kind in STOPS else language.not_before
    return bool((no and no.search(before)) or (language.not_after and language.not_after.search(after)))


def _is_no_stop(language: Language, sentence: str, match: re.Match[str]) -> bool:
    """Whether the phrase lies within words that say the opposite: "I don't want to unsubscribe from your newsletter"."""
    said = language.no_stop.finditer(sentence) if language.no_stop else iter(())
    return any(one.start() < match.end() and match.start() < one.end() for one in said)


def _is_all(sentence: str, match: re.Match[str]) -> bool:
    return not re.search(r"\w", sentence[: match.start()] + sentence[match.end() :])


def _conditional(language: Language, sentence: str, match: re.Match[str]) -> bool:
    """Whether it is said on a condition or as a threat, in the same clause: "tell me if it leads to the deletion of …"."""
    clause = re.split(r"[,，、:]", sentence[: match.start()])[-1]
    return bool(language.conditions and language.conditions.search(clause))


def _articles(sentence: str, number: int, named: Sequence[Law]) -> Iterator[Sign]:
    """The articles that give a right, of the law that the sentence names or, where it names none, the letter.

    An article of no law at all is a thing that can be bought.
    """
    here = [law for law in named if law.names.search(sentence)] or named
    for match in _ARTICLE.finditer(sentence) if here else ():
        article, paragraph = match.group(1) or match.group(3) or match.group(4), match.group(2)
        for law in here:
            kind = law.articles.get(f"{article}({paragraph})") or law.articles.get(article or "")
            if kind is not None:
                words = " ".join(match.group().split())
                yield Sign(kind, words, number, match.start(), len(words), True, "law")
                break


def _sentences(text: str) -> list[str]:
    """The sentences of a letter, whose lines may have been broken anywhere."""
    sentences: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        joined = re.sub(rf"(?<={_CJK})\n(?={_CJK})", "", paragraph.strip())
        # A line that is short was ended on purpose.
        joined = re.sub(r"(?<=\S)\n(?=\S)", lambda m: "\n" if _short(m) else " ", joined)
        sentences += [folded(s) for s in _ENDS.split(joined) if s and s.strip()]
    return sentences


def _short(match: re.Match[str]) -> bool:
    line = match.string[: match.start()].rpartition("\n")[2]
    return len(line) < 45


def _languages_of(text: str) -> tuple[list[Language], str]:
    """By which rules a text is read, and in which language its writer is answered."""
    plain = folded(text)
    known = all_languages()
    amount = {script: len(re.findall(letters, plain)) for script, letters in _SCRIPTS.items()}
    scripts = {script for script, count in amount.items() if count >= 2}
    if "kana" in scripts:
        # Japanese is written with both; without the syllables it is Chinese.
        scripts.discard("han")
    candidates = [language for language in known.values() if language.script in scripts]
    scores = {language.code: len(language.known_by.findall(plain)) for language in candidates}
    if "han" in scripts:
        scores |= {code: scores.get(code, 0) + amount["han"] for code in scores if code.startswith("zh")}
    ranked = sorted(candidates, key=lambda language: (-_weight(language, amount, scores), language.code != "en"))
    if not ranked:
        return [known["en"]], "en"
    read_by = [language for language in ranked if language.script != "latin"]
    if "han" in scripts:
        # A short line may be Japanese without a single syllable sign.
        read_by += [language for language in known.values() if language.script == "kana"]
    latin = [language for language in ranked if language.script == "latin"]
    if latin:
        sure = scores[latin[0].code] >= _SURE_FROM
        close = [language for language in latin if scores[language.code] >= max(1, scores[latin[0].code] // 2)]
        read_by += list(dict.fromkeys([*close[:3], known["en"]])) if sure else latin
    best = ranked[0]
    if best.script == "han" and len(TRADITIONAL.findall(text)) > len(SIMPLIFIED.findall(text)):
        return read_by, "zh-hant"
    return read_by, best.code if best.script != "latin" or scores[best.code] else "en"


def _weight(language: Language, amount: dict[str, int], scores: dict[str, int]) -> float:
    # Six Latin letters say about as much as two of the others.
    share = amount[language.script] / 6 if language.script == "latin" else amount[language.script] / 2
    return share + scores[language.code]
