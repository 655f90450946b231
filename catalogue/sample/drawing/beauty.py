"""Bottles, jars, tubes and pouches of the beauty shelf."""

from catalogue.sample.drawing.canvas import Canvas, dark, light
from catalogue.sample.drawing.motifs import CREAM, GOLD, RED, blossom, curl_cloud, glyph, leaf, rays, sprig, waves
from catalogue.sample.drawing.setting import berries, flowering, fruit, gleam, grains, pebble, persimmon, shadow
from catalogue.sample.drawing.vessels import bottle, dropper, jar, label, tube


def rice_toner(c: Canvas) -> None:
    bottle(c, 400, 650, 190, 440, "#efe8da", "#c9a06a")
    label(c, 400, 400, 124, 170, "ㅆㅏㄹ", "#8a6a45", "#fffaf0")
    c.path("M535 640a75 62 0 0 0 150 0z", c.round("#8fae9f"))
    shadow(c, 610, 704, 60)
    c.path("M535 636a75 66 0 0 0 150 0q-10 66-50 66h-50q-40 0-50-66z", c.round("#9dbcae"))
    c.oval(610, 636, 75, 20, "#fbf7ee")
    grains(c, 230, 668, "#fffaf0")


def snail_essence(c: Canvas) -> None:
    bottle(c, 380, 650, 170, 430, "#d9b48c", "#6d5648", 0.46)
    label(c, 380, 410, 116, 150, "ㄷㅏㄹ", "#6d5648")
    shadow(c, 590, 680, 80)
    c.path("M500 680q-26-6-14-40q10-30 22-4q8 22 40 18H680q14 20-10 26z", "#e6cfa9")
    c.line("M494 640l-10-30M504 634l4-30", "#e6cfa9", 6)
    c.circle(590, 614, 58, c.ball("#b5764a"))
    c.line("M590 614a12 12 0 1 1-12 14a28 28 0 1 1 40-10a42 42 0 1 1-62-44", "#7b4b30", 7)


def sheet_masks(c: Canvas) -> None:
    for angle, tint in ((-13, "#a9c2a0"), (9, "#8fae88")):
        with c.turned(angle, 400, 640):
            c.rect(285, 215, 230, 420, tint, 8)
    shadow(c, 400, 652, 140)
    c.rect(280, 210, 240, 440, c.slant("#dfe9cf", "#bcd0a8"), 8)
    c.rect(280, 210, 240, 30, "#7f9f76", 8)
    c.line("M290 256H510", "#7f9f76", 3, stroke_dasharray="6 8")
    c.oval(400, 400, 78, 104, "#fffaf0")
    for x in (368, 432):
        c.oval(x, 380, 19, 10, "#bcd0a8")
    c.oval(400, 450, 24, 9, "#bcd0a8")
    c.path("M393 405q7-20 14 0v12h-14z", "#e3ead6")
    glyph(c, 400, 570, 58, "ㅆㅜㄱ", "#4f6d4c")
    sprig(c, 520, 690, 170, -28, "#6f8f62")
    sprig(c, 280, 690, 130, 205, "#86a276", 3)


def ginseng_cream(c: Canvas) -> None:
    jar(c, 400, 650, 290, 260, "#b6613e", "#e0b768")
    label(c, 400, 510, 150, 116, "ㅅㅏㅁ", "#7e3a22")
    shadow(c, 640, 700, 60, 12)
    c.path(
        "M600 590q30-6 40 20q16 50 0 94q-14-20-18-50q-10 34-34 44q4-40 12-60q-16 6-30 24q0-50 30-72z",
        c.slant("#ecd6a6", "#cfa767"),
    )
    c.line("M622 590q-4-40 10-70", "#7f8f4f", 6)
    for angle in (-150, -90, -40):
        leaf(c, 632, 520, 66, angle, "#77915a", 0.5)
    berries(c, 630, 500, 9, RED, 4)


