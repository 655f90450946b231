"""Pottery, brass, wood, cloth and light of the living shelf."""

from catalogue.sample.drawing.canvas import Canvas, dark, light
from catalogue.sample.drawing.fashion import apron
from catalogue.sample.drawing.motifs import (
    BLUE,
    CREAM,
    FIVE_COLOURS,
    GOLD,
    RED,
    blossom,
    cloud,
    crackle,
    crane,
    curl_cloud,
    patchwork,
    quilting,
    stripes,
)  # fmt: skip
from catalogue.sample.drawing.setting import flowering, gleam, grains, persimmon, shadow, steam
from catalogue.sample.drawing.vessels import bowl

CELADON = "#8fb3a0"


def tea_cup(c: Canvas) -> None:
    shadow(c, 380, 656, 150)
    d = "M240 400H520V540Q510 650 440 652H320Q250 650 240 540z"
    c.line("M516 440q84-6 80 66t-96 76", dark(CELADON, 0.12), 24)
    c.path(d, c.round(CELADON))
    with c.clipped(d):
        crackle(c, 230, 390, 300, 260, 3, "#5d8472")
        crane(c, 370, 520, 120, "#f3f5ea", "#3e5a50")
    for x, y in ((280, 460), (480, 590), (290, 600)):
        curl_cloud(c, x, y, 50, "#e4eee2", 5)
    c.oval(380, 400, 150, 30, c.round(light(CELADON, 0.1)))
    c.path("M238 394Q250 320 380 316T522 394Q380 430 238 394z", c.round(light(CELADON, 0.06)))
    c.circle(380, 306, 22, c.ball(CELADON))
    steam(c, 600, 420)


def onggi(c: Canvas) -> None:
    shadow(c, 380, 660, 140)
    c.path("M290 330H470Q560 400 548 500Q530 620 470 656H290Q230 620 212 500Q200 400 290 330z", c.round("#7a4a30"))
    c.rect(272, 306, 216, 34, c.round("#8a5638"), 14)
    c.path("M262 300Q300 240 380 240T498 300Q380 330 262 300z", c.round("#6b3f29"))
    c.rect(346, 218, 68, 28, c.round("#8a5638"), 12)
    c.line("M216 470q27-26 54 0t54 0 54 0 54 0 54 0 54 0M222 520q26-22 52 0t52 0 52 0 52 0 52 0 48 0", "#b98455", 7)
    gleam(c, 268, 390, 16, 150, 0.3)
    with c.placed(400, 330, 0.5):
        c.path("M290 330H470Q560 400 548 500Q530 620 470 656H290Q230 620 212 500Q200 400 290 330z", c.round("#8e5a39"))
        c.path("M262 320Q300 250 380 250T498 320Q380 350 262 320z", c.round("#6b3f29"))
        c.line("M216 480q27-26 54 0t54 0 54 0 54 0 54 0 54 0", "#c99563", 9)


def spoon_set(c: Canvas) -> None:
    shadow(c, 400, 650, 230)
    c.path("M170 320Q400 290 640 320L660 640Q400 670 150 640z", c.fade("#f3e9d4", "#d9c8a6"))
    c.line("M170 345Q400 316 636 345M154 616Q400 646 656 616", "#b0533f", 6)
    brass = c.round("#d8a741")
    with c.turned(8, 400, 480):
        c.oval(300, 290, 52, 70, c.ball("#e0b24e", 0.6))
        c.oval(300, 294, 38, 54, "#b98527", opacity=0.45)
        c.path("M290 350h20l6 270q-16 16-32 0z", brass)
        for x in (420, 470):
            c.path(f"M{x} 240h16l6 380h-28z", brass)
            c.rect(x - 5, 560, 27, 8, "#fff0bd")
        blossom(c, 300, 600, 11, "#fff0bd", "#a3741f")


def moon_jar(c: Canvas) -> None:
    shadow(c, 400, 662, 130)
    c.rect(340, 640, 120, 20, "#cbc5b8", 6)
    flowering(c, 420, 300, "#d8697a", 0.95)
    c.path("M340 270H462Q610 330 608 466Q600 600 468 652H334Q200 600 194 462Q196 330 340 270z", c.ball("#f1ede3", 0.9))
    c.rect(334, 252, 132, 26, c.round("#f1ede3", 0.8), 8)
    c.line("M198 470Q400 520 606 462", "#d5cebf", 4, opacity=0.7)


