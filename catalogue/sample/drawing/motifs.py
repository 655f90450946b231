"""Korean patterns and marks: clouds, cranes, waves, crackle, patchwork, painted-eave stripes and letter shapes."""

from math import cos, sin, tau
from random import Random

from catalogue.sample.drawing.canvas import Canvas, dark, light, number

RED, GOLD, GREEN, BLUE, CREAM, INK = (
    "#b8402e",
    "#e2a93b",
    "#4f7f62",
    "#34557f",
    "#f8eedb",
    "#332f38",
)
FIVE_COLOURS = (BLUE, RED, GOLD, CREAM, "#3b3a40")
PATCHWORK = ("#d98a6c", "#e9c37a", "#8fb39a", "#f3e2c7", "#6f8fae", "#c9a5b4")

# Strokes of hangul letters in a box of 10 by 10.
LETTERS = {
    "ㄱ": "M1 1H9V9",
    "ㄴ": "M1 1V9H9",
    "ㄷ": "M9 1H1V9H9",
    "ㄹ": "M1 1H9V5H1V9H9",
    "ㅁ": "M1 1H9V9H1Z",
    "ㅂ": "M1 0V9H9V0M1 5H9",
    "ㅅ": "M5 1Q5 6 0 9M5 3Q6 7 10 9",
    "ㅇ": "M5 1a4 4 0 1 0 .1 0",
    "ㅈ": "M1 1H9M5 1Q5 6 0 9M5 4Q6 7 10 9",
    "ㅊ": "M4 -1H6M1 2H9M5 2Q5 6 0 9M5 5Q6 8 10 9",
    "ㅋ": "M1 1H9V9M1 5H9",
    "ㅌ": "M9 1H1V9H9M1 5H9",
    "ㅍ": "M0 1H10M3 1V9M7 1V9M0 9H10",
    "ㅆ": "M2.5 1Q2.5 6 0 9M2.5 4Q3 7 4.5 9M7.5 1Q7.5 6 5.5 9M7.5 4Q8 7 10 9",
    "ㄲ": "M0 1H4V9M6 1H10V9",
    "ㄸ": "M4 1H0V9H4M10 1H6V9H10",
    "ㅕ": "M5 0V10M1 3H5M1 7H5",
    "ㅎ": "M4 -1H6M1 2H9M5 4a3 3 0 1 0 .1 0",
    "ㅏ": "M5 0V10M5 5H9",
    "ㅑ": "M5 0V10M5 3H9M5 7H9",
    "ㅓ": "M5 0V10M1 5H5",
    "ㅣ": "M5 0V10",
    "ㅐ": "M3 0V10M3 5H8M8 0V10",
    "ㅗ": "M0 8H10M5 8V3",
    "ㅛ": "M0 8H10M3 8V3M7 8V3",
    "ㅔ": "M5 0V10M1 5H5M9 0V10",
    "ㅜ": "M0 3H10M5 3V8",
    "ㅠ": "M0 3H10M3 3V8M7 3V8",
    "ㅡ": "M0 5H10",
}


def glyph(
    c: Canvas,
    x: float,
    y: float,
    size: float,
    letters: str,
    colour: str,
    weight: float = 1.5,
) -> None:
    """A syllable block centred on (x, y), composed of drawn strokes, so that no font is needed."""
    first, vowel, last = (letters + "  ")[:3]
    wide = vowel in "ㅗㅛㅜㅠㅡ"
    tall = last == " "
    places = [
        (
            first,
            (1.5, 0.5, 0.7, 0.45 if tall else 0.3) if wide else (0, 0.5, 0.5, 0.9 if tall else 0.48),
        ),
        (
            vowel,
            (0, 5 if tall else 3.2, 1, 0.5 if tall else 0.3) if wide else (5.2, 0, 0.5, 1 if tall else 0.55),
        ),
        (last, (1.5, 6.7, 0.75, 0.33)),
    ]
    with c.placed(x - size / 2, y - size / 2, size / 10):
        for letter, (dx, dy, sx, sy) in places:
            if letter != " ":
                c.path(
                    LETTERS[letter], "none", stroke=colour, stroke_width=weight,
                    stroke_linecap="square", transform=f"matrix({sx} 0 0 {sy} {dx} {dy})",
                )  # fmt: skip


def cloud(c: Canvas, x: float, y: float, size: float, colour: str, **more: object) -> None:
    """The curled cloud of court painting, about `size` wide."""
    with c.placed(x - size / 2, y, size / 100):
        c.path(
            "M8 20a12 12 0 0 1 8-22a16 16 0 0 1 28-10a18 18 0 0 1 32 6a13 13 0 0 1 16 26z",
            colour,
            **more,
        )


