"""Appliances that heat, cool, steam, blow and knead."""

from catalogue.sample.drawing.canvas import Canvas
from catalogue.sample.drawing.motifs import cloud
from catalogue.sample.drawing.setting import gleam, shadow, steam

WHITE, SLATE = "#f1ece2", "#4a4954"


def kettle(c: Canvas) -> None:
    shadow(c, 400, 668, 170)
    c.rect(250, 636, 300, 30, c.round(SLATE), 12)
    c.line("M286 560Q190 560 196 450T140 340", "#c9ccd0", 26)
    c.line("M282 552Q198 550 200 446T146 344", "#eef0f1", 8)
    c.path("M320 330H480Q560 600 540 636H260Q240 600 320 330z", c.round("#d6d9db", 0.6))
    c.rect(306, 308, 188, 28, c.round("#b9bdc2"), 12)
    c.circle(400, 292, 20, c.ball("#a8713f"))
    c.line("M500 350Q640 330 620 460Q610 560 560 580", "#a8713f", 30)
    c.line("M506 344Q630 330 614 456", "#cf9a66", 8)
    c.circle(400, 650, 9, "#f0a04a")
    gleam(c, 318, 380, 16, 190, 0.6)
    steam(c, 140, 312)


def rice_cooker(c: Canvas) -> None:
    shadow(c, 390, 662, 190)
    c.path("M200 450H580Q600 640 500 656H280Q180 640 200 450z", c.round("#f3e8d2"))
    c.rect(190, 436, 400, 24, c.round("#c9a06a"), 12)
    c.path("M196 438Q210 290 390 284T584 438z", c.round("#f7eedc"))
    c.path("M340 290Q390 220 440 290z", "#c9a06a")
    c.rect(330, 520, 120, 90, c.fade("#4a4650", "#333039"), 18)
    c.circle(390, 556, 17, "none", stroke="#f0b85a", stroke_width=5)
    c.rect(372, 586, 36, 7, "#f0b85a", 3)
    c.rect(160, 470, 46, 28, "#c9a06a", 12)
    c.rect(574, 470, 46, 28, "#c9a06a", 12)
    steam(c, 390, 232)
    shadow(c, 650, 700, 50)
    c.path("M590 640h120q-4 60-60 60t-60-60z", c.round("#8fae9f"))
    c.path("M598 640q52-70 104 0z", "#fffdf6")


def induction(c: Canvas) -> None:
    shadow(c, 400, 664, 280)
    c.path("M190 470H610L690 630H110z", c.fade("#3c3943", "#25232a"))
    c.rect(110, 630, 580, 28, c.round("#c9c4ba"), 8)
    c.oval(400, 540, 150, 40, "none", stroke="#e07a4a", stroke_width=5)
    for i in range(5):
        c.oval(300 + i * 50, 610, 10, 5, "#f0b85a" if i < 3 else "#7a7680")
    c.path("M250 380H550L534 520Q400 560 266 520z", c.round("#c9a24a", 0.5))
    c.oval(400, 380, 150, 36, "#e3c06c")
    c.oval(400, 382, 134, 28, "#c9472f")
    for x, y, colour in ((330, 378, "#fff3d6"), (390, 368, "#6f9a58"), (450, 384, "#fff3d6"), (400, 394, "#e9a445")):
        c.oval(x, y, 28, 10, colour)
    c.line("M250 400h-34q-10 30 40 30M550 400h34q10 30-40 30", "#a37c24", 11)
    steam(c, 400, 336)


def humidifier(c: Canvas) -> None:
    c.circle(400, 450, 340, c.glow("#fff0bd", 0.7))
    shadow(c, 400, 662, 140)
    c.path("M300 620H500L520 660H280z", c.round("#a8713f"))
    c.circle(400, 450, 186, c.ball("#fbf2d8", 0.9))
    c.line("M215 462Q400 510 585 462", "#e0cf9f", 5)
    c.oval(400, 278, 42, 12, "#d9c68f")
    for dx, size in ((-30, 150), (60, 120), (10, 90)):
        cloud(c, 400 + dx, 210 - size * 0.3, size, "#fff", opacity=0.5)
    for x, y, r in ((330, 400, 20), (460, 380, 14), (440, 540, 24), (350, 520, 12)):
        c.circle(x, y, r, "#ecdcae", opacity=0.6)


def massager(c: Canvas) -> None:
    shadow(c, 400, 664, 230)
    c.line("M210 400Q190 230 400 220T590 400L620 600", "#8d8a92", 120)
    c.line("M210 400L180 600", "#8d8a92", 120)
    c.line("M210 400Q190 230 400 220T590 400", "#a9a6ae", 84)
    c.line("M180 610v24M620 610v24", "#5d5a64", 112)
    for x, y in ((300, 270), (380, 248), (450, 252), (520, 290), (250, 330), (560, 350)):
        c.circle(x, y, 29, "#c8483c", opacity=0.5)
        c.circle(x, y, 22, c.ball("#e9a07a"))
    c.rect(576, 520, 80, 92, "#3f3c46", 16)
    for y, colour in ((545, "#f0b85a"), (570, "#e9e4da"), (594, "#e9e4da")):
        c.circle(616, y, 8, colour)
    c.line("M150 540h60M150 564h60", "#d9d6dc", 5)