def kitchen_apron(c: Canvas) -> None:
    apron(c, "#9fb08f", "M0 0")
    for i, colour in enumerate(FIVE_COLOURS):
        c.rect(300 + i * 40, 488, 40, 10, colour)
    c.line("M220 410Q140 480 170 560q30 40 50-10M580 410Q660 480 630 560q-30 40-50-10", "#7d9070", 11)
    c.path("M540 420l60 20-10 130h-60z", stripes(c, (CREAM, CREAM, RED), 13))


def soban(c: Canvas) -> None:
    shadow(c, 400, 664, 220)
    for x, bend in ((230, -1), (340, -0.4), (460, 0.4), (570, 1)):
        k = 40 * bend
        c.line(f"M{x} 480q{k:.0f} 60 {k * 0.3:.0f} 110t{k * 0.9:.0f} 66", "#6b3a22", 22)
    c.rect(196, 570, 408, 13, "#7c4526", 6)
    c.path("M130 440L230 405H570L670 440V462L570 496H230L130 462z", c.round("#8f4f2b", 0.2))
    c.path("M150 440L236 412H564L650 440L564 470H236z", c.slant("#b9733f", "#93532c"))
    c.path("M210 500Q400 550 590 500Q560 490 400 494T210 500z", "#7c4526")
    bowl(c, 400, 446, 130, "#eef0e8", "#fffaf0", "#c3cf88")
    steam(c, 400, 372)


def lamp(c: Canvas) -> None:
    c.circle(400, 430, 360, c.glow("#ffdf9a", 0.75))
    shadow(c, 400, 664, 120)
    c.rect(300, 240, 200, 390, c.fade("#fff4d0", "#ffd588"), 6)
    c.line("M340 300q30 14 50-10M430 420q30-14 46 8M330 520q30 20 60 0M440 580q20-12 40 4", "#f1c67a", 3)
    c.line("M300 240V650M500 240V650M367 300V560M433 300V560", "#7c4c2c", 10)
    c.line("M300 300H500M300 366H500M300 494H500M300 560H500", "#7c4c2c", 8)
    c.rect(284, 222, 232, 24, c.round("#8f5a36"), 5)
    c.rect(284, 622, 232, 26, c.round("#8f5a36"), 5)
    c.line("M510 640Q600 640 610 690T700 716", "#4a3a34", 6)


def runner(c: Canvas) -> None:
    shadow(c, 400, 610, 270)
    c.path("M120 420L250 370H680L620 440V470H120z", "#a8713f")
    c.rect(120, 440, 500, 32, c.fade("#c08b57", "#94602f"))
    c.path("M140 470h26v200h-26zM574 470h26v200h-26z", "#8a5a32")
    with c.clipped("M230 440L330 370H510L430 440V640H230z"):
        patchwork(c, 220, 360, 300, 290, 21, ("#e58a6e", "#f2cf86", "#9cc2a4", "#fbf0da", "#86a9c6", "#dcb0c4"))
        c.path("M220 440H430V650H220z", "#2a1c24", opacity=0.1)
    bowl(c, 560, 410, 110, "#f2efe6", "#fffaf0", "#c9b06a")


def stone_bowl(c: Canvas) -> None:
    shadow(c, 400, 668, 220)
    c.path("M170 620H630L596 668H204z", c.fade("#c58f58", "#94602f"))
    c.path("M196 430Q200 620 320 630H480Q600 620 604 430z", c.round("#4a484b"))
    c.rect(160, 450, 60, 40, "#3b393d", 12)
    c.rect(580, 450, 60, 40, "#3b393d", 12)
    c.oval(400, 430, 208, 62, "#5d5b5f")
    c.oval(400, 430, 184, 50, "#f4ead4")
    for x, y, colour in (
        (280, 424, "#7fa05a"),
        (340, 402, "#d9773f"),
        (460, 402, "#8a5a3c"),
        (520, 424, "#f0e3a8"),
        (470, 456, "#5f8a4f"),
        (330, 456, "#c54a34"),
    ):
        c.oval(x, y, 54, 20, colour)
    c.oval(400, 428, 56, 26, "#fffdf6")
    c.oval(400, 424, 24, 14, c.ball("#f2ab2e"))
    steam(c, 400, 370)