def curl_cloud(c: Canvas, x: float, y: float, size: float, colour: str, width: float = 5) -> None:
    with c.placed(x - size / 2, y, size / 100):
        c.line(
            "M4 22H96M18 22a11 11 0 1 1 8-18a9 9 0 1 1-6 10M50 22a20 20 0 1 1 12-34"
            "a13 13 0 1 1-12 20M82 22a10 10 0 1 0-6-17",
            colour,
            width,
        )


def crane(c: Canvas, x: float, y: float, size: float, colour: str, accent: str = INK) -> None:
    """A flying crane, wings up, legs trailing."""
    with c.placed(x, y, size / 100):
        c.path(
            "M-46 8C-20 4-14 0-6-6C-14-22-12-36-22-50C-2-42 8-28 10-10C20-30 34-38 50-40"
            "C44-26 36-10 20 0C10 8-10 12-46 8Z",
            colour,
        )
        c.line(
            "M-30 7C-42 4-50-4-60-2M16 2C30 6 44 8 62 4M16 4C30 10 44 14 58 14",
            colour,
            3.5,
        )
        c.path("M-58-4l-16 3 15 3z", accent)
        c.circle(-57, -4, 3.4, RED)
        c.path(
            "M-22-50C-18-40-14-34-10-26C-6-34-12-44-22-50ZM50-40C40-36 34-30 30-24C38-24 46-30 50-40Z",
            accent,
        )


def blossom(c: Canvas, x: float, y: float, r: float, colour: str, heart: str = GOLD) -> None:
    """Five round petals, a plum flower."""
    petals = ((0, -0.62), (0.59, -0.19), (0.36, 0.5), (-0.36, 0.5), (-0.59, -0.19))
    for dx, dy in petals:
        c.circle(x + dx * r, y + dy * r, r * 0.46, colour)
    c.circle(x, y, r * 0.26, heart)


def rays(c: Canvas, x: float, y: float, inner: float, outer: float, count: int, colour: str, width: float) -> None:
    """Spokes around a centre, as of a sun or a chrysanthemum."""
    spokes = [(cos(i * tau / count), sin(i * tau / count)) for i in range(count)]
    d = "".join(
        f"M{number(x + dx * inner)} {number(y + dy * inner)}L{number(x + dx * outer)} {number(y + dy * outer)}"
        for dx, dy in spokes
    )
    c.line(d, colour, width)


def leaf(
    c: Canvas,
    x: float,
    y: float,
    length: float,
    angle: float,
    colour: str,
    width: float = 0.3,
) -> None:
    """A pointed leaf that grows from (x, y); angle 0 points right."""
    half = number(length * width)
    with c.turned(angle, x, y):
        c.path(
            f"M{number(x)} {number(y)}q{number(length / 2)}-{half} {number(length)} 0"
            f"q-{number(length / 2)} {half} -{number(length)} 0z",
            colour,
        )


def sprig(
    c: Canvas,
    x: float,
    y: float,
    length: float,
    angle: float,
    colour: str,
    pairs: int = 4,
) -> None:
    """A twig with leaves on both sides."""
    with c.turned(angle, x, y):
        c.line(f"M{number(x)} {number(y)}h{number(length)}", dark(colour, 0.25), 4)
        step = length / (pairs + 0.6)
        for i in range(1, pairs + 1):
            size = length * 0.34 * (1 - i * 0.1)
            leaf(c, x + step * i, y, size, -42, colour)
            leaf(c, x + step * i, y, size, 42, dark(colour, 0.12))
        leaf(c, x + length - 6, y, length * 0.24, 0, colour)


def waves(c: Canvas, colour: str, paper: str = "none", size: float = 40, width: float = 3) -> str:
    """Nested arcs, row over row, as a repeating swatch."""

    def paint(t: Canvas) -> None:
        half, w, s, q = size / 2, number(size), number(size / 2), number(size / 4)
        if paper != "none":
            t.rect(0, 0, size, half, paper)
        arcs = f"M0 {s}a{s} {s} 0 0 1 {w} 0M{q} {s}a{q} {q} 0 0 1 {s} 0"
        t.line(arcs, colour, width)

    return c.tile(size, size / 2, paint)


