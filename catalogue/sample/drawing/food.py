"""Pastes, teas, noodles, sweets and oils of the food shelf."""

from catalogue.sample.drawing.canvas import Canvas, number
from catalogue.sample.drawing.motifs import CREAM, GOLD, RED, glyph, leaf, waves
from catalogue.sample.drawing.setting import berries, board, fruit, grains, shadow, steam
from catalogue.sample.drawing.vessels import bottle, bowl, glass_jar, jar, label, pillow_bag, pouch


def chilli(c: Canvas, x: float, y: float, length: float, angle: float) -> None:
    with c.turned(angle, x, y):
        n = number(length)
        c.path(
            f"M{x} {y}q{number(length * 0.3)}-24 {n} 14q-{number(length * 0.7)} 22-{n}-14z",
            c.fade("#df4a32", "#a32a22"),
        )
        c.line(f"M{x} {y}q-14-4-20-18", "#5f7f45", 7)


def barley_tea(c: Canvas) -> None:
    pouch(c, 340, 650, 250, 400, "#c99a5b")
    label(c, 340, 370, 150, 190, "ㅂㅗ", "#7b5227")
    c.path("M520 560h140l-14 110q-56 22-112 0z", "#fff", opacity=0.4)
    c.path("M524 590h132l-11 78q-55 20-110 0z", c.round("#b5712f"))
    c.oval(590, 590, 66, 12, "#cf8f47")
    c.line("M590 590Q640 520 676 560", "#f5ead3", 4)
    c.rect(660, 560, 34, 40, "#f5ead3", 3)
    grains(c, 200, 690, "#8e5f2c")


def gochujang(c: Canvas) -> None:
    shadow(c, 390, 652, 150)
    c.path("M262 400h256l-18 240q-110 24-220 0z", c.round("#b9352a"))
    c.rect(246, 350, 288, 62, c.round("#cf4a36"), 14)
    c.rect(246, 402, 288, 10, "#8e2620")
    label(c, 390, 440, 164, 160, "ㅈㅏㅇ", "#b3392c")
    chilli(c, 560, 690, 130, -14)
    chilli(c, 600, 716, 100, 8)
    with c.turned(-8, 210, 690):
        c.rect(110, 684, 120, 14, c.fade("#c08b57", "#8e5f37"), 7)
        c.oval(240, 690, 46, 22, c.ball("#c08b57"))
        c.oval(240, 682, 38, 18, c.ball("#c23428"))


def doenjang(c: Canvas) -> None:
    shadow(c, 390, 652, 150)
    c.path("M262 400h256l-18 240q-110 24-220 0z", c.round("#b88748"))
    c.rect(246, 350, 288, 62, c.round("#7c5330"), 14)
    label(c, 390, 440, 164, 160, "ㅋㅗㅇ", "#7c5330")
    shadow(c, 610, 690, 70)
    c.path("M545 590h130l-6 92q-60 20-118 0z", c.round("#a9713c"))
    for y in (610, 640, 664):
        c.line(f"M545 {y}q66 18 130 0", "#e4c98c", 6)
    c.line("M580 590Q590 500 610 470M640 590Q630 520 610 470", "#e4c98c", 7)
    for x, y in ((170, 690), (206, 706), (224, 684), (190, 716), (250, 710), (140, 710)):
        c.circle(x, y, 13, c.ball("#e0bd78"))


def seaweed(c: Canvas) -> None:
    pillow_bag(c, 360, 650, 270, 420, "#3f6b58")
    c.circle(360, 400, 84, CREAM)
    glyph(c, 360, 400, 80, "ㄱㅣㅁ", "#2f4f42")
    c.rect(240, 520, 240, 60, waves(c, "#8fbba0", "none", 50, 4))
    for x, y, lean in ((560, 600, -14), (600, 640, 6), (560, 680, -6)):
        with c.turned(lean, x + 60, y):
            c.rect(x, y + 16, 130, 12, "#24352e", 3)
            c.rect(x, y + 6, 130, 12, "#f3e6c6", 3)
            c.rect(x, y - 4, 130, 12, "#2f463b", 3)
            c.line(f"M{x + 12} {y}h6M{x + 50} {y + 2}h8M{x + 92} {y}h6", "#6f9a7e", 3)