def floor_cushion(c: Canvas) -> None:
    shadow(c, 400, 668, 230)
    for y, colour in ((600, "#d9a83a"), (530, "#a3493f")):
        c.rect(180, y, 440, 70, c.fade(light(colour, 0.15), dark(colour, 0.15)), 34)
        c.line(f"M200 {y + 36}H600", dark(colour, 0.3), 4, stroke_dasharray="12 8")
    c.path(
        "M250 330H550Q580 330 590 360L640 510Q640 540 600 540H200Q160 540 160 510L210 360Q220 330 250 330z",
        quilting(c, "#3f5f92", 24),
    )
    c.line(
        "".join(f"M{216 - i * 9} {380 + i * 40}H{584 + i * 9}" for i in range(4)), "#28406b", 4, stroke_dasharray="12 8"
    )
    blossom(c, 400, 436, 44, CREAM)
    for x, y in ((168, 530), (632, 530)):
        c.circle(x, y, 12, GOLD)
        c.path(f"M{x - 8} {y + 8}h16l8 70h-32z", "#c8473c")


def blanket(c: Canvas) -> None:
    shadow(c, 400, 664, 240)
    for i, (y, colour) in enumerate(((560, "#e9ddc8"), (470, "#f4ecdd"), (380, "#dfe6de"))):
        c.rect(180 + i * 6, y, 440 - i * 12, 100, c.fade(light(colour, 0.5), dark(colour, 0.12)), 44)
        c.line(f"M230 {y + 50}H570", dark(colour, 0.15), 4, stroke_dasharray="3 14")
    c.path(
        "M420 380Q470 360 560 380V660Q490 680 420 660z",
        c.tile(12, 12, lambda t: [t.rect(0, 0, 12, 12, "#fbf5e9"), t.circle(6, 6, 1.6, "#d9cbb2")]),
    )
    for i, colour in enumerate(FIVE_COLOURS):
        c.rect(420, 590 + i * 12, 140, 12, colour)
    cloud(c, 300, 350, 120, "#fff", opacity=0.6)


def folding_fan(c: Canvas) -> None:
    shadow(c, 400, 664, 150, 16)
    c.path("M400 640L104 434Q190 200 400 200T696 434z", "#b98a52")
    c.path("M106 434Q190 200 400 200T694 434L520 556Q480 470 400 470T280 556z", c.fade("#fbf4e2", "#efdfbe"))
    with c.clipped("M106 434Q190 200 400 200T694 434L520 556Q480 470 400 470T280 556z"):
        c.path(
            "M120 470Q240 300 320 390Q400 260 470 380Q560 290 700 460L520 560Q400 450 280 560z", "#7d8d93", opacity=0.55
        )
        c.path("M180 480Q270 380 340 440Q440 340 620 480L500 540Q400 440 300 540z", "#4d5a63", opacity=0.6)
        c.circle(510, 290, 32, "#d2573f")
        crane(c, 320, 300, 70, "#fff")
    for i in range(11):
        with c.turned(-58 + i * 11.6, 400, 640):
            c.line("M400 640V250", "#8a5f30", 3.5, opacity=0.55)
    for lean in (-55, 55):
        with c.turned(lean, 400, 640):
            c.rect(391, 270, 18, 386, c.round("#a3713a"), 8)
    c.circle(400, 640, 13, GOLD)
    c.line("M400 650v30", RED, 6)
    c.path("M390 678h20l8 50h-36z", RED)


def wind_chime(c: Canvas) -> None:
    c.path("M100 160H700L660 210H140z", "#7c4a30")
    for x in range(170, 660, 70):
        c.circle(x, 206, 26, "#4f7f62")
        c.circle(x, 206, 15, "#f3e2c7")
    c.line("M400 220V300", "#6b5a4a", 5)
    c.path("M400 290Q460 300 466 390L490 450H310L334 390Q340 300 400 290z", c.round("#cf9d3a"))
    c.rect(300, 440, 200, 20, c.round("#e0b24e"), 8)
    c.line("M336 400Q400 416 464 400", "#8f6a1f", 5)
    c.line("M400 460V540", "#6b5a4a", 5)
    c.path(
        "M290 590Q350 530 430 560Q470 576 500 546Q520 590 500 634Q470 604 430 620Q350 650 290 590z",
        c.fade("#e3b956", "#a87a22"),
    )
    c.circle(330, 586, 7, "#5d4210")
    c.line("M372 566q16 24 0 50M404 562q14 28 0 56M436 568q10 20 0 46", "#8f6a1f", 4)
    c.line("M560 420q40-20 80 0M560 480q50-24 110 0M140 440q40-20 80 0", "#fff", 5, opacity=0.7)


