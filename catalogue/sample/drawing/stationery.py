"""Paper, ink, brushes and desk pieces of the stationery shelf."""

from catalogue.sample.drawing.brushwork import brush_pens, brushes, ink_stick, ink_stone
from catalogue.sample.drawing.canvas import Canvas, dark
from catalogue.sample.drawing.motifs import (
    BLUE,
    CREAM,
    FIVE_COLOURS,
    GOLD,
    GREEN,
    INK,
    LETTERS,
    PATCHWORK,
    RED,
    blossom,
    cloud,
    crackle,
    crane,
    eaves,
    glyph,
    leaf,
    magpie,
    patchwork,
    sprig,
    stripes,
    tiger,
)
from catalogue.sample.drawing.setting import gleam, shadow

HANJI = "#f5ead2"
JADE = "#8fb3a0"


def notebook(c: Canvas) -> None:
    shadow(c, 400, 662, 190)
    with c.turned(-10, 400, 640):
        c.rect(260, 230, 300, 410, "#34557f", 6)
    with c.turned(5, 400, 640):
        c.rect(262, 226, 306, 424, "#efe2c6", 6)
        c.rect(250, 220, 306, 424, c.slant("#e8b44c", "#cf942f"), 6)
        c.line("M292 220V644", RED, 5)
        for y in (252, 342, 432, 522, 612):
            c.line(f"M250 {y}H292", RED, 5)
            c.circle(292, y, 6, RED)
        c.rect(452, 260, 72, 210, HANJI, 3)
        for y, letters in ((300, "ㅎㅏㄴ"), (370, "ㅈㅣ")):
            glyph(c, 488, y, 44, letters, INK, 1.4)
        c.line("M330 560q30-14 60 0M420 590q24 12 50-4M340 300q20 14 44 0", "#f6d98c", 3)


