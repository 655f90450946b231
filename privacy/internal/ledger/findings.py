"""What a check of the ledger found: where, and in a sentence what is wrong there."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was signed.

    `position` is the first entry that may be wrong and `stop` the first that cannot be meant any more: one behind it where
    the entry is known, further where only the tree shows that something in between was changed. Both are None where it is
    about no entry.
    """

    what: str
    sentence: str
    position: int | None = None
    stop: int | None = None

    def __str__(self) -> str:
        if self.position is None:
            return self.sentence
        if self.stop is not None and self.stop - self.position > 1:
            return f"Entries {self.position} to {self.stop - 1}: {self.sentence}"
        return f"Entry {self.position}: {self.sentence}"


@dataclass
class Report:
    """How much was checked, and what was found; nothing found means that everything is as it was signed."""

    entries: int = 0
    heads: int = 0
    waiting: int = 0
    # Entries behind the newest head: they are checked against their evidence, and no signature covers them yet.
    unsigned: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, what: str, sentence: str, position: int | None = None, stop: int | None = None) -> None:
        """Write one down. A position without a stop means exactly that entry."""
        if position is not None and stop is None:
            stop = position + 1
        self.findings.append(Finding(what, sentence, position, stop))

    @property
    def is_true(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def first(self) -> Finding | None:
        """The first wrong entry: where several findings begin at the same one, the one that narrows it down most."""
        if not self.findings:
            return None
        nowhere = 1 << 62
        return min(
            self.findings,
            key=lambda f: (nowhere, 0) if f.position is None else (f.position, (f.stop or nowhere) - f.position),
        )
