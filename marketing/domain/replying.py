"""What somebody answers to a text message: a word for stop is heard in every language, and nothing else is a choice."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import phonenumbers
from django.db import transaction

from marketing.domain import suppressing
from marketing.models import TextNumber
from marketing.models.reached import ASKED_BY, SENT_BY
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.permission import withdraw

SURFACE = "provider.texts"

SOURCE = Path(__file__).resolve().parent.parent / "replies.toml"
_NO_LETTER = re.compile(r"[\W_]+")


@cache
def _stops() -> frozenset[str]:
    return frozenset(word for words in tomllib.loads(SOURCE.read_text(encoding="utf-8")).values() for word in words)


@dataclass(frozen=True, slots=True)
class Reply:
    """A text message that came back: from which number, and its words."""

    sender: str = field(repr=False)
    words: str = field(repr=False)

    @property
    def says_stop(self) -> bool:
        """Whether the whole of it, or its first word, is a word for stop."""
        whole = _NO_LETTER.sub("", self.words).casefold()
        first = _NO_LETTER.sub("", (self.words.split() or [""])[0]).casefold()
        # One or two letters mean it only when they stand alone: "t" is how some telephones answer.
        return whole in _stops() or (len(first) > 2 and first in _stops())


def take(reply: Reply) -> None:
    """Stop text messages to a number, whoever has it, and leave the number alone from now on. Nothing of it is stored."""
    number = _in_one_spelling(reply.sender)
    if not number or not reply.says_stop:
        return
    ways = [(purpose, ContactChannel.SMS) for purpose in ASKED_BY[ContactChannel.SMS]]
    with transaction.atomic():
        suppressing.suppress([number], suppressing.Cause.OPT_OUT, purposes=list(SENT_BY[ContactChannel.SMS]))
        people = {record.subject for record in TextNumber.objects.select_related("subject").filter(phone=number)}
        for subject in sorted(people, key=lambda subject: subject.pk):
            withdraw(subject, ways, method=ConsentMethod.TEXT, surface=SURFACE)


def _in_one_spelling(typed: str) -> str:
    try:
        number = phonenumbers.parse(typed if typed.strip().startswith("+") else f"+{typed.strip()}", None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