def cleansing_foam(c: Canvas) -> None:
    tube(c, 390, 650, 200, 440, "#a9c58d", "#f3efe2")
    label(c, 390, 330, 116, 160, "ㅊㅏ", "#4d6f3f")
    for x, y, r in ((560, 650, 44), (610, 672, 34), (524, 684, 28), (646, 640, 24), (590, 610, 20)):
        c.circle(x, y, r, c.ball("#eef3e6", 0.9), opacity=0.92)
    for angle in (-70, -30, -110):
        leaf(c, 220, 690, 120, angle, "#6f9455")


def hair_oil(c: Canvas) -> None:
    dropper(c, 390, 650, 180, 420, "#b5552f", "#3d2f2c")
    label(c, 390, 455, 120, 140, "ㄷㅗㅇ", "#8e2f2b")
    shadow(c, 600, 690, 70)
    for angle in (150, 20, -20):
        leaf(c, 600, 650, 130, angle, "#3f6b4a", 0.4)
    blossom(c, 600, 630, 74, "#c53a3c", "#f0c24b")
    c.circle(600, 630, 9, "#fff4c4")
    flowering(c, 190, 690, "#c53a3c", 0.85)


def cushion(c: Canvas) -> None:
    shadow(c, 400, 664, 210)
    c.circle(400, 360, 176, c.ball("#f4efe6", 0.9))
    c.circle(400, 360, 146, c.slant("#dfeaf0", "#aac2d0"))
    c.path("M300 410L430 240L480 270L340 450z", "#fff", opacity=0.35)
    c.rect(350, 520, 100, 26, "#cfc5b3", 10)
    c.oval(400, 592, 198, 66, c.round("#f4efe6", 0.6))
    c.oval(400, 578, 198, 62, "#fffdf8")
    c.oval(400, 578, 150, 44, "#dcb48f")
    c.oval(400, 574, 148, 42, "#e8c4a1")
    for dx in (-80, -30, 20, 70):
        c.oval(400 + dx, 574 + (dx % 40) / 4, 8, 4, "#d5ab85")
    shadow(c, 650, 690, 60)
    c.oval(650, 664, 66, 34, c.ball("#f1d9c9", 0.6))
    c.rect(600, 650, 100, 16, RED, 8)


def lip_tint(c: Canvas) -> None:
    for x, colour in ((250, "#9e3a35"), (350, "#d9512c"), (450, "#c23f5e"), (550, "#ee9277")):
        shadow(c, x, 650, 34)
        c.rect(x - 36, 470, 72, 180, c.round(colour), 16)
        c.rect(x - 33, 300, 66, 166, c.round("#f0e3d0" if x != 350 else "#3d2f2c"), 12)
        c.rect(x - 36, 458, 72, 14, GOLD)
        gleam(c, x - 26, 490, 8, 130)
    persimmon(c, 664, 716, 62)
    c.line("M180 712q60-26 150-6", "#d9512c", 22, opacity=0.85)


def lip_balm(c: Canvas) -> None:
    shadow(c, 380, 650, 66)
    c.rect(318, 420, 124, 230, c.round("#f2cfc8"), 12)
    c.rect(328, 360, 104, 70, c.round("#fff6ea"), 6)
    c.path("M340 362V270q8-40 60-46q20 0 20 40v98z", c.round("#f7d9cf", 0.6))
    blossom(c, 380, 520, 44, "#d76c7c")
    c.rect(340, 590, 80, 6, "#b85566", 3)
    shadow(c, 560, 676, 64)
    c.rect(500, 560, 124, 116, c.round("#e7b4ae"), 12)
    blossom(c, 562, 618, 26, CREAM)
    flowering(c, 180, 690, "#e6929c", 1.2)


def sun_cream(c: Canvas) -> None:
    tube(c, 400, 650, 190, 430, "#f6ead0", "#e2a93b")
    c.circle(400, 360, 50, "#f0b64a")
    rays(c, 400, 360, 64, 82, 12, "#f0b64a", 10)
    label(c, 400, 440, 110, 110, "ㅂㅗ", "#8a6a2f", "#fffaf0")
    for x, lean in ((590, 12), (620, 26), (560, -2)):
        with c.turned(lean, 590, 700):
            c.line(f"M590 700V{500 + (x % 40)}", "#c2953e", 5)
            for i in range(3):
                leaf(c, 590, 520 + (x % 40) + i * 26, 46, -60, "#dcae50")
                leaf(c, 590, 520 + (x % 40) + i * 26, 46, -120, "#cf9d3e")


