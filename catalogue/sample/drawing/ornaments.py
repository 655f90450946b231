"""Knots, ribbons, hairpins and small leather-like things."""

from catalogue.sample.drawing.canvas import Canvas
from catalogue.sample.drawing.motifs import (
    GOLD,
    RED,
    blossom,
    cloud,
)
from catalogue.sample.drawing.setting import shadow


def norigae(c: Canvas) -> None:
    c.rect(250, 120, 300, 540, c.fade("#fbf3e2", "#efe0c4"), 10)
    shadow(c, 400, 664, 150, 14)
    c.circle(400, 160, 14, "none", stroke=GOLD, stroke_width=7)
    c.line("M400 174V230", "#b52a3c", 10)
    c.line(
        "M400 230q-80-30-66 30q10 40 66 20q56 20 66-20q14-60-66-30M400 250"
        "q-40 60 0 90q40-30 0-90M356 300q-40 40 44 50q84-10 44-50",
        "#c5304a",
        11,
    )
    c.circle(400, 268, 16, "#8e1f35")
    c.path("M400 362l46 50-46 54-46-54z", c.slant("#b7dcc6", "#5f9e84"))
    c.circle(400, 414, 15, "#e6f3ea")
    c.rect(380, 470, 40, 30, GOLD, 8)
    c.path("M380 498h40l16 136h-72z", c.fade("#c5304a", "#8e1f35"))
    c.line("M384 506l-8 124M394 504l-4 128M406 504l4 128M416 506l8 124", "#e06a78", 3)


def hair_ribbon(c: Canvas) -> None:
    shadow(c, 400, 668, 130)
    c.path("M400 280Q300 160 216 226Q190 300 240 350Q320 350 400 290z", c.slant("#d2434a", "#9c2434"))
    c.path("M400 280Q500 160 584 226Q610 300 560 350Q480 350 400 290z", c.slant("#d2434a", "#9c2434"))
    for x, lean in ((330, 6), (404, -5)):
        with c.turned(lean, x + 36, 300):
            c.path(f"M{x} 290h72v340l-36 36-36-36z", c.fade("#c23a44", "#8e1f30"))
            for y in (400, 480, 560):
                cloud(c, x + 36, y, 52, GOLD)
    c.rect(360, 244, 80, 78, c.round("#b02c3a"), 18)
    blossom(c, 400, 284, 28, GOLD, RED)


def wallet(c: Canvas) -> None:
    shadow(c, 400, 650, 210)
    with c.turned(-7, 400, 520):
        for y, colour in ((300, "#7f9f8f"), (330, "#d98a6c"), (360, "#f3e2c7")):
            c.rect(230, y, 330, 150, colour, 12)
        c.rect(190, 390, 410, 250, c.slant("#cfa576", "#a67a4c"), 22)
        c.line("M206 410H584M206 622H584", "#f0d9b4", 4, stroke_dasharray="11 8")
        c.line(
            "M230 470q40 16 80-6M440 560q60-30 120 0M270 590q30-20 70 0M460 450q40-16 90 6", "#8a6038", 3, opacity=0.7
        )
        c.path("M600 470H500a44 44 0 0 0 0 90h100z", "#936739")
        c.circle(512, 515, 15, c.ball(GOLD))


def binyeo(c: Canvas) -> None:
    shadow(c, 400, 664, 230)
    c.path("M170 560H630L660 656H140z", c.fade("#8f4f3a", "#6b3628"))
    c.path("M170 300H630V560H170z", c.fade("#a35f45", "#8a4a36"))
    c.rect(196, 326, 408, 210, c.fade("#f6ead9", "#e4d0b8"), 10)
    with c.turned(-14, 400, 430):
        c.oval(420, 462, 210, 12, c.glow("#2a1c24", 0.45))
        c.path("M240 420L610 428Q624 433 610 438L240 444z", c.fade("#f8fafb", "#8c97a3"))
        c.rect(226, 412, 30, 40, c.fade("#eef1f4", "#8c97a3"), 8)
        c.circle(276, 432, 14, c.ball("#7fb89a"))
        blossom(c, 216, 430, 66, "#d65f74", "#f0c24b")
    for x, y, r in ((560, 500, 18), (530, 514, 12)):
        blossom(c, x, y, r, "#e9a0aa")
    c.rect(170, 540, 460, 20, "#7c4030")
    c.circle(400, 606, 20, c.ball("#e2a93b"))