def incense(c: Canvas) -> None:
    shadow(c, 430, 664, 150)
    c.oval(430, 640, 150, 30, c.round(CELADON))
    c.oval(430, 630, 140, 24, "#a9c8b7")
    c.path("M395 630Q400 580 430 580T465 630z", c.ball(CELADON))
    with c.turned(8, 430, 580):
        c.rect(427, 280, 6, 306, "#6b4a32", 3)
        c.rect(427, 268, 6, 18, "#e2572f", 3)
    c.line("M474 260q-40-40 0-80t0-80", "#fff", 9, opacity=0.55)
    shadow(c, 200, 690, 60)
    c.rect(150, 370, 110, 320, c.round("#5d7a5e"), 10)
    c.rect(150, 430, 110, 130, CREAM)
    for i in range(9):
        c.line(f"M205 520L{171 + i * 9} {460 + abs(i - 4) * 6}", "#3f6349", 4)
    for i in range(6):
        c.rect(164 + i * 15, 320, 6, 56, "#6b4a32", 3)


def candle(c: Canvas) -> None:
    c.circle(380, 300, 220, c.glow("#ffdf8a", 0.8))
    shadow(c, 380, 660, 130)
    c.path("M250 420H510L490 630Q480 656 450 656H310Q280 656 270 630z", c.round("#d9c9ae"))
    c.path("M256 500Q320 460 380 500T504 500L490 630Q480 656 450 656H310Q280 656 270 630z", c.round("#b4623c"))
    c.oval(380, 420, 130, 30, "#efe2cb")
    c.oval(380, 424, 116, 24, "#fff3d6")
    c.line("M380 424V384", "#4a3a34", 5)
    c.path("M380 300q36 50 14 80q-14 14-28 0q-22-30 14-80z", c.fade("#ffe9a3", "#f0963a"))
    persimmon(c, 590, 700, 60)


def brass_bowl(c: Canvas) -> None:
    shadow(c, 400, 660, 160)
    c.rect(320, 640, 160, 20, "#a3781f", 6)
    c.path("M220 440H580Q574 640 470 648H330Q226 640 220 440z", c.round("#d9a83f", 0.55))
    c.line("M226 480H574M230 492H570", "#a97d22", 3, opacity=0.7)
    c.rect(208, 424, 384, 24, c.round("#e6bd5c", 0.55), 12)
    c.path("M216 424Q230 330 400 324T584 424z", c.round("#dcae48", 0.6))
    c.rect(366, 290, 68, 38, c.round("#e6bd5c"), 14)
    c.line("M260 380Q400 350 540 380", "#a97d22", 3, opacity=0.6)
    gleam(c, 270, 470, 16, 120, 0.5)


def basket(c: Canvas) -> None:
    shadow(c, 400, 660, 190)
    for x, y in ((300, 420), (400, 390), (500, 420), (350, 450), (450, 450)):
        c.oval(x, y, 54, 66, c.ball("#f0dcc0" if x % 100 == 0 else "#e2c19c"))
    d = "M190 450H610Q600 620 500 650H300Q200 620 190 450z"
    c.path(d, "#c99c52")
    c.path(
        d,
        c.tile(
            40,
            30,
            lambda t: [
                t.rect(0, 1, 19, 12, "#e4c37e", 2),
                t.rect(20, 16, 19, 12, "#e4c37e", 2),
                t.rect(20, 1, 19, 12, "#b5863e", 2),
                t.rect(0, 16, 19, 12, "#b5863e", 2),
            ],
        ),
    )
    c.rect(176, 434, 448, 32, c.round("#d6ab5e"), 16)
    for x in range(200, 610, 40):
        c.line(f"M{x} 436l12 28", "#8a5f2a", 7)