def ramyeon(c: Canvas) -> None:
    pillow_bag(c, 330, 640, 310, 360, "#dd7b35")
    c.path("M180 470Q330 420 478 480V600H182z", "#f4dca8")
    c.circle(330, 400, 66, CREAM)
    glyph(c, 330, 402, 68, "ㅁㅕㄴ", "#b14a22")
    for y in (490, 512, 534, 556, 578):
        c.line(f"M196 {y}q22-18 44 0t44 0 44 0 44 0 44 0 44 0", "#d9a544", 6)
    bowl(c, 590, 712, 200, "#e9e2d0", "#fffaf0", "#e5b26a")
    c.line("M520 622q20-16 40 0t40 0 40 0M530 632q20-14 40 0t40 0 40 0", "#f6dfa0", 7)
    c.oval(630, 620, 26, 11, "#fffaf0")
    c.oval(630, 620, 12, 6, "#f0a83a")
    steam(c, 590, 596)


def noodle_cup(c: Canvas) -> None:
    shadow(c, 400, 656, 120)
    c.path("M252 330h296l-54 310q-94 26-188 0z", c.round("#f2e6d2"))
    c.path("M263 396h274l-24 136H287z", c.round("#c23f30"))
    glyph(c, 400, 462, 96, "ㄱㅜㄱ", CREAM)
    c.rect(240, 316, 320, 24, c.round("#fff7e8"), 12)
    c.oval(400, 318, 152, 34, "#fffaf0")
    c.path("M250 312q60-130 190-110q30 90-30 84q-110 0-160 26z", c.slant("#e9dfcd", "#c8b79b"))
    c.oval(420, 322, 112, 20, "#e9b262")
    c.line("M330 322q16-12 32 0t32 0 32 0 32 0 32 0", "#f7e2a8", 7)
    with c.turned(26, 600, 560):
        c.rect(590, 330, 12, 340, "#a8713f", 5)
        c.rect(612, 330, 12, 340, "#8e5c30", 5)
    for x, y in ((180, 690), (230, 704)):
        leaf(c, x, y, 70, -40, "#df6a44", 0.5)
        leaf(c, x, y, 60, -100, "#a9bd74", 0.5)


def yuja(c: Canvas) -> None:
    glass_jar(c, 360, 650, 260, 380, "#eab23a", "#f7efdc")
    for i in range(9):
        c.line(f"M{262 + (i * 71) % 180} {390 + (i * 37) % 60}q20-26 44-6", "#fbe08a", 7)
    label(c, 360, 470, 170, 130, "ㅇㅠ", "#9a6a12")
    fruit(c, 600, 690, 76, "#f3bc33")
    shadow(c, 520, 716, 50)
    c.circle(520, 670, 48, "#f3bc33")
    c.circle(520, 670, 40, "#fff3cf")
    for i in range(8):
        with c.turned(i * 45, 520, 670):
            c.path("M520 666l12-30a30 30 0 0 0-24 0z", "#f6cf58")
    leaf(c, 150, 700, 100, -30, "#6c8a4a")


def yakgwa(c: Canvas) -> None:
    board(c, 400, 620, 520)
    for x, y in ((280, 610), (400, 622), (520, 610), (340, 548), (460, 548), (400, 486)):
        c.oval(x, y + 14, 66, 26, "#7a4316")
        c.oval(x, y, 66, 36, "#b56e26")
        for dx, dy in ((-38, 0), (38, 0), (-20, -17), (20, -17), (-20, 17), (20, 17)):
            c.oval(x + dx, y + dy, 24, 14, c.ball("#c98434", 0.35))
        c.oval(x, y, 20, 11, "#e0a14a")
        c.oval(x, y - 1, 6, 3, "#f7e6bd")
    c.path("M384 440q16-30 32 0z", "#f5e4b8")
    for x in (190, 620):
        leaf(c, x, 716, 70, -30, "#7f9455")