def desk_fan(c: Canvas) -> None:
    shadow(c, 400, 664, 130, 22)
    c.oval(400, 640, 130, 30, c.round(WHITE, 0.7))
    c.oval(400, 632, 122, 24, "#fffaf0")
    c.rect(390, 430, 20, 204, c.round("#d6cfc0"), 8)
    c.circle(400, 330, 172, "#e9e2d4")
    c.circle(400, 330, 160, "#cfdfe0")
    for i in range(5):
        with c.turned(i * 72, 400, 330):
            c.path("M400 330Q330 250 390 190Q460 210 400 330z", "#7fa9ae")
    c.circle(400, 330, 160, "none", stroke="#fffaf0", stroke_width=12)
    c.circle(400, 330, 110, "none", stroke="#fffaf0", stroke_width=4)
    for i in range(8):
        with c.turned(i * 22.5, 400, 330):
            c.rect(398, 172, 4, 316, "#fffaf0")
    c.circle(400, 330, 36, c.ball(WHITE, 0.8))
    c.circle(400, 634, 8, "#6fae7c")
    c.line("M120 280q50-20 90 0M90 340q60-20 110 0M620 280q40-20 80 0", "#fff", 7, opacity=0.8)


def steamer(c: Canvas) -> None:
    shadow(c, 350, 662, 110)
    c.path("M300 430H410L430 620Q430 656 400 656H310Q280 656 284 620z", c.round("#8fae9f"))
    c.path("M230 300Q250 240 340 240H430Q470 250 460 330L420 440H292Q280 380 240 370z", c.round("#a9c6b8"))
    c.path("M238 290L214 300V380L244 374z", c.fade("#d6d9db", "#9aa0a6"))
    c.rect(316, 520, 80, 90, "#fff", 14, opacity=0.35)
    c.rect(316, 566, 80, 44, "#cfe6ee", 14, opacity=0.8)
    c.rect(352, 440, 34, 46, "#e9a445", 12)
    for y in (310, 340, 370):
        c.line(f"M196 {y}q-30-18-56 0t-56 0", "#fff", 9, opacity=0.75)
    c.line("M520 220H680M600 220v-26q0-16 16-16", "#8b8076", 6)
    c.path(
        "M560 224L500 270L520 320L540 310V480H660V310L680 320L700 270L640 224Q600 260 560 224z",
        c.fade("#fbf3e2", "#e0cfae"),
    )
    c.line("M400 656q60 50 160 40", SLATE, 8)


def kimchi_fridge(c: Canvas) -> None:
    shadow(c, 400, 664, 210)
    c.rect(200, 230, 400, 420, c.fade("#f1ece0", "#cfc7b6"), 30)
    c.rect(220, 650, 50, 14, SLATE, 4)
    c.rect(530, 650, 50, 14, SLATE, 4)
    c.rect(340, 262, 120, 42, "#2f3a44", 10)
    c.line("M366 284h18M400 274v20M420 274h16v20h-16z", "#8fd8d0", 4)
    c.rect(220, 330, 360, 300, "#5d6a70", 12)
    c.path("M180 470H620L600 640H200z", c.fade("#f7f2e6", "#d9d1bf"))
    c.rect(340, 540, 120, 16, "#b98a5a", 8)
    for x in (232, 408):
        c.rect(x, 384, 160, 90, "#e3ece8", 10)
        c.rect(x + 10, 402, 140, 72, "#f0d8c0", 6)
        for dx, colour in ((36, "#d9502f"), (80, "#e9855a"), (118, "#c23a26")):
            c.oval(x + dx, 430, 32, 24, colour)
            c.line(f"M{x + dx - 16} 432q16-16 32 0", "#f3e2b0", 6)


def heating_pad(c: Canvas) -> None:
    shadow(c, 390, 660, 240)
    c.path(
        "M180 330Q400 300 590 330Q640 340 640 380L660 620Q660 656 610 650"
        "Q380 624 170 652Q120 656 126 610L146 370Q150 334 180 330z",
        c.fade("#d9785a", "#b04a3c"),
    )
    c.path(
        "M190 352Q400 322 590 352L630 628Q390 602 154 630z",
        "none",
        stroke="#f3c9a6",
        stroke_width=5,
        stroke_dasharray="12 9",
    )
    for y in (410, 470, 530, 590):
        c.line(f"M220 {y}q45-34 90 0t90 0 90 0 80 0", "#f0a07c", 10)
    c.line("M640 560Q720 560 700 640T620 700", SLATE, 9)
    c.rect(540, 676, 96, 46, c.round(WHITE), 16)
    for i in range(3):
        c.circle(564 + i * 22, 699, 7, "#e2693f" if i < 2 else "#c9c2b3")
    for x in (300, 400, 500):
        c.line(f"M{x} 290q-20-22 0-44t0-44", "#f6b48a", 9, opacity=0.8)
