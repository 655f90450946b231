"""Where goods stand: tinted grounds, soft shadows, and the small things laid beside them."""

from catalogue.sample.drawing.canvas import Canvas, dark, light, number
from catalogue.sample.drawing.motifs import blossom, cloud, leaf, waves

GROUNDS = {
    "cream": "#f4e6cf", "peach": "#f6d7bf", "rose": "#efcac3", "sage": "#d3dec4", "jade": "#c6ddd0",
    "sky": "#c9dbe6", "lilac": "#dbd1e4", "sand": "#e8d5b5", "honey": "#f3d995", "clay": "#ddb495",
    "mist": "#dcdfda", "night": "#39456a", "pine": "#4a6a58", "wine": "#7d4048",
}  # fmt: skip
TABLE = 590


def ground(c: Canvas, tint: str, scene: str) -> None:
    """Wall and table in one tint, with one quiet shape on the wall."""
    base = GROUNDS[tint]
    deep = tint in ("night", "pine", "wine")
    pale = light(base, 0.16 if deep else 0.5)
    c.rect(0, 0, 800, 800, c.fade(light(base, 0.06 if deep else 0.3), base))
    if scene == "moon":
        c.circle(400, 340, 262, pale)
    elif scene == "arch":
        c.path("M150 600V340a250 250 0 0 1 500 0V600z", pale)
    elif scene == "hills":
        c.circle(590, 190, 70, light(base, 0.3 if deep else 0.75))
        c.path(
            "M0 600V430Q130 300 270 420T520 400T800 380V600z",
            light(base, 0.1 if deep else 0.35),
        )
        c.path("M0 600V510Q180 400 360 500T800 470V600z", dark(base, 0.05))
    elif scene == "window":
        c.rect(140, 90, 520, 520, pale, 14)
        c.line(
            "M270 90V600M400 90V600M530 90V600M140 210H660M140 340H660M140 470H660",
            dark(base, 0.1),
            7,
        )
    elif scene == "clouds":
        for x, y, size in (
            (170, 200, 240),
            (640, 150, 200),
            (610, 420, 260),
            (120, 450, 190),
        ):
            cloud(c, x, y, size, pale)
    elif scene == "waves":
        c.circle(400, 330, 250, pale)
        c.rect(0, 480, 800, 120, waves(c, light(base, 0.35), base, 80, 5))
    elif scene == "screen":
        for x in (60, 235, 410, 585):
            c.rect(x, 80, 155, 520, pale, 6)
    c.rect(0, TABLE, 800, 800 - TABLE, c.fade(dark(base, 0.1), dark(base, 0.02)))
    c.rect(0, TABLE, 800, 5, light(base, 0.35), opacity=0.6)


def shadow(c: Canvas, x: float, y: float, rx: float, ry: float | None = None) -> None:
    c.oval(
        x + rx * 0.08,
        y,
        rx * 1.2,
        (ry or max(14, rx * 0.16)) * 1.25,
        c.glow("#2a1c24", 0.5),
    )


def gleam(c: Canvas, x: float, y: float, w: float, h: float, strength: float = 0.4) -> None:
    c.rect(x, y, w, h, "#fff", w / 2, opacity=strength)


def persimmon(c: Canvas, x: float, y: float, r: float, colour: str = "#e2742d") -> None:
    """A ripe fruit whose lowest point is at y."""
    shadow(c, x, y, r)
    c.oval(x, y - r * 0.82, r, r * 0.84, c.ball(colour))
    for angle in (-160, -115, -65, -20):
        leaf(c, x, y - r * 1.55, r * 0.62, angle, "#6c7f45", 0.5)
    c.circle(x, y - r * 1.58, r * 0.1, "#59412c")


def fruit(c: Canvas, x: float, y: float, r: float, colour: str, green: str = "#6c8a4a") -> None:
    shadow(c, x, y, r)
    c.circle(x, y - r, r, c.ball(colour))
    leaf(c, x, y - r * 1.9, r * 0.9, -35, green)


def berries(c: Canvas, x: float, y: float, r: float, colour: str, count: int = 5) -> None:
    places = (
        (0, 0),
        (1.7, 0.1),
        (-1.5, 0.3),
        (0.9, 0.9),
        (-0.5, 1),
        (2.6, 0.9),
        (-2.4, 0.9),
    )
    for dx, dy in places[:count]:
        c.circle(x + dx * r, y + dy * r, r, c.ball(colour))


def grains(c: Canvas, x: float, y: float, colour: str, size: float = 13, count: int = 9) -> None:
    """Seeds scattered on the table."""
    for i in range(count):
        dx, dy = (i * 53) % 120 - 60, (i * 29) % 38
        with c.turned((i * 47) % 180, x + dx, y + dy):
            c.oval(x + dx, y + dy, size, size * 0.45, colour)


def pebble(c: Canvas, x: float, y: float, rx: float, colour: str) -> None:
    shadow(c, x, y, rx)
    c.oval(x, y - rx * 0.4, rx, rx * 0.45, c.ball(colour, 0.3))


def flowering(c: Canvas, x: float, y: float, colour: str, size: float = 1, flip: bool = False) -> None:
    """A bare plum branch with a few flowers, growing up from (x, y)."""
    side = -1 if flip else 1
    n = [number(v * size * side) for v in (14, 60, 110, 40)]
    m = [number(v * size) for v in (70, 130, 190, 40)]
    c.line(
        f"M{number(x)} {number(y)}q{n[0]}-{m[0]} {n[1]}-{m[1]}t{n[3]}-{m[3]}",
        "#6b4a3a",
        7 * size,
    )
    for dx, dy, r in (
        (20, -80, 20),
        (62, -128, 26),
        (78, -176, 18),
        (96, -206, 15),
        (38, -150, 13),
    ):
        blossom(c, x + dx * size * side, y + dy * size, r * size, colour)


def steam(c: Canvas, x: float, y: float, colour: str = "#fff") -> None:
    for dx, rise in ((-38, 76), (0, 100), (38, 76)):
        c.line(
            f"M{number(x + dx)} {number(y)}q-22-{rise / 4:.0f} 0-{rise / 2:.0f}t0-{rise / 2:.0f}",
            colour,
            8,
            opacity=0.6,
        )


def board(c: Canvas, x: float, y: float, w: float, colour: str = "#b98352") -> None:
    """A wooden board seen from the front; (x, y) is the middle of its upper face."""
    shadow(c, x, y + 34, w / 2)
    c.oval(x, y, w / 2, w * 0.09, light(colour, 0.2))
    c.path(
        f"M{number(x - w / 2)} {number(y)}a{number(w / 2)} {number(w * 0.09)} 0 0 0 {number(w)} 0"
        f"v22a{number(w / 2)} {number(w * 0.09)} 0 0 1-{number(w)} 0z",
        c.round(colour, 0.1),
    )
