"""Brushes, brush pens, ink and the stone it is ground on."""

from catalogue.sample.drawing.canvas import Canvas, dark, light
from catalogue.sample.drawing.motifs import (
    GOLD,
    INK,
    RED,
    blossom,
    crane,
    curl_cloud,
    glyph,
)
from catalogue.sample.drawing.setting import shadow

HANJI = "#f5ead2"


def pen(c: Canvas, y: float, colour: str, tip: str, lean: float) -> None:
    with c.turned(lean, 400, y):
        c.oval(400, y + 44, 290, 12, c.glow("#2a1c24", 0.4))
        c.rect(130, y - 18, 350, 40, c.fade(light(colour, 0.3), dark(colour, 0.2)), 18)
        c.rect(470, y - 16, 20, 36, GOLD)
        c.path(f"M490 {y - 14}l70 6v20l-70 6z", dark(colour, 0.3))
        c.path(f"M560 {y - 8}q50 2 92 14q-44 8-92 6z", tip)


def brush_pens(c: Canvas) -> None:
    c.rect(180, 180, 440, 300, c.fade("#fffaf0", HANJI), 6)
    for x, letters in ((300, "ㅂㅜㅅ"), (400, "ㅍㅔㄴ")):
        glyph(c, x, 300, 84, letters, INK, 1.8)
    c.line("M490 380q50-70 60 0t40-60", "#8b8790", 12)
    pen(c, 540, "#3a3640", "#17151a", -10)
    pen(c, 630, "#8b8790", "#5d5a62", -6)


def ink_stone(c: Canvas) -> None:
    shadow(c, 400, 664, 220, 30)
    c.path("M200 400H600L660 610V650H140V610z", "#2b2a30")
    c.path("M204 396H596L656 612H144z", c.slant("#5a5862", "#3d3b44"))
    c.path("M250 470H560L600 590H210z", "#2b2a31")
    c.path("M262 480H420L430 580H228z", "#15141a")
    c.line("M226 440Q330 400 400 436T570 420M400 436l30-24M480 428l-20-20", "#8b8896", 6)
    for x, y in ((300, 424), (440, 416), (530, 420)):
        blossom(c, x, y, 17, "#9a97a6", "#6d6a78")
    with c.turned(34, 560, 440):
        c.rect(534, 290, 50, 220, c.round("#2f2c34"), 6)
        c.rect(534, 330, 50, 70, GOLD, opacity=0.85)


def ink_stick(c: Canvas) -> None:
    shadow(c, 400, 664, 140)
    c.rect(230, 600, 340, 60, c.fade("#c99a66", "#94652f"), 8)
    with c.turned(6, 400, 600):
        c.path("M320 190h140l20 20v410h-140l-20-20z", "#1c1a20")
        c.rect(320, 190, 142, 412, c.fade("#45424c", "#2a2830"), 8)
        c.rect(332, 202, 118, 388, "none", 6, stroke="#c9983a", stroke_width=3)
        glyph(c, 391, 264, 74, "ㅁㅓㄱ", "#e2b650", 1.5)
        crane(c, 398, 420, 84, "#e2b650", "#a87a22")
        curl_cloud(c, 391, 510, 90, "#e2b650", 4)
        c.circle(391, 344, 16, RED)


def brushes(c: Canvas) -> None:
    shadow(c, 400, 664, 210)
    c.path(
        "M190 500H610V620H190z",
        c.tile(12, 20, lambda t: [t.rect(0, 0, 12, 20, "#d9bd84"), t.rect(0, 0, 2, 20, "#a98646")]),
    )
    c.line("M190 526H610M190 594H610", RED, 5)
    for x, w, top, lean in ((290, 40, 190, -5), (400, 30, 220, 0), (500, 20, 250, 5)):
        with c.turned(lean, x, 600):
            c.rect(x - w * 0.3, top + 190, w * 0.6, 500 - top, c.round("#c9a45c"), 6)
            c.rect(x - w * 0.3, top + 300, w * 0.6, 5, "#8f6c2c")
            c.rect(x - w * 0.5, top + 160, w, 44, c.round("#7c4526"), 6)
            c.path(
                f"M{x - w / 2:.0f} {top + 164}q-{w * 0.4:.0f}-70 {w / 2:.0f}-164q{w * 0.9:.0f} 94 {w / 2:.0f} 164z",
                c.round("#efe3cc"),
            )
            c.path(
                f"M{x - w * 0.4:.0f} {top + 70}q{w * 0.1:.0f}-40 {w * 0.4:.0f}-70"
                f"q{w * 0.3:.0f} 30 {w * 0.4:.0f} 70q-{w * 0.4:.0f} 20-{w * 0.8:.0f} 0"
                f"z",
                INK,
            )
            c.line(f"M{x} 692v20", RED, 4)