def gangjeong(c: Canvas) -> None:
    board(c, 400, 624, 500, "#a9744a")
    specks = c.tile(17, 15, lambda t: [t.oval(4, 4, 3.6, 2.2, "#8b8388"), t.oval(12, 11, 3.6, 2.2, "#5c555b")])
    for x, y in ((200, 540), (330, 548), (460, 540), (264, 462), (396, 462), (330, 386)):
        c.path(f"M{x} {y}l26-24h112l-18 24z", "#5b5359")
        c.rect(x, y, 122, 62, "#3a343a", 6)
        c.rect(x, y, 122, 62, specks, 6)
        c.path(f"M{x + 122} {y + 4}l16-26v54l-16 26z", "#2a252b")
    c.rect(560, 520, 80, 90, "#f4ead4", 4)
    c.path("M560 520l-20-22 20 10 20-22 20 14 20-14 20 22 20-8-20 20z", "#fbf5e6")
    c.circle(600, 566, 22, RED)
    grains(c, 190, 700, "#4a434a", 8)


def nurungji(c: Canvas) -> None:
    crust = c.tile(22, 18, lambda t: [t.oval(6, 5, 7, 3.6, "#f3d798"), t.oval(17, 14, 7, 3.6, "#c98f41")], 12)
    pouch(c, 300, 650, 240, 380, "#ead9b6")
    label(c, 300, 360, 140, 110, "ㅂㅏㅂ", "#8a5a2a", "#fffaf0")
    c.oval(300, 550, 84, 50, "#d9a657")
    c.oval(300, 550, 84, 50, crust)
    shadow(c, 560, 690, 120)
    c.oval(560, 600, 130, 92, "#a8702e")
    c.oval(556, 594, 128, 88, "#deae61")
    c.oval(556, 594, 128, 88, crust)
    c.path("M470 696q50-40 96-16q60-10 76 22q-90 20-172-6z", "#dca958")
    c.path("M470 696q50-40 96-16q60-10 76 22q-90 20-172-6z", crust)


def omija(c: Canvas) -> None:
    bottle(c, 340, 650, 170, 450, "#c02d45", "#2f2a30", 0.34)
    label(c, 340, 430, 116, 150, "ㅇㅗ", "#8e1f35")
    shadow(c, 570, 690, 60)
    c.path("M510 520h120l-14 166q-46 14-92 0z", "#fff", opacity=0.4)
    c.path("M514 560h112l-11 124q-45 12-90 0z", c.round("#d9506a"))
    c.oval(570, 560, 56, 11, "#ea8494")
    c.circle(556, 558, 14, "#fdf3e3")
    berries(c, 200, 690, 18, "#c1263b", 7)
    leaf(c, 214, 670, 90, -40, "#5f8a55", 0.4)


def green_tea(c: Canvas) -> None:
    shadow(c, 340, 650, 110)
    c.rect(236, 330, 208, 320, c.round("#4c7258"), 16)
    c.rect(230, 270, 220, 84, c.round("#3b5a47"), 16)
    c.rect(230, 344, 220, 9, GOLD)
    c.rect(236, 560, 208, 60, waves(c, "#8db694", "none", 52, 3.5))
    label(c, 340, 392, 120, 146, "ㅊㅏ", "#3b5a47")
    bowl(c, 590, 690, 170, "#dfe6d3", "#f7f7ec", "#b9c46a")
    steam(c, 590, 592)
    for angle in (-150, -95, -50):
        leaf(c, 200, 712, 84, angle, "#6f9a58")


def jujube_tea(c: Canvas) -> None:
    c.rect(200, 380, 280, 270, c.fade("#f3e3c4", "#dfc79c"), 8)
    shadow(c, 340, 656, 150)
    c.path("M200 380l30-46h280l-30 46z", "#fbf1da")
    c.path("M480 380l30-46v270l-30 46z", "#c9ab7b")
    c.rect(200, 540, 280, 60, "#9b3a2b")
    for x in (240, 290, 340, 390, 440):
        c.circle(x, 570, 14, "#d8823f")
    glyph(c, 340, 454, 100, "ㅊㅏ", "#7e2f24", 1.2)
    bowl(c, 600, 696, 170, "#7b4a34", "#a0684a", "#7c2f1c")
    for dx in (-30, 6, 34):
        c.oval(600 + dx, 624, 10, 5, "#f7e6bd")
    steam(c, 600, 594)
    for x, y in ((170, 690), (214, 704), (130, 712)):
        c.oval(x, y, 30, 20, c.ball("#a33a2a"))
    c.path("M260 700q30-26 60-4q30-14 40 8q-20 22-50 14q-40 4-50-18z", c.ball("#d9b06a"))