def plate(c: Canvas) -> None:
    shadow(c, 400, 664, 170)
    c.path("M250 640h300l-30 26H280z", "#8a5a32")
    c.circle(400, 420, 236, c.ball("#7d8a86", 0.15))
    c.circle(400, 420, 220, c.ball("#94a09a", 0.2))
    c.circle(400, 420, 150, "none", stroke="#7d8a86", stroke_width=3)
    sweep = "M236 330A186 186 0 1 1 220 470A190 190 0 0 0 330 590"
    c.line(sweep, "#f6f1e3", 44, opacity=0.75)
    for i, gap in enumerate((0, 16, 30, 44)):
        with c.turned(i * 7, 400, 420):
            c.circle(
                400,
                420,
                204 - gap,
                "none",
                stroke="#fffaf0",
                stroke_width=4,
                stroke_dasharray=f"{300 - gap * 3} {20 + gap}",
            )
    c.path("M300 430q40-66 130-50q40 8 70-30q10 40-4 66q20 30 14 60q-36-26-62-16q-92 40-148-30z", "#4f6068")
    c.line("M390 384q-16 46 8 90M430 392q-12 36 4 70", "#c9d0c6", 4)
    c.circle(336, 426, 7, "#f6f1e3")
    c.line("M300 520q50 20 100 0t100 0", "#4f6068", 6)


def jewel_box(c: Canvas) -> None:
    shadow(c, 400, 660, 220)
    shell = c.slant("#d7f0ea", "#d9b8e6")
    c.path("M180 360L230 310H570L620 360z", "#423a44")
    c.rect(180, 360, 440, 296, c.fade("#38313a", "#221d26"), 8)
    c.line("M180 440H620", "#0f0c12", 5)
    c.rect(194, 374, 412, 268, "none", 4, stroke=shell, stroke_width=4)
    crane(c, 320, 560, 120, shell, "#2a242d")
    with c.mirrored(400):
        crane(c, 310, 530, 90, shell, "#2a242d")
    for x, y, s in ((260, 400, 70), (540, 398, 70), (400, 610, 90), (230, 620, 50), (570, 616, 50)):
        curl_cloud(c, x, y, s, shell, 6)
    c.circle(400, 440, 24, GOLD)
    c.rect(394, 440, 12, 30, "#8f6a1f", 4)


def pillow(c: Canvas) -> None:
    shadow(c, 400, 660, 250)
    c.path("M150 430Q140 400 190 396H590Q660 400 660 520T590 650H190Q140 646 150 610z", c.fade("#f6efe0", "#d9ccb2"))
    c.path("M230 396H560V650H230z", c.tile(14, 14, lambda t: t.line("M0 7H14", "#e3d7bd", 2)))
    c.oval(170, 523, 66, 126, "#a3403f")
    c.oval(170, 523, 54, 108, "#f4e6cf")
    blossom(c, 170, 523, 44, "#d2574a")
    c.line("M170 430v20M170 596v20", "#4f7f62", 7)
    c.rect(590, 396, 10, 254, BLUE, opacity=0.8)
    grains(c, 560, 690, "#5a4538", 11)


SCENES = {
    "celadon-tea-cup": ("cream", "moon", tea_cup), "onggi-storage-jar": ("sage", "hills", onggi),
    "brass-spoon-set": ("jade", "window", spoon_set), "moon-jar-vase": ("night", "moon", moon_jar),
    "linen-kitchen-apron": ("peach", "arch", kitchen_apron), "wooden-soban-tray": ("cream", "window", soban),
    "hanji-mood-lamp": ("night", "window", lamp), "ramie-table-runner": ("mist", "window", runner),
    "stone-hot-bowl": ("honey", "moon", stone_bowl), "nubi-floor-cushion": ("sand", "screen", floor_cushion),
    "cotton-gauze-blanket": ("sky", "clouds", blanket), "bamboo-folding-fan": ("jade", "hills", folding_fan),
    "wind-chime-fish": ("sky", "hills", wind_chime), "pine-incense-sticks": ("wine", "moon", incense),
    "soy-candle-persimmon": ("pine", "arch", candle), "yugi-rice-bowl": ("rose", "arch", brass_bowl),
    "bamboo-strainer-basket": ("sage", "arch", basket), "buncheong-dinner-plate": ("peach", "arch", plate),
    "lacquer-jewel-box": ("rose", "moon", jewel_box), "buckwheat-pillow": ("lilac", "window", pillow),
}  # fmt: skip