def stamps(c: Canvas) -> None:
    shadow(c, 400, 664, 240)
    c.path("M140 420H660L690 650H110z", c.fade("#c99a66", "#a3743f"))
    c.rect(160, 440, 480, 190, "#7c5530", 6)
    letters = "ㄱㄴㄷㄹㅁㅂㅅㅇㅎㅏㅗㅣ"
    for i, letter in enumerate(letters):
        x, y = 172 + (i % 6) * 78, 450 + (i // 6) * 90
        c.rect(x, y, 68, 80, c.slant("#f0d9ae", "#d6b47c"), 6)
        with c.placed(x + 16, y + 22, 3.6):
            c.path(LETTERS[letter], "none", stroke=INK if i < 9 else RED, stroke_width=1.5)
    with c.turned(12, 560, 320):
        c.rect(520, 220, 76, 130, c.round("#e0c08a"), 8)
        c.rect(514, 340, 88, 26, RED, 4)
    c.rect(210, 210, 220, 170, "#fffaf0", 4)
    glyph(c, 280, 296, 90, "ㅎㅏㄴ", RED, 1.7)
    glyph(c, 380, 296, 90, "ㄱㅡㄹ", RED, 1.7)


def stickers(c: Canvas) -> None:
    shadow(c, 400, 664, 190)
    with c.turned(9, 400, 640):
        c.rect(250, 220, 310, 420, "#d9c7a6", 10)
    with c.turned(-4, 400, 640):
        c.rect(240, 210, 320, 440, "#fffaf0", 12)
        for x, y, r in ((325, 300, 66), (470, 300, 66), (325, 440, 66), (470, 440, 66)):
            c.circle(x, y, r, "#fff", stroke="#e3d6bd", stroke_width=4)
        tiger(c, 325, 302, 92)
        magpie(c, 466, 300, 88)
        for i in range(6):
            with c.turned(i * 60, 325, 440):
                c.circle(325, 412, 20, "#d9667c")
        c.circle(325, 440, 20, "#f0c24b")
        cloud(c, 470, 446, 96, JADE)
        for x, colour in ((290, RED), (360, GOLD), (430, GREEN), (500, BLUE)):
            blossom(c, x, 570, 32, colour, CREAM)


def tapes(c: Canvas) -> None:
    for x, y, r, colours in (
        (290, 560, 100, (GREEN, CREAM, RED, GOLD)),
        (520, 566, 94, (BLUE, CREAM, GOLD)),
        (408, 376, 96, (RED, CREAM, GREEN, GOLD)),
    ):
        shadow(c, x, y + r - 2, r * 0.8)
        c.circle(x, y, r, c.round(dark(colours[0], 0.1)))
        for i, colour in enumerate(colours):
            band = r * 0.22
            dashes = f"{band:.0f} {band * (len(colours) - 1):.0f}"
            c.circle(
                x,
                y,
                r - 12,
                "none",
                stroke=colour,
                stroke_width=24,
                stroke_dasharray=dashes,
                stroke_dashoffset=-i * band,
            )
        c.circle(x, y, r * 0.72, "#fbf3e2")
        c.circle(x, y, r * 0.6, "#c99a66")
        c.circle(x, y, r * 0.52, "#6b4e38")
    eaves(c, 170, 670, 440, 36)
    c.path("M608 670l20 12-14 10 16 14h-30v-36z", GREEN)


def letter_set(c: Canvas) -> None:
    shadow(c, 400, 662, 220)
    with c.turned(-7, 400, 500):
        c.rect(240, 190, 300, 400, c.fade("#fffaf0", HANJI), 4)
        for y in range(260, 480, 34):
            c.line(f"M280 {y}H500", "#d9c7a6", 3)
        for x, y, colour in ((280, 220, "#d98aa6"), (500, 520, "#8a7fc0"), (470, 226, "#e8b44c")):
            blossom(c, x, y, 24, colour)
            leaf(c, x + 10, y + 12, 40, 40, "#8fae78")
    c.rect(190, 430, 420, 230, c.fade("#ead7b4", "#d6bd92"), 6)
    c.path("M190 434L400 580L610 434z", c.fade("#f3e6ca", "#e0c99f"))
    c.line("M190 660L350 546M610 660L450 546", "#c2a677", 4)
    c.circle(400, 574, 36, c.ball(RED))
    blossom(c, 400, 574, 22, "#d9695a", "#e58a78")


def sticky_notes(c: Canvas) -> None:
    shadow(c, 400, 664, 220)
    for i, (x, y, colour) in enumerate(
        (
            (300, 250, "#f2b9b4"),
            (510, 320, "#f3d48a"),
            (290, 400, "#b9d3b4"),
            (520, 470, "#b4cfe3"),
            (350, 560, "#cdbfe0"),
        )
    ):
        cloud(c, x + 8, y + 8, 300, dark(colour, 0.3), opacity=0.25)
        cloud(c, x, y, 300, colour)
        c.line(f"M{x - 70} {y + 22}h120M{x - 70} {y + 46}h{60 + i * 14}", dark(colour, 0.3), 5, opacity=0.6)


def bookmark(c: Canvas) -> None:
    shadow(c, 400, 664, 250)
    c.path("M110 600Q250 540 400 610Q550 540 690 600V650Q550 600 400 660Q250 600 110 650z", "#b5523c")
    c.path(
        "M120 580Q260 520 400 600Q540 520 680 580V630Q540 580 400 646Q260 580 120 630z", c.fade("#fffaf0", "#e9dcc0")
    )
    c.line("M400 600V644M170 590q90-26 180 10M450 600q90-36 180-10", "#cbb994", 4)
    c.path("M480 590V450h40v134l-20 20z", c.fade("#e3b956", "#b98a2c"))
    crane(c, 490, 400, 250, c.slant("#f3d484", "#c9963a"), "#94681c")
    c.line("M520 584q60 20 70 60", RED, 5)
    c.path("M580 640h22l10 80h-42z", RED)


def fountain_pen(c: Canvas) -> None:
    with c.turned(-24, 400, 460):
        c.oval(400, 520, 300, 14, c.glow("#2a1c24", 0.45))
        c.rect(120, 430, 330, 66, c.fade("#c3dccb", "#5f8f79"), 33)
        with c.clipped("M140 432H446V494H140z"):
            crackle(c, 130, 420, 320, 50, 5, "#e9f4ec")
            crackle(c, 130, 430, 320, 50, 9, "#3f6f5a")
        c.rect(446, 434, 16, 58, GOLD, 3)
        c.path("M462 438h90l8 50h-98z", c.fade("#4a4650", "#26242b"))
        c.path("M556 440q80 6 120 24q-40 18-120 22z", c.fade("#f6dc94", "#b5852c"))
        c.line("M600 463H672", "#7c5a18", 3)
        c.circle(598, 463, 5, "#7c5a18")
    c.line("M470 690q40-50 70 0t70-10 60 6", "#3f6f5a", 7)
    with c.turned(8, 230, 640):
        shadow(c, 240, 700, 110)
        c.rect(130, 640, 230, 60, c.fade("#c3dccb", "#5f8f79"), 30)
        c.rect(340, 640, 18, 60, GOLD, 3)
        c.path("M160 640h130a8 8 0 0 1 0 14H160z", GOLD)


def ink_bottle(c: Canvas) -> None:
    shadow(c, 380, 660, 150)
    c.rect(240, 390, 280, 266, c.fade("#f3dcc8", "#d9a680"), 26)
    c.rect(262, 440, 236, 198, c.round("#b5552a"), 18)
    c.rect(310, 330, 140, 66, c.round("#2f2c33"), 10)
    c.rect(318, 386, 124, 16, "#f0dcc6")
    c.rect(300, 480, 160, 120, HANJI, 4)
    glyph(c, 380, 540, 74, "ㄱㅏㅁ", "#96421c", 1.5)
    gleam(c, 256, 420, 12, 180, 0.5)
    c.path("M540 690q-6-40 40-36q20-30 60-8q50-4 46 30q0 24-70 22q-64 4-76-8z", "#c9622f")
    c.circle(520, 712, 9, "#c9622f")
    leaf(c, 150, 700, 100, -30, "#b5722c", 0.45)


def pencils(c: Canvas) -> None:
    shadow(c, 400, 668, 200)
    for i in range(10):
        x = 222 + i * 37
        colour, top = FIVE_COLOURS[i % 5], 200 + (i * 47) % 60
        c.path(f"M{x} {top + 62}l17-62 17 62z", "#ecd0a0")
        c.path(f"M{x + 11} {top + 22}l6-22 6 22z", INK)
        c.rect(x, top + 60, 34, 590 - top, c.round(colour))
    c.rect(200, 460, 400, 200, c.fade("#d6ac70", "#b5844a"), 6)
    c.rect(200, 460, 400, 18, "#e6c48e")
    for i, colour in enumerate(FIVE_COLOURS):
        c.circle(300 + i * 50, 570, 19, colour)


def calendar(c: Canvas) -> None:
    shadow(c, 400, 664, 190)
    c.rect(200, 600, 400, 60, c.fade("#d9b681", "#a97d46"), 8)
    c.rect(236, 196, 330, 420, "#e3d3b0", 5)
    c.rect(228, 190, 330, 420, "#fffaf0", 5)
    c.path("M252 214H534V440H252z", "#cfe0e0")
    c.circle(470, 276, 32, "#e2693f")
    c.path("M252 440V380Q320 320 390 384T534 360V440z", "#7fa08a")
    for x, y in ((310, 290), (360, 262)):
        c.path(f"M{x} {y}q-16-14-34-6q18 2 26 14l-10 18 20-12 18 10-8-18q12-12 30-8q-20-14-42 2z", INK)
    glyph(c, 340, 512, 90, "ㄱㅗㄱ", INK, 1.3)
    glyph(c, 450, 512, 90, "ㅇㅜ", INK, 1.3)
    c.rect(300, 580, 190, 7, RED, 3)


def enamel_pin(c: Canvas) -> None:
    shadow(c, 400, 664, 160)
    c.rect(240, 180, 320, 480, c.fade("#fffaf0", HANJI), 16)
    c.circle(400, 216, 13, "#d9c7a6")
    c.line("M300 610Q340 560 300 500", "#8a5a3a", 14)
    for x, y in ((300, 500), (350, 560), (500, 600)):
        needles = (f"M{x} {y}l{i * 12 - 48}-{26 + (4 - abs(i - 4)) * 7}" for i in range(9))
        c.line("".join(needles), "#4f7f62", 5)
    c.circle(404, 378, 124, c.glow("#2a1c24", 0.5))
    c.circle(400, 368, 104, c.ball(GOLD, 0.7))
    c.circle(400, 368, 94, "#3f6f8f")
    tiger(c, 400, 378, 132)
    c.line("M340 290q30-26 60-26", "#fff", 7, opacity=0.7)
    for x, size in ((488, 22), (514, 30)):
        c.line(f"M{x} {300 - size}h{size}l-{size} {size}h{size}", CREAM, 5)


def wax_seal(c: Canvas) -> None:
    shadow(c, 290, 660, 70)
    c.path("M250 380q-20-160 40-180q60 20 40 180z", c.round("#7c4526"))
    c.rect(246, 376, 88, 34, c.round("#d8a741"), 6)
    c.path("M262 408h56l26 80H236z", c.round("#d8a741"))
    c.rect(216, 486, 148, 40, c.round("#e0b24e"), 10)
    shadow(c, 290, 530, 70, 10)
    for x, colour in ((440, RED), (490, INK), (540, "#c98a3a")):
        shadow(c, x, 560, 22)
        c.rect(x - 20, 300, 40, 260, c.round(colour), 6)
        c.line(f"M{x} 300v-22", "#efe2c6", 5)
    c.path("M180 640q-6-90 110-84q120-6 110 84q-6 74-110 70q-110 6-110-70z", c.ball("#b0382f"))
    c.circle(290, 634, 62, "#962c26")
    blossom(c, 290, 636, 50, "#c65346", "#e07a68")
    shadow(c, 560, 690, 100)
    c.rect(580, 650, 140, 16, c.fade("#b98352", "#7c5132"), 8)
    c.oval(530, 660, 66, 28, c.ball("#d8a741"))
    c.oval(530, 654, 52, 19, "#b0382f")


def wrapping_paper(c: Canvas) -> None:
    shadow(c, 400, 664, 220)
    for x, lean, tints in ((250, -9, PATCHWORK[:4]), (330, -2, PATCHWORK[2:]), (560, 9, PATCHWORK[1:4])):
        with c.turned(lean, x, 640):
            c.rect(x - 36, 210, 72, 440, stripes(c, tints, 26, 90))
            c.rect(x - 36, 210, 26, 440, "#fffaf0", opacity=0.3)
            c.oval(x, 210, 36, 10, "#efe2c6")
            c.oval(x, 210, 22, 6, "#8a6a4a")
    c.rect(310, 440, 250, 216, CREAM)
    patchwork(c, 310, 440, 250, 216, 17, (*PATCHWORK[:3], CREAM))
    c.path("M410 440q-90-80-130-30q10 50 130 40zM460 440q90-80 130-30q-10 50-130 40z", c.ball("#d98a6c"))
    c.circle(435, 440, 34, c.ball("#c9745a"))


def pencil_case(c: Canvas) -> None:
    shadow(c, 400, 650, 250)
    for x, lean, colour in ((330, -10, GOLD), (400, 4, BLUE), (460, 14, RED)):
        with c.turned(lean, x, 500):
            c.rect(x - 12, 290, 24, 180, c.round(colour))
            c.path(f"M{x - 12} 292l12-44 12 44z", "#ecd0a0")
    c.rect(140, 430, 520, 220, stripes(c, (RED, GOLD, "#5f8f6c", CREAM, BLUE, "#d98aa6"), 27), 56)
    c.rect(140, 430, 520, 220, c.fade("#ffffff", "#2a1c24"), 56, opacity=0.14)
    c.path("M196 430q-56 0-56 56v108q0 56 56 56h14V430zM604 430q56 0 56 56v108q0 56-56 56h-14V430z", "#b98a5a")
    c.line("M190 452H610", "#6b4a32", 9)
    c.line("M190 452H610", "#e9d3a0", 4, stroke_dasharray="3 9")
    c.rect(560, 446, 34, 46, c.round(GOLD), 8)


def paperweights(c: Canvas) -> None:
    shadow(c, 400, 664, 250)
    c.path("M190 320H620L680 650H120z", c.fade("#fffaf0", "#efe0c2"))
    glyph(c, 400, 480, 170, "ㄱㅕㄹ", INK, 1.3)
    for d, side in (
        ("M190 330h70l-40 300h-80z", "M140 630h80v24h-80z"),
        ("M550 330h70l50 300h-80z", "M590 630h80v24h-80z"),
    ):
        c.path(d, c.slant("#c3dcc0", "#7fa886"))
        c.path(side, "#5f8a6a")
    c.line("M210 350L176 600M600 350L640 600", "#e6f3e2", 6, opacity=0.8)
    c.rect(500, 570, 44, 44, RED, 5)
    sprig(c, 190, 716, 150, -12, "#7f9a6a", 3)


SCENES = {
    "hanji-notebook": ("jade", "moon", notebook), "brush-pen-duo": ("peach", "arch", brush_pens),
    "carved-ink-stone": ("sand", "moon", ink_stone), "pine-soot-ink-stick": ("sage", "arch", ink_stick),
    "calligraphy-brush-set": ("sky", "window", brushes), "hangul-stamp-set": ("mist", "arch", stamps),
    "minhwa-sticker-sheets": ("honey", "hills", stickers), "dancheong-washi-tape": ("cream", "window", tapes),
    "letter-paper-set": ("rose", "moon", letter_set), "cloud-sticky-notes": ("night", "waves", sticky_notes),
    "brass-bookmark": ("pine", "moon", bookmark), "fountain-pen-celadon": ("cream", "hills", fountain_pen),
    "natural-ink-bottle": ("sky", "arch", ink_bottle), "wooden-pencil-set": ("lilac", "moon", pencils),
    "desk-calendar-24": ("clay", "window", calendar), "tiger-enamel-pin": ("jade", "hills", enamel_pin),
    "wax-seal-kit": ("cream", "arch", wax_seal), "bojagi-wrapping-paper": ("mist", "moon", wrapping_paper),
    "pencil-case-saekdong": ("sky", "clouds", pencil_case), "jade-paperweight": ("lilac", "window", paperweights),
}  # fmt: skip
