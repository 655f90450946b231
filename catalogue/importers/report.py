"""What came of an import, in numbers and by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalogue.importers.neutral import Rejected


@dataclass(slots=True)
class Report:
    """`rejected` names each row that was not taken, `notes` what was left out of rows that were."""

    format: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    prices: int = 0
    reviews: int = 0
    pictures_left_out: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Rejected] = field(default_factory=list)

    @property
    def counts(self) -> str:
        """Everything that was counted, in one line."""
        return (
            f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged, {len(self.rejected)} rejected rows, "
            f"{self.reviews} reviews, {self.pictures_left_out} images left out, {self.prices} more prices"
        )
