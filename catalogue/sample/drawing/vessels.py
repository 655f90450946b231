"""Bottles, jars, bags and bowls that goods of several shelves come in."""

from catalogue.sample.drawing.canvas import Canvas, dark, light, number
from catalogue.sample.drawing.motifs import CREAM, glyph
from catalogue.sample.drawing.setting import gleam, shadow


def label(c: Canvas, x: float, y: float, w: float, h: float, letters: str, ink: str, paper: str = CREAM) -> None:
    """A paper label centred on x with a syllable and two printed lines."""
    c.rect(x - w / 2, y, w, h, paper, 6)
    size = min(w, h) * 0.4
    glyph(c, x, y + h * 0.36, size, letters, ink, 1.3)
    c.rect(x - w * 0.28, y + h * 0.7, w * 0.56, 5, ink, 2.5, opacity=0.7)
    c.rect(x - w * 0.18, y + h * 0.8, w * 0.36, 5, ink, 2.5, opacity=0.4)


def bottle(c: Canvas, x: float, base: float, w: float, h: float, colour: str, cap: str, neck: float = 0.4) -> None:
    """A shouldered bottle with a straight cap a fifth of its height."""
    shadow(c, x, base, w / 2)
    top, slope = base - h * 0.8, number(w * (1 - neck) / 2)
    c.rect(x - w * neck / 2, base - h, w * neck, h * 0.2 + 4, c.round(cap), 8)
    c.rect(x - w * neck / 2, top - 10, w * neck, 10, dark(cap, 0.2))
    c.path(
        f"M{number(x - w * neck / 2)} {number(top)}h{number(w * neck)}q{slope} 6 {slope} 60V{number(base - 22)}"
        f"q0 22-22 22H{number(x - w / 2 + 22)}q-22 0-22-22V{number(top + 60)}q0-54 {slope}-60z",
        c.round(colour),
    )
    gleam(c, x - w * 0.36, top + 70, 12, h * 0.5)


def dropper(c: Canvas, x: float, base: float, w: float, h: float, glass: str, bulb: str) -> None:
    shadow(c, x, base, w / 2)
    top = base - h * 0.62
    c.rect(x - w * 0.13, base - h, w * 0.26, h * 0.26, c.round(bulb), w * 0.12)
    c.rect(x - w * 0.22, top - h * 0.15, w * 0.44, h * 0.16, c.round("#e9dcc4"), 6)
    c.rect(x - w / 2, top, w, h * 0.62, c.round(glass), 30)
    c.rect(x - w * 0.03, top, w * 0.06, h * 0.42, "#fff", 4, opacity=0.35)
    gleam(c, x - w * 0.38, top + 30, 12, h * 0.45)


def jar(c: Canvas, x: float, base: float, w: float, h: float, body: str, lid: str) -> None:
    shadow(c, x, base, w / 2)
    c.rect(x - w / 2, base - h * 0.66, w, h * 0.66, c.round(body), 34)
    c.rect(x - w * 0.52, base - h, w * 1.04, h * 0.4, c.round(lid), 18)
    c.rect(x - w * 0.52, base - h * 0.64, w * 1.04, 6, dark(lid, 0.3), 3)
    gleam(c, x - w * 0.42, base - h * 0.94, 12, h * 0.26, 0.5)


def tube(c: Canvas, x: float, base: float, w: float, h: float, colour: str, cap: str) -> None:
    """A tube that stands on its cap, its crimped end up."""
    shadow(c, x, base, w * 0.36)
    c.rect(x - w * 0.34, base - h * 0.16, w * 0.68, h * 0.16, c.round(cap), 10)
    c.path(
        f"M{number(x - w / 2)} {number(base - h)}h{number(w)}L{number(x + w * 0.4)} {number(base - h * 0.15)}"
        f"h-{number(w * 0.8)}z",
        c.round(colour),
    )
    c.rect(x - w / 2, base - h, w, h * 0.06, dark(colour, 0.12), 4)
    c.line(
        f"M{number(x - w * 0.45)} {number(base - h * 0.97)}h{number(w * 0.9)}",
        light(colour, 0.5),
        3,
        stroke_dasharray="2 10",
    )


def pouch(c: Canvas, x: float, base: float, w: float, h: float, colour: str) -> None:
    """A stand-up bag with a sealed top and a rounded foot."""
    shadow(c, x, base, w / 2)
    left, top = x - w / 2, base - h
    c.path(
        f"M{number(left)} {number(top)}h{number(w)}l-8 40 12 {number(h - 74)}"
        f"q0 34-{number(w * 0.2)} 34H{number(left + w * 0.2)}"
        f"q-{number(w * 0.2)} 0-{number(w * 0.2)}-34l8-{number(h - 74)}z",
        c.round(colour, 0.25),
    )
    c.rect(left, top, w, 24, dark(colour, 0.16), 3)
    c.line(f"M{number(left + 12)} {number(top + 44)}h{number(w - 24)}", dark(colour, 0.2), 3, stroke_dasharray="2 7")
    c.line(
        f"M{number(left + w * 0.12)} {number(base - 26)}q{number(w * 0.38)} 24 {number(w * 0.76)} 0",
        dark(colour, 0.2),
        3,
    )
    gleam(c, left + 22, top + 70, 10, h * 0.5, 0.25)


def pillow_bag(c: Canvas, x: float, base: float, w: float, h: float, colour: str) -> None:
    """A snack bag puffed with air, crimped at both ends."""
    shadow(c, x, base, w / 2)
    left, top = x - w / 2, base - h
    c.path(
        f"M{number(left)} {number(top)}h{number(w)}q-16 {number(h / 2)} 0 {number(h)}"
        f"h-{number(w)}q16-{number(h / 2)} 0-{number(h)}z",
        c.round(colour, 0.35),
    )
    crimp = c.tile(8, 26, lambda t: t.rect(0, 0, 4, 26, dark(colour, 0.25)))
    c.rect(left, top, w, 24, light(colour, 0.2))
    c.rect(left, top, w, 24, crimp)
    c.rect(left, base - 24, w, 24, light(colour, 0.1))
    c.rect(left, base - 24, w, 24, crimp)


def bowl(c: Canvas, x: float, base: float, w: float, colour: str, inside: str, full: str) -> None:
    h = w * 0.46
    shadow(c, x, base, w * 0.32)
    c.rect(x - w * 0.2, base - 14, w * 0.4, 14, dark(colour, 0.3), 4)
    c.path(
        f"M{number(x - w / 2)} {number(base - h)}q{number(w * 0.06)} {number(h)} {number(w / 2)} {number(h - 8)}"
        f"t{number(w / 2)}-{number(h - 8)}z",
        c.round(colour),
    )
    c.oval(x, base - h, w / 2, w * 0.13, inside)
    c.oval(x, base - h + 5, w * 0.45, w * 0.1, full)


def glass_jar(c: Canvas, x: float, base: float, w: float, h: float, fill: str, lid: str) -> None:
    shadow(c, x, base, w / 2)
    c.rect(x - w / 2, base - h * 0.82, w, h * 0.82, c.round(fill), 36)
    c.rect(x - w * 0.42, base - h, w * 0.84, h * 0.17, c.round(lid), 10)
    gleam(c, x - w * 0.4, base - h * 0.68, 14, h * 0.5)
