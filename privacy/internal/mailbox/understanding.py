"""What a letter to the privacy mailbox wants: read by rules that staff can see, and never surer than it may be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from privacy.models.request import RequestKind

# Why a mail is kept for staff without being a request: nobody asked for anything.
WRITTEN_BY_A_MACHINE = "written by a machine"

# Per kind, what people write when they mean it.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        RequestKind.WITHDRAW,
        (
            r"\bunsubscribe\b",
            r"\bopt(?:ing)?[ -]?out\b",
            r"\b(?:stop|no (?:more|longer)|do not|don'?t|never)\b"
            r".{0,60}\b(?:mail|e-?mail|market|advert|newsletter|promot|contact|send)",
            r"\bwithdraw\b.{0,60}\b(?:consent|permission)\b",
            r"\bremove me from\b.{0,60}\blist\b",
            r"수신\s*거부|(?:광고|마케팅).{0,20}(?:그만|중단|원하지|거부|철회)|동의.{0,10}철회|보내지\s*(?:마|말)",
            r"配信停止|配信を?(?:停止|中止)|退订|取消订阅|不要再(?:给我)?发",
            r"\babmelden\b|\bkeine (?:weitere )?(?:werbung|e-?mails|newsletter)\b",
            r"einwilligung.{0,40}widerruf|widerruf.{0,40}einwilligung",
            r"\bd[ée]sabonn|\bd[ée]sinscri|\bne plus recevoir\b|retir\w+.{0,30}consentement",
            r"\bdarme de baja\b|\bno (?:quiero|deseo) recibir\b|\bcancelar (?:la|mi) suscripci[oó]n\b",
        ),
    ),
    (
        RequestKind.OBJECT,
        (
            r"\bobject\b.{0,80}\b(?:process|use|direct marketing|article 21)",
            r"\bart(?:icle|\.)?\s*21\b",
            r"처리\s*(?:정지|거부)",
            r"\bwiderspr(?:eche|uch)\b",
            r"\bm'oppose\b|\bopposition\b",
            r"\bme opongo\b|\bderecho de oposici[oó]n\b",
        ),
    ),
    (
        RequestKind.RECTIFICATION,
        (
            r"\b(?:correct|rectif|amend|fix|update|change)\w*\b.{0,80}\b(?:my|the|name|address|data|information|details|e-?mail|phone)\b",
            r"\bart(?:icle|\.)?\s*16\b",
            r"\b(?:wrong|incorrect|misspel|inaccurate|out of date|incomplete)\w*\b",
            r"정정|수정해|고쳐|바로\s*잡|잘못\s*(?:된|되|적|기재)|틀[렸린]",
            r"訂正|修正|更正|改正",
            r"\bberichtig|\bkorrigier|\bfalsch\b",
            r"\brectifi|\bcorriger\b|\binexact",
            r"\brectificaci[oó]n\b|\bcorregir\b",
        ),
    ),
    (
        RequestKind.ERASURE,
        (
            r"\b(?:erase|erasure|delete|deletion)\b",
            r"\bright to be forgotten\b",
            r"\bart(?:icle|\.)?\s*17\b",
            r"삭제|파기|탈퇴",
            r"削除|删除",
            r"\bl[öo]sch",
            r"\beffac|\bsupprim|\bsuppression\b",
            r"\bsupresi[oó]n\b|\bborrar\b|\beliminar\b",
        ),
    ),
    (
        RequestKind.PORTABILITY,
        (r"\bportab", r"\bart(?:icle|\.)?\s*20\b", r"전송\s*요구|이동권", r"übertragbarkeit|portabilit"),
    ),
    (
        RequestKind.ACCESS,
        (
            r"\b(?:copy|access)\b.{0,80}\b(?:my|personal|data|information)\b",
            r"\bwhat (?:data|information)\b.{0,40}\b(?:you (?:hold|have|keep)|about me)\b",
            r"\bart(?:icle|\.)?\s*15\b",
            r"열람|사본",
            r"開示|查阅|副本",
            r"\bauskunft\b",
            r"\bdroit d'acc[èe]s\b|\bacc[ée]der à mes\b",
            r"\bderecho de acceso\b",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter was taken to want, by which words, and whether it says no to marketing as well."""

    kind: RequestKind
    why: str
    stops_marketing: bool = False


def understand(heading: str, body: str) -> Reading:
    """Sort a letter by its words: the right that is named first is what it is about, as people begin with it.

    A wish to stop marketing counts wherever it stands in the letter. When no right is recognised, staff must read.
    """
    text = _without_quotes(f"{heading}\n{body}").lower()
    found: list[tuple[int, RequestKind, str]] = []
    for kind, patterns in _SIGNS:
        for pattern in patterns:
            if match := re.search(pattern, text):
                found.append((match.start(), RequestKind(kind), " ".join(match.group().split())[:120]))
    stops = any(kind in (RequestKind.WITHDRAW, RequestKind.OBJECT) for _start, kind, _why in found)
    if not found:
        return Reading(RequestKind.STAFF, "no right was recognised")
    _start, kind, why = min(found, key=lambda sign: sign[0])
    return Reading(kind, why, stops)


def _without_quotes(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
