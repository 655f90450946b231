"""What a survey came to: numbers from ten answers on, small groups hidden, words without anybody's name."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field

from django.db import models as fields
from django.db.models import Model
from django.db.models.functions import MD5, Cast
from django.utils.translation import gettext as _

from marketing.models import AnonymousAnswer, Question, Survey, SurveyAnswer

FEWEST = 10  # answers; below nothing is told
SMALLEST_GROUP = 3  # of those who chose the same


@dataclass(frozen=True, slots=True)
class Group:
    """Those who chose the same; `number` is None where they are too few to be told."""

    words: str
    number: int | None

    @property
    def told(self) -> str:
        return str(self.number) if self.number is not None else _("fewer than %(few)s") % {"few": SMALLEST_GROUP}


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to one question; `answers` is None, and there is nothing else, below ten."""

    question: Question
    answers: int | None
    groups: tuple[Group, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False)

    @property
    def enough(self) -> bool:
        return self.answers is not None


def results(survey: Survey) -> list[Result]:
    """What may be told of each question."""
    return [_result(survey, question) for question in survey.questions.all()]


def as_csv(survey: Survey) -> str:
    """The same as a table: a line per group, and the words of anonymous surveys. No names, no orders, no days."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(["question", "answer", "number"])
    for result in results(survey):
        wording = _plain(result.question.wording())
        if not result.enough:
            lines.writerow([wording, "", _("fewer than %(few)s answers") % {"few": FEWEST}])
        for group in result.groups:
            lines.writerow([wording, _plain(group.words), group.told])
        for text in result.texts:
            lines.writerow([wording, _plain(text), ""])
    return out.getvalue()


def _result(survey: Survey, question: Question) -> Result:
    answers: type[Model] = AnonymousAnswer if survey.is_anonymous else SurveyAnswer
    rows = answers._default_manager.filter(question=question)
    number = rows.count()
    if number < FEWEST:
        return Result(question, None)
    if question.kind == Question.Kind.TEXT:
        # What buyers wrote is read one by one, for a reason, in the list of answers; it leaves no page as a heap.
        if not survey.is_anonymous:
            return Result(question, number)
        # By a hash of the random key: the order in which they came tells nothing.
        shuffled = AnonymousAnswer.objects.filter(question=question).order_by(MD5(Cast("pk", fields.TextField())))
        return Result(question, number, texts=tuple(shuffled.values_list("words", flat=True)))
    chosen = Counter(pick for picks in rows.values_list("picks", flat=True) for pick in picks)
    counted = [(words, chosen[pick]) for pick, words in question.choices()]
    return Result(question, number, tuple(_groups(counted)))


def _groups(counted: list[tuple[str, int]]) -> list[Group]:
    """The groups with the small ones hidden, and one more, so that no hidden one can be worked out from the sum."""
    small = {n for n, (_words, number) in enumerate(counted) if 0 < number < SMALLEST_GROUP}
    if len(small) == 1:
        others = [(number, n) for n, (_words, number) in enumerate(counted) if n not in small and number]
        small |= {n for _number, n in sorted(others)[:1]}
    return [Group(words, None if n in small else number) for n, (words, number) in enumerate(counted)]


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