def chilli_flakes(c: Canvas) -> None:
    pouch(c, 320, 650, 250, 400, "#d4492f")
    c.rect(238, 350, 164, 150, CREAM, 80)
    glyph(c, 320, 425, 84, "ㅎㅗㅇ", "#a32a22")
    c.rect(240, 530, 160, 8, "#f6cfa0", 4)
    shadow(c, 590, 690, 90)
    c.path("M520 624q30-90 70-92t74 92z", c.ball("#c5321f"))
    bowl(c, 590, 700, 180, "#6d4b38", "#8a6048", "#d1442a")
    c.path("M514 622q40-70 78-70t74 70z", c.ball("#cf3d25"))
    chilli(c, 130, 706, 110, -10)
    chilli(c, 180, 720, 90, 6)


def sesame_oil(c: Canvas) -> None:
    bottle(c, 360, 650, 150, 470, "#9a5a1e", "#c23f30", 0.36)
    label(c, 360, 420, 108, 170, "ㄲㅐ", "#7b4418")
    bowl(c, 570, 690, 140, "#efe6d3", "#fffaf0", "#b9701f")
    c.circle(560, 632, 7, "#e5b25e")
    grains(c, 200, 680, "#f3dfae", 11)
    grains(c, 230, 706, "#d9b979", 11, 6)


def bamboo_salt(c: Canvas) -> None:
    jar(c, 340, 650, 230, 250, "#d8cdb9", "#9a6b45")
    label(c, 340, 520, 122, 108, "ㅅㅗ", "#6d5c46", "#fffaf0")
    shadow(c, 580, 690, 60)
    c.rect(520, 380, 120, 310, c.round("#8fa660"), 12)
    for y in (470, 580):
        c.rect(514, y, 132, 14, c.round("#a9bd74"), 7)
    c.oval(580, 384, 60, 18, "#e8e0b8")
    c.oval(580, 384, 44, 12, "#fffdf6")
    c.path("M160 704q40-50 80 0z", c.ball("#fffdf6"))
    for x, y in ((140, 708), (260, 706), (280, 716), (120, 716)):
        c.rect(x, y, 9, 9, "#fffdf6", 2)


def tteokbokki(c: Canvas) -> None:
    pouch(c, 290, 650, 250, 390, "#e2583c")
    c.circle(290, 410, 78, CREAM)
    glyph(c, 290, 410, 82, "ㄸㅓㄱ", "#b0331f")
    c.rect(200, 520, 180, 44, waves(c, "#f7a98b", "none", 44, 4))
    shadow(c, 570, 700, 120)
    c.path("M440 610h260l-24 70q-106 26-212 0z", c.round("#3f3c42"))
    c.oval(570, 610, 130, 36, "#55525a")
    c.oval(570, 610, 116, 29, "#c93a22")
    for x, y, lean in ((510, 606, 14), (560, 592, -18), (610, 614, 10), (560, 622, 30), (630, 594, -30)):
        with c.turned(lean, x, y):
            c.rect(x - 36, y - 11, 72, 22, c.fade("#f6a381", "#d9502f"), 11)
    c.path("M540 606l20-4M600 600l14 6M570 616l16-6", "none", stroke="#6f9a58", stroke_width=6)
    steam(c, 570, 566)


def porridge(c: Canvas) -> None:
    pouch(c, 280, 650, 230, 370, "#e9a73b")
    label(c, 280, 390, 136, 150, "ㅈㅜㄱ", "#8a5412")
    bowl(c, 540, 700, 240, "#5f4a3f", "#8a6c58", "#f0a92f")
    for dx, dy in ((-50, 0), (-10, 8), (36, -2), (8, -10)):
        c.oval(540 + dx, 594 + dy, 14, 8, "#fff6de")
    steam(c, 540, 560)
    shadow(c, 150, 712, 60)
    for dx in (-38, 38, 0):
        c.oval(150 + dx, 674, 38, 42, c.ball("#5d7d45"))
    c.path("M144 636q0-24 20-30l6 10q-12 6-12 22z", "#8a7a4a")