def stripes(c: Canvas, colours: tuple[str, ...], width: float, turn: float = 0) -> str:
    def paint(t: Canvas) -> None:
        for i, colour in enumerate(colours):
            t.rect(i * width, 0, width + 0.5, 20, colour)

    return c.tile(width * len(colours), 20, paint, turn)


def quilting(c: Canvas, colour: str, gap: float = 22, turn: float = 0) -> str:
    """Straight rows of stitches on padded cloth."""

    def paint(t: Canvas) -> None:
        t.rect(0, 0, gap, 20, colour)
        t.rect(0, 0, gap * 0.35, 20, light(colour, 0.12))
        t.path(
            f"M{number(gap - 2)} 0v13",
            "none",
            stroke=dark(colour, 0.3),
            stroke_width=2.4,
        )

    return c.tile(gap, 20, paint, turn)


def patchwork(
    c: Canvas,
    x: float,
    y: float,
    w: float,
    h: float,
    seed: int,
    colours: tuple[str, ...] = PATCHWORK,
) -> None:
    """Offcuts of cloth pieced into rows, with a dark seam between them."""
    dice = Random(seed)  # noqa: S311 - a repeatable pattern is wanted, not a secret
    rows = 5
    last = ""
    c.rect(x, y, w, h, dark(colours[0], 0.35))
    for row in range(rows):
        left, height = x, h / rows
        while left < x + w - 1:
            width = min(dice.choice((0.18, 0.26, 0.36)) * w, x + w - left)
            if x + w - left - width < w * 0.1:
                width = x + w - left
            last = dice.choice([colour for colour in colours if colour != last])
            c.rect(left + 1.5, y + row * height + 1.5, width - 3, height - 3, last)
            left += width


def crackle(c: Canvas, x: float, y: float, w: float, h: float, seed: int, colour: str) -> None:
    """The fine net in an old glaze."""
    dice = Random(seed)  # noqa: S311 - a repeatable pattern is wanted, not a secret
    d = ""
    for _ in range(16):
        d += f"M{x + dice.random() * w:.0f} {y + dice.random() * h:.0f}"
        for _ in range(3):
            d += f"l{dice.randint(-38, 38)} {dice.randint(8, 34)}"
    c.line(d, colour, 1.6, opacity=0.55)


def eaves(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    """Bands of painted temple eaves with a row of half flowers."""
    bands = (
        (0, 0.2, GREEN),
        (0.2, 0.12, CREAM),
        (0.32, 0.36, RED),
        (0.68, 0.12, GOLD),
        (0.8, 0.2, BLUE),
    )
    for top, share, colour in bands:
        c.rect(x, y + top * h, w, share * h + 0.6, colour)

    def paint(t: Canvas) -> None:
        t.circle(h / 2, h * 0.18, h * 0.15, CREAM)
        t.circle(h / 2, h * 0.18, h * 0.07, GREEN)

    with c.placed(x, y + h * 0.32):
        c.rect(0, 0, w, h * 0.36, c.tile(h, h * 0.36, paint))


def tiger(c: Canvas, x: float, y: float, size: float) -> None:
    """A folk-painting tiger's face, more sleepy than fierce."""
    with c.placed(x, y, size / 100):
        for dx in (-34, 34):
            c.circle(dx, -36, 15, "#e39a3b")
            c.circle(dx, -36, 8, "#f6d9b0")
        c.oval(0, 0, 50, 44, "#e9a445")
        c.path("M-14-42L0-22 14-42M-50-8l20 4-18 6M50-8l-20 4 18 6M-46 16l16-4-10 10M46 16l-16-4 10 10", "#4a3428")
        c.oval(0, 20, 26, 18, "#fbeed6")
        c.path("M-8 8h16l-8 10z", "#b5523c")
        c.line("M0 18v6q-10 8-16 0M0 24q10 8 16 0M-28-8q8 8 16 0M12-8q8 8 16 0", "#4a3428", 3.6)
        c.line("M-24 20l-30-2M-24 26l-28 6M24 20l30-2M24 26l28 6", "#8a6a4a", 1.8)


def magpie(c: Canvas, x: float, y: float, size: float) -> None:
    with c.placed(x, y, size / 100):
        c.path("M-46 0q10-40 50-30q26 10 30 34l46 40-60-22q-40 20-66-22z", INK)
        c.path("M-20 6q20 24 46 6q-16-24-46-6z", "#f6f1e6")
        c.path("M-2-12q30-4 40 24q-30 0-40-24z", "#3f6f9c")
        c.path("M-44-6l-24 6 26 6z", "#4a4652")
        c.circle(-28, -10, 4, "#fff")