def ampoule(c: Canvas) -> None:
    dropper(c, 420, 650, 170, 430, "#7fa383", "#f4efe2")
    label(c, 420, 460, 112, 136, "ㅂㅕㅇ", "#3f6a4a")
    for x, y, r in ((230, 640, 46), (190, 690, 36), (610, 690, 50), (290, 700, 30)):
        c.path(
            f"M{x} {y + r * 0.4:.0f}q-{r * 1.3:.0f}-{r * 0.2:.0f}-{r}-{r}q{r * 0.5:.0f}-{r * 0.8:.0f} {r}-{r * 0.1:.0f}"
            f"q{r * 0.6:.0f}-{r * 0.7:.0f} {r} {r * 0.1:.0f}q{r * 0.3:.0f} {r * 0.8:.0f}-{r} {r}"
            f"z",
            c.ball("#6f9c63"),
        )
        c.line(f"M{x} {y + r * 0.4:.0f}q-10 30-30 40M{x} {y + r * 0.3:.0f}V{y - r * 0.4:.0f}", "#4f7a4a", 4)


def honey_mask(c: Canvas) -> None:
    jar(c, 380, 650, 280, 270, "#e9ae3c", "#f7efdc")
    label(c, 380, 508, 136, 112, "ㄲㅜㄹ", "#8a5a1a")
    with c.turned(24, 620, 620):
        c.rect(614, 400, 14, 200, c.round("#a8713f"), 6)
        for i, r in enumerate((24, 34, 38, 34, 24)):
            c.rect(621 - r, 590 + i * 16, r * 2, 12, "#c98a4b", 6)
    c.path("M540 690q-10-36 50-34q60-4 70 20q6 26-56 26q-56 2-64-12z", c.ball("#eeb84a"))
    c.path(
        "M170 560l36-20 36 20v40l-36 20-36-20zM206 624l36-20 36 20v40l-36 20-36-20"
        "zM134 624l36-20 36 20v40l-36 20-36-20z",
        "#edbb55",
        stroke="#c98d2c",
        stroke_width=6,
    )


def clay_mask(c: Canvas) -> None:
    jar(c, 360, 650, 290, 250, "#6b6763", "#3c3a3c")
    label(c, 360, 515, 150, 110, "ㄷㅗㄹ", "#4a4644", "#d8d0c2")
    shadow(c, 600, 700, 90)
    c.path("M510 640a90 64 0 0 0 180 0z", c.round("#e7dcc6"))
    c.oval(600, 640, 90, 26, "#8b857e")
    c.path("M540 640q20-36 60-12q40-30 56 12q-50 22-116 0z", "#9c958d")
    with c.turned(36, 660, 560):
        c.rect(652, 460, 16, 130, c.round("#b98352"), 6)
        c.path("M646 584h28l-4 60h-20z", "#d9c3a0")
    for x, rx in ((190, 40), (140, 24)):
        pebble(c, x, 700, rx, "#4c474a")
        c.circle(x - 8, 690, 3, "#2d2a2d")


def cleansing_balm(c: Canvas) -> None:
    shadow(c, 400, 660, 170)
    c.rect(250, 500, 300, 156, c.round("#eeb7bb"), 36)
    c.oval(400, 504, 150, 40, "#f7d9d6")
    c.path("M280 500q30-50 80-30q40-60 80-10q60-20 80 40q-120 44-240 0z", c.ball("#fbe9e4", 0.7))
    with c.turned(-32, 470, 440):
        c.rect(462, 300, 18, 150, c.round("#e2c9a4"), 8)
        c.oval(471, 460, 26, 34, c.ball("#e2c9a4"))
    label(c, 400, 556, 110, 84, "ㅈㅏㄱ", "#a24a5a")
    shadow(c, 190, 690, 80)
    for x, y, r in ((150, 650, 40), (230, 650, 40), (190, 610, 44), (190, 660, 46)):
        c.circle(x, y, r, c.ball("#d9788a"))
    c.circle(190, 640, 24, c.ball("#f0b4b8"))
    with c.turned(-16, 640, 640):
        c.oval(640, 640, 96, 96, c.ball("#f8ead9"))
        c.circle(640, 640, 70, "#f2d5cc")
        blossom(c, 640, 640, 40, "#d9788a")


