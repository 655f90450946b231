"""After a restore: what the journal tells and this database does not know is done again, line by line, in its order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from privacy.declaration import Purpose
from privacy.internal import erasing
from privacy.internal.journal import keys, lines, standing
from privacy.internal.journal.lines import Line
from privacy.internal.journal.writing import done_again
from privacy.journal import replays, replays_for
from privacy.models import JournalMark, Subject
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.permission import withdraw
from privacy.redaction import redact


@dataclass(slots=True)
class Replayed:
    """What a replay came to, by kind of line. `strangers` are lines about people who do not stand in this database."""

    done: Counter[str] = field(default_factory=Counter)
    strangers: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)


def replay() -> Replayed:
    """Do again what this database has not seen, each line in a transaction of its own with its mark. Safe to repeat."""
    outcome = Replayed()
    waiting = standing.missing()
    if waiting:
        people = _people(waiting)
        for line in waiting:
            _do_again(line, people, outcome)
    standing.forget_what_was_read()
    return outcome


def _people(waiting: Sequence[Line]) -> Mapping[str, Subject]:
    """Everybody of whom the lines tell and who stands here, by their keyed hashes."""
    wanted = {name for line in waiting for name in line.what.get("people", ())}
    return {
        name: subject
        for subject in Subject.objects.iterator(chunk_size=5000)
        if (name := keys.person(subject.pk)) in wanted
    }


def _do_again(line: Line, people: Mapping[str, Subject], outcome: Replayed) -> None:
    if line.what["key"] != keys.key_id():
        outcome.failed.append(f"{line.id}: written under another key. Set PRIVACY_JOURNAL_KEY to the one of that time.")
        return
    handler = replays_for(line.kind)
    if handler is None:
        outcome.failed.append(f"{line.id}: this software does not know {line.kind!r}. Use the version that wrote it.")
        return
    here = [people[name] for name in line.what["people"] if name in people]
    try:
        with transaction.atomic(), done_again():
            # What a person said of themselves may concern an address that nobody here has: the handler decides.
            handler(line.what, here)
            JournalMark.objects.create(pk=line.id, kind=line.kind, line=lines.canonical(line.what))
    except Exception as error:  # the others are done all the same; the store stays shut until this one is
        outcome.failed.append(redact(f"{line.id} ({line.kind}): {type(error).__name__}: {error}")[:300])
        return
    (outcome.done if here else outcome.strangers)[line.kind] += 1


@replays("erased")
def erase_again(line: Mapping[str, Any], people: Sequence[Subject]) -> None:
    """Erase those who are back. A guest who was found to be the same person later may not be known as such here."""
    for person in people:
        if not Subject.objects.filter(pk=person.pk).exists():
            continue
        erasing.erase(person, acted_by=None, why=line["why"])
    keys.forget_values_of(line["people"])


@replays("stopped")
def stop_again(line: Mapping[str, Any], people: Sequence[Subject]) -> None:
    """Take back what was taken back. A yes that was said after it is not known any more: it is asked for again."""
    ways = [(Purpose(purpose), ContactChannel(channel)) for purpose, channel in line["ways"]]
    for person in people:
        withdraw(person, ways, method=ConsentMethod(line["method"]))


def write_lost_lines() -> int:
    """Write the lines that the journal lost again, from what the database kept of them."""
    found = list(standing.lost())
    for start in range(0, len(found), 1000):
        contents = [_content(mark) for mark in found[start : start + 1000]]
        lines.append(*(what for pair in contents for what in pair))
    standing.forget_what_was_read()
    return len(found)


def _content(mark: JournalMark) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return json.loads(mark.line), {"id": str(mark.pk), "kind": "done"}