def misutgaru(c: Canvas) -> None:
    pouch(c, 310, 650, 250, 410, "#d9c3a0")
    label(c, 310, 360, 150, 120, "ㄱㅗㄱ", "#6d5237")
    for i, colour in enumerate(("#e8d39c", "#a9743f", "#3c3438", "#8e3f2c", "#f3ead6")):
        c.circle(222 + i * 44, 546, 18, colour)
    c.path("M520 470h130l-16 214q-48 16-98 0z", "#fff", opacity=0.45)
    shadow(c, 586, 690, 60)
    c.path("M525 530h120l-12 152q-47 14-96 0z", c.round("#d8bd92"))
    c.oval(585, 530, 60, 13, "#efdfc0")
    for x in (565, 600):
        c.rect(x, 512, 30, 28, "#fff", 6, opacity=0.6)
    with c.turned(14, 610, 500):
        c.rect(604, 390, 12, 160, RED, 6)
    grains(c, 190, 700, "#8a6a43", 10)


def dried_persimmons(c: Canvas) -> None:
    shadow(c, 400, 664, 240)
    c.path("M180 560H620L600 660H200z", c.fade("#a2714a", "#7c5132"))
    for x, y in (
        (230, 560),
        (316, 560),
        (402, 560),
        (488, 560),
        (572, 560),
        (272, 510),
        (358, 510),
        (444, 510),
        (530, 510),
    ):
        c.oval(x, y, 46, 40, c.ball("#c4622a"))
        c.oval(x - 8, y - 10, 26, 18, "#fff3e0", opacity=0.35)
        c.path(f"M{x - 20} {y - 34}l20-10 20 10-20 8z", "#6f5a3a")
    c.path("M180 580H620L604 660H196z", c.fade("#b5835a", "#8a5c3a"))
    glyph(c, 400, 620, 44, "ㄱㅏㅁ", CREAM)
    c.line("M150 250Q400 200 650 250", "#7b5a3c", 7)
    for x, y in ((220, 238), (340, 224), (460, 224), (580, 238)):
        c.line(f"M{x} {y}v60", "#a88a60", 4)
        c.oval(x, y + 98, 38, 44, c.ball("#df7a30"))
        c.path(f"M{x - 22} {y + 60}l22-10 22 10-22 10z", "#6f7f45")


SCENES = {
    "roasted-barley-tea": ("cream", "arch", barley_tea),
    "sunchang-gochujang": ("honey", "hills", gochujang),
    "village-doenjang": ("sage", "hills", doenjang),
    "crisp-seaweed-snack": ("sky", "waves", seaweed),
    "anchovy-broth-ramyeon": ("jade", "waves", ramyeon),
    "kimchi-noodle-cup": ("peach", "moon", noodle_cup),
    "yuja-honey-marmalade": ("mist", "moon", yuja),
    "hand-rolled-yakgwa": ("jade", "arch", yakgwa),
    "black-sesame-gangjeong": ("honey", "moon", gangjeong),
    "brown-rice-nurungji": ("clay", "arch", nurungji),
    "omija-syrup": ("rose", "hills", omija),
    "wild-green-tea": ("sage", "hills", green_tea),
    "ginger-jujube-tea": ("night", "clouds", jujube_tea),
    "sun-dried-chilli-flakes": ("cream", "hills", chilli_flakes),
    "pressed-sesame-oil": ("honey", "window", sesame_oil),
    "bamboo-salt": ("sky", "moon", bamboo_salt),
    "tteokbokki-kit": ("lilac", "arch", tteokbokki),
    "sweet-pumpkin-porridge": ("cream", "window", porridge),
    "mixed-grain-shake": ("jade", "screen", misutgaru),
    "dried-persimmons": ("mist", "clouds", dried_persimmons),
}