def vitamin_serum(c: Canvas) -> None:
    dropper(c, 370, 650, 176, 430, "#f2c445", "#fff6e0")
    label(c, 370, 452, 118, 140, "ㅇㅠ", "#9a6a12", "#fffaf0")
    fruit(c, 600, 704, 84, "#f2b92f")
    shadow(c, 500, 716, 52)
    c.circle(500, 668, 52, "#f2b92f")
    c.circle(500, 668, 44, "#fff3cf")
    for i in range(8):
        with c.turned(i * 45, 500, 668):
            c.path("M500 664L514 632a34 34 0 0 0-28 0z", "#f6cf58")


def brow_pencil(c: Canvas) -> None:
    for y, colour, lean in ((330, "#3a3438", -18), (450, "#6b4a36", -14), (570, "#93704f", -10)):
        with c.turned(lean, 400, y):
            c.oval(410, y + 60, 250, 12, c.glow("#2a1c24", 0.35))
            c.rect(200, y, 300, 34, c.fade(light(colour, 0.3), dark(colour, 0.2)), 8)
            c.rect(490, y - 2, 26, 38, c.fade("#f2d28a", "#a9782a"), 4)
            c.path(f"M516 {y + 2}h50l50 22v6l-50 2h-50z", c.fade("#f4e6cf", "#d6bd97"))
            c.path(f"M600 {y + 17}l34 13-34 1z", colour)
            c.rect(168, y + 12, 34, 10, "#c9a25a")
            c.rect(96, y + 4, 76, 26, c.tile(9, 26, lambda t: t.rect(0, 0, 4, 26, "#4a4042")), 12)
    c.line("M250 190q130-70 300-6", "#5a4538", 20, opacity=0.5)


def bath_mitts(c: Canvas) -> None:
    for x, lean, colour in ((310, -8, "#4f9a62"), (490, 9, "#e58aa0")):
        with c.turned(lean, x, 640):
            shadow(c, x, 656, 90)
            c.path(f"M{x - 95} 650V330q0-95 95-95t95 95v320z", colour)
            weave = c.tile(16, 16, lambda t, k=colour: t.line("M0 4q4-6 8 0t8 0M0 12q4-6 8 0t8 0", light(k, 0.35), 3))
            c.path(f"M{x - 95} 600V330q0-95 95-95t95 95v270z", weave)
            c.rect(x - 100, 604, 200, 48, c.fade("#fbf4e6", "#e3d6c0"), 10)
            c.line(f"M{x - 90} 628h180", colour, 6)
    for x, y, r in ((190, 690, 26), (640, 700, 34), (600, 720, 18), (230, 712, 16)):
        c.circle(x, y, r, c.ball("#eef6f6", 0.9), opacity=0.85)


def hand_creams(c: Canvas) -> None:
    shadow(c, 400, 684, 250)
    for x, colour in ((220, "#e9a7ae"), (340, "#a8c7b4"), (460, "#eac265"), (580, "#7f9a7d")):
        tube(c, x, 600, 104, 330, colour, "#fbf5e8")
        c.circle(x, 400, 30, CREAM)
    blossom(c, 220, 400, 22, "#cf5f70")
    for angle in (-150, -120, -90, -60, -30):
        leaf(c, 340, 416, 32, angle, "#d98a98", 0.4)
    rays(c, 460, 400, 9, 22, 12, "#d79a2c", 8)
    c.line("".join(f"M580 418L{562 + i * 6} {382 + abs(i - 3) * 5}" for i in range(7)), "#3f6349", 3)
    c.path("M140 590H660L640 690H160z", c.fade("#a8423c", "#8a322f"))
    c.rect(140, 590, 520, 12, "#c25a4c")
    c.line("M400 604V690M400 640q-50-34-54 0t54 0q50-34 54 0t-54 0", GOLD, 7)


