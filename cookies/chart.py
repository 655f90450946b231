"""Charts drawn by the server: SVG without script or style, which a screen reader can name and describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, BASE, TOP, LEFT = 760, 220, 190, 14, 56
STEP = 46
# Units that a label such as "November 26" takes. One that would leave the drawing is not written.
LABEL = 72


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the drawing; `label` is written below it, `words` are read out and shown on hovering."""

    x: float
    y: float
    width: float
    height: float
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template needs to draw."""

    bars: list[Bar]
    gridlines: list[tuple[float, int]]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = BASE
    left: int = LEFT


def draw(points: Sequence[tuple[str, int, str]]) -> Chart:
    """A chart of label, number and words per bar; at most eight labels are written, however many bars there are."""
    top = _round_up(max((number for _label, number, _words in points), default=0))
    slot = (WIDTH - LEFT) / max(len(points), 1)
    every = max(1, -(-len(points) // 8))
    bars = []
    for index, (label, number, words) in enumerate(points):
        height = (BASE - TOP) * number / top
        bars.append(
            Bar(
                x=round(LEFT + slot * index + slot * 0.1, 2),
                y=round(BASE - height, 2),
                width=round(slot * 0.8, 2),
                height=round(height, 2),
                label=label if index % every == 0 and LEFT + slot * index + LABEL <= WIDTH else "",
                words=words,
            )
        )
    steps = [(round(BASE - (BASE - TOP) * part / 4, 2), top * part // 4) for part in range(5)]
    return Chart(bars, steps)


def _round_up(number: int) -> int:
    """The next number of the kind 4, 8, 20, 40, 80, 200 …, which four gridlines divide evenly."""
    size = 1
    while True:
        for step in (4, 8, 20):
            if step * size >= number:
                return step * size
        size *= 10


@dataclass(frozen=True, slots=True)
class StepBar:
    """One step of a funnel: a bar from the left, its words, and its share of the step before in per cent."""

    y: int
    width: float
    words: str
    number: int
    share: int | None


@dataclass(frozen=True, slots=True)
class Steps:
    """All that the template needs to draw a funnel."""

    bars: list[StepBar]
    height: int
    width: int = WIDTH


def draw_steps(points: Sequence[tuple[str, int]]) -> Steps:
    """A funnel of words and number per step, the widest bar for the largest number."""
    top = max((number for _words, number in points), default=0) or 1
    bars, before = [], 0
    for index, (words, number) in enumerate(points):
        share = round(100 * number / before) if before else None
        bars.append(StepBar(index * STEP, round(WIDTH * number / top, 2), words, number, share))
        before = number
    return Steps(bars, STEP * len(points))