def soap(c: Canvas) -> None:
    shadow(c, 400, 676, 190)
    c.path("M230 640H570L540 676H260z", c.fade("#c99a66", "#a3743f"))
    c.rect(250, 520, 300, 118, c.fade("#4a474b", "#2e2b30"), 26)
    c.rect(262, 440, 276, 84, c.fade("#6a666a", "#4a474b"), 24)
    c.oval(400, 480, 90, 26, "none", stroke="#8b868a", stroke_width=5)
    glyph(c, 400, 480, 36, "ㅅㅗㄹ", "#a9a3a4", 1.4)
    for x, y, r in ((540, 620, 30), (576, 650, 22), (516, 652, 20), (560, 590, 14)):
        c.circle(x, y, r, c.ball("#f4f4ee", 0.9), opacity=0.9)
    c.rect(262, 560, 276, 46, "#f0e6d0")
    curl_cloud(c, 400, 590, 60, "#5a7a5e", 7)
    c.line("".join(f"M200 560L{110 + i * 17} {440 + abs(i - 5) * 9}" for i in range(11)), "#4d7457", 6)
    c.line("M200 700Q230 640 200 556", "#6b4a3a", 9)


def eye_patches(c: Canvas) -> None:
    jar(c, 370, 650, 280, 240, "#dfe5ea", "#c7d3dc")
    c.rect(229, 508, 282, 130, waves(c, "#aebfcc", "none", 46, 3), 30, opacity=0.8)
    label(c, 370, 528, 128, 104, "ㅈㅣㄴ", "#5c7388", "#fffaf0")
    for x, y, lean in ((590, 620, -14), (640, 690, 10)):
        with c.turned(lean, x, y):
            c.oval(x, y + 26, 66, 10, c.glow("#2a1c24", 0.35))
            c.path(
                f"M{x - 70} {y - 20}q10 56 72 52t68-40q-10-20-30-8q-38 18-72-6q-26-18-38 2z",
                c.slant("#f7fafc", "#b9cbd8"),
            )
    for x, y, r in ((200, 690, 26), (160, 706, 18), (236, 710, 14)):
        c.circle(x, y, r, c.ball("#f1ece4", 0.95))


SCENES = {
    "rice-water-toner": ("cream", "moon", rice_toner),
    "snail-care-essence": ("sand", "arch", snail_essence),
    "mugwort-sheet-masks": ("sage", "moon", sheet_masks),
    "ginseng-rich-cream": ("peach", "hills", ginseng_cream),
    "green-tea-cleansing-foam": ("jade", "hills", cleansing_foam),
    "camellia-hair-oil": ("rose", "arch", hair_oil),
    "moonjar-cushion": ("night", "moon", cushion),
    "persimmon-lip-tint": ("peach", "arch", lip_tint),
    "plum-blossom-lip-balm": ("mist", "moon", lip_balm),
    "barley-sun-cream": ("sky", "clouds", sun_cream),
    "centella-calm-ampoule": ("cream", "arch", ampoule),
    "honey-sleeping-mask": ("night", "moon", honey_mask),
    "volcanic-clay-mask": ("clay", "hills", clay_mask),
    "peony-cleansing-balm": ("lilac", "moon", cleansing_balm),
    "yuja-bright-serum": ("jade", "moon", vitamin_serum),
    "ink-brow-pencil": ("rose", "screen", brow_pencil),
    "seshin-bath-mitts": ("sky", "waves", bath_mitts),
    "four-season-hand-creams": ("cream", "screen", hand_creams),
    "pine-charcoal-soap": ("sage", "window", soap),
    "pearl-eye-patches": ("lilac", "waves", eye_patches),
}
