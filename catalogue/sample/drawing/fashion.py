"""Clothes, shoes, hats and small ornaments of the fashion shelf."""

from catalogue.sample.drawing.canvas import Canvas, dark, light
from catalogue.sample.drawing.motifs import (
    BLUE,
    CREAM,
    GOLD,
    GREEN,
    RED,
    blossom,
    cloud,
    curl_cloud,
    patchwork,
    quilting,
    stripes,
)
from catalogue.sample.drawing.ornaments import binyeo, hair_ribbon, norigae, wallet
from catalogue.sample.drawing.setting import gleam, shadow

TOP = "M310 240L230 270L120 500L190 530L250 420V630H550V420L610 530L680 500L570 270L490 240Q400 300 310 240Z"
VEST = "M310 240L250 262Q290 350 246 420V630H554V420Q510 350 550 262L490 240L400 380Z"


def hanger(c: Canvas) -> None:
    """A wooden hanger on a peg, behind whatever hangs on it."""
    c.line("M400 238V214q0-16 16-20a18 18 0 1 0-26-18", "#8b8076", 6)
    c.line("M250 280L400 232L550 280", "#a8713f", 15)


def hanbok_jacket(c: Canvas) -> None:
    hanger(c)
    c.path(
        "M300 250L240 272Q150 350 104 480Q110 530 196 540Q236 520 262 450"
        "V520Q400 560 538 520V450Q564 520 604 540Q690 530 696 480Q650 350 560 272"
        "L500 250L400 340Z",
        c.fade("#a9d3c4", "#6fae9c"),
    )
    c.line("M262 450Q272 380 264 330M538 450Q528 380 536 330M400 380Q380 450 388 536", "#4f8f80", 4, opacity=0.7)
    c.path("M300 250L326 244L420 380L480 420L468 440L396 396Z", "#3f7a8c")
    c.path("M500 250L474 244L400 346L424 380Z", "#3f7a8c")
    c.line("M306 248L412 384M494 248L418 366", "#fffaf0", 13)
    c.path("M426 396q60-36 76-10q4 26-70 26z", "#c8473c")
    c.path("M420 400h24L478 640h-42zM404 400h22L398 600h-34z", c.fade("#d2574a", "#9c3430"))
    c.circle(424, 402, 15, "#b73d36")
    curl_cloud(c, 200, 470, 70, "#cfe9dd", 4)
    curl_cloud(c, 600, 470, 70, "#cfe9dd", 4)


def top(c: Canvas, colour: str, d: str = TOP) -> None:
    hanger(c)
    c.path(d, c.fade(light(colour, 0.15), dark(colour, 0.1)))


def summer_shirt(c: Canvas) -> None:
    top(c, "#ede4cc")
    c.path(TOP, c.tile(9, 9, lambda t: t.line("M0 2H9M2 0V9", "#cfc2a0", 1.1)), opacity=0.8)
    c.path("M310 240Q400 300 490 240l6 16Q400 330 304 256z", "#fffaf0", stroke="#cbbd9b", stroke_width=4)
    c.line("M400 296V630M250 420L262 340M550 420L538 340", "#c4b48e", 4)
    for y in (340, 410, 480, 550):
        c.circle(400, y, 8, "#9a7b4f")
    c.rect(450, 400, 66, 74, "none", 4, stroke="#c4b48e", stroke_width=4)


def quilted_vest(c: Canvas) -> None:
    hanger(c)
    c.path(VEST, quilting(c, "#4a678f", 20))
    c.line(
        "M310 240L400 380V630M490 240L400 380M250 262Q290 350 246 420M550 262Q510 350 554 420M248 626H552", "#c9d6e6", 9
    )
    for y in (430, 500, 570):
        c.line(f"M378 {y}h44", CREAM, 7)
        c.circle(424, y, 9, RED)


def indigo_scarf(c: Canvas) -> None:
    shadow(c, 400, 664, 190)
    c.path("M270 300Q400 200 530 300Q560 400 400 420Q240 400 270 300z", "#3d5f92")
    c.path("M290 306Q400 240 510 306Q500 352 400 356Q300 352 290 306z", "#2a4470")
    c.path(
        "M276 340Q400 430 526 336Q540 420 470 440L520 650H400L388 450Q276 430 276 340z", c.fade("#2f4f86", "#b9d2e6")
    )
    c.path("M340 430L300 620H396L410 440z", c.fade("#3d5f92", "#d8e6ee"))
    c.line(
        "M290 370Q400 450 516 372M300 396Q400 462 504 400M430 450L456 640M356 440L340 610", "#9bb8d6", 4, opacity=0.6
    )
    for x in range(408, 520, 16):
        c.line(f"M{x} 650v24", "#a9c6de", 4)
    for x in range(306, 396, 15):
        c.line(f"M{x} 620v22", "#c4d9e6", 4)


def sock(c: Canvas, colour: str, line: str) -> None:
    c.path(
        "M0 0h110v230q4 50 60 70q76 24 92 64q-8 36-60 36H90Q-6 400 0 310z",
        c.slant(light(colour, 0.1), dark(colour, 0.1)),
    )
    c.path("M0 0h110v54H0z", line)
    c.line("M16 12v30M38 12v30M60 12v30M82 12v30", light(line, 0.3), 4)
    c.path("M0 320q44-10 60 80h20q-70 0-80-60z", line)
    c.line("M64 398q80-60 140-40q40 10 62-10", line, 9)


def socks(c: Canvas) -> None:
    shadow(c, 400, 664, 240)
    for x, y, colour, line in (
        (120, 200, "#c4c6c4", "#d9a83a"),
        (270, 230, "#a9d3c4", BLUE),
        (420, 260, "#f4e9d2", RED),
    ):
        with c.placed(x, y):
            sock(c, colour, line)


def gat_hat(c: Canvas) -> None:
    shadow(c, 400, 640, 260, 34)
    weave = c.tile(10, 10, lambda t: t.line("M0 5H10M5 0V10", "#6a6570", 1.3))
    c.oval(400, 560, 290, 70, "#2f2c36")
    c.oval(400, 552, 288, 66, "#3d3944")
    c.oval(400, 552, 288, 66, weave)
    c.path("M285 548L306 350Q400 310 494 350L515 548Q400 596 285 548z", c.round("#3a3641"))
    c.path("M285 548L306 350Q400 310 494 350L515 548Q400 596 285 548z", weave)
    c.oval(400, 350, 94, 24, "#4d4856")
    c.path("M288 520Q400 566 512 520l3 28Q400 596 285 548z", "#8e2f35")
    c.line("M250 590Q240 680 330 700T470 690Q560 670 552 592", "#8e2f35", 6)
    for x, y in ((270, 672), (330, 700), (470, 690), (530, 662)):
        c.circle(x, y, 14, c.ball("#e2a93b"))


def tote(c: Canvas) -> None:
    shadow(c, 400, 660, 180)
    c.line("M320 340Q310 170 400 170T480 340", "#c59c63", 18)
    with c.clipped("M230 320H570L596 656H204z"):
        patchwork(c, 200, 316, 400, 344, 7)
        c.rect(200, 316, 400, 22, "#f3e2c7")
    c.line("M346 336Q340 210 400 210T454 336", "#a87f49", 16)
    blossom(c, 622, 690, 24, "#d98a8f")


def gomusin(c: Canvas) -> None:
    for x, y, colour, trim in ((20, -96, "#9fc3b4", "#5f8f7c"), (-40, 40, "#fbf8f0", "#b5aa96")):
        with c.placed(x, y):
            shadow(c, 420, 606, 230, 24)
            c.path(
                "M180 500Q170 600 250 606H560Q690 606 706 520Q712 470 680 430Q664 480 600 500"
                "Q560 504 520 490Q350 560 180 500z",
                c.fade(light(colour, 0.3), dark(colour, 0.14)),
            )
            c.oval(346, 498, 168, 36, dark(colour, 0.2))
            c.oval(346, 502, 154, 28, "#b98a5a")
            c.line("M182 504Q350 572 520 496Q570 512 610 500Q664 482 682 434", trim, 7)
            c.line("M196 590Q420 604 600 590", dark(colour, 0.25), 4, opacity=0.6)
            blossom(c, 610, 544, 24, "#d9778a")


def wrap_skirt(c: Canvas) -> None:
    shadow(c, 400, 668, 230)
    c.path("M310 260H490L640 640Q400 690 160 640z", c.fade("#e0c39b", "#c09a6b"))
    c.line(
        "".join(f"M{316 + i * 19} 270L{176 + i * 50} {646 + (20 if 2 < i < 7 else 8)}" for i in range(10)),
        "#a37c4d",
        4,
        opacity=0.7,
    )
    c.path("M300 200H500V272H300z", c.fade("#fbf3e2", "#e9d9bb"))
    c.line("M302 226H498M302 248H498", "#cfb88f", 3)
    c.path("M480 230q60-40 74-10q0 30-70 26zM484 240l60 170h-34L470 250z", "#b5523c")
    c.circle(484, 240, 15, "#96402f")


def cardigan(c: Canvas) -> None:
    top(c, "#e2cfae", TOP.replace("Q400 300 310 240", "L400 420L310 240"))
    rib = c.tile(10, 20, lambda t: t.rect(0, 0, 4, 20, "#c3a87c"))
    c.path("M310 240L400 420L490 240L470 236L400 380L330 236z", "#cdb389")
    c.rect(386, 410, 28, 220, "#cdb389")
    c.rect(250, 600, 300, 34, rib)
    for y in (440, 500, 560):
        c.circle(400, y, 11, "#7c5132")
        c.circle(398, y - 2, 3, "#e9d9bb")
    for x in (316, 484):
        cloud(c, x, 540, 100, "#f6ead2")


def apron(c: Canvas, colour: str, mark: str, pale: str = "#f3e6cc") -> None:
    """A bib apron on a peg."""
    c.circle(400, 170, 13, "#7c5132")
    c.line("M330 290Q330 176 400 176T470 290", dark(colour, 0.2), 13)
    c.path(
        "M322 280H478Q486 380 580 400L596 660H204L220 400Q314 380 322 280z",
        c.fade(light(colour, 0.12), dark(colour, 0.1)),
    )
    c.line("M332 292H468M224 648H576", dark(colour, 0.22), 4, stroke_dasharray="9 7")
    c.path(
        "M290 470H510V580Q500 600 480 600H320Q300 600 290 580z",
        light(colour, 0.1),
        stroke=dark(colour, 0.25),
        stroke_width=4,
    )
    c.line("M400 472V598", dark(colour, 0.25), 4, opacity=0.7)
    c.rect(300, 488, 200, 9, pale)
    c.path(mark, pale)


def work_apron(c: Canvas) -> None:
    apron(c, "#bd7a4e", "M340 400a34 26 0 1 1 68 0q0 40-34 40t-34-40z")
    with c.turned(12, 460, 470):
        c.rect(450, 400, 12, 90, "#e9cf9e", 5)
        c.path("M444 380h24v30h-24z", "#5d6a70")
    c.line("M220 410Q140 470 150 560M580 410Q660 470 650 560", "#9b5f38", 11)


def bucket_hat(c: Canvas) -> None:
    shadow(c, 400, 640, 240, 28)
    c.path("M270 470L310 260Q400 220 490 260L530 470z", c.round("#36486f"))
    c.oval(400, 262, 90, 24, "#44588a")
    c.path("M262 480L274 410H526L538 480z", stripes(c, (GREEN, CREAM, RED, GOLD, BLUE), 16))
    c.path("M262 474H538Q630 560 660 610Q400 690 140 610Q170 560 262 474z", c.fade("#40547f", "#293a5e"))
    c.line(
        "M236 508Q400 550 564 508M206 544Q400 596 594 544M176 580Q400 640 624 580",
        "#6f86b5",
        3,
        stroke_dasharray="10 7",
    )


def pajamas(c: Canvas) -> None:
    shadow(c, 400, 664, 210)
    c.rect(210, 560, 380, 96, c.fade("#e9d7cf", "#cdb3aa"), 20)
    c.line("M222 588H578M222 622H578", "#b04a52", 4)
    c.path("M230 290Q230 260 260 256H330L400 330L470 256H540Q570 260 570 290V566H230z", c.fade("#fbf0e8", "#e6d0c6"))
    c.line("M330 256L400 340L470 256M400 340V566M232 300L300 440M568 300L500 440", "#b04a52", 6)
    c.path(
        "M330 256L290 300L352 350L400 340zM470 256L510 300L448 350L400 340z",
        "#f6e4da",
        stroke="#b04a52",
        stroke_width=5,
    )
    for y in (390, 450, 510):
        c.circle(400, y, 9, "#fffaf0", stroke="#b04a52", stroke_width=3)
    c.rect(450, 440, 76, 76, "none", 6, stroke="#b04a52", stroke_width=5)
    c.line("M400 600q-60-40-60 4t60 0q60-40 60 4t-60 0l-24 50M400 604l24 54", "#b04a52", 7)


def poncho(c: Canvas) -> None:
    shadow(c, 400, 668, 220)
    c.path(
        "M400 180Q500 190 506 300Q640 420 660 630Q400 690 140 630Q160 420 294 300Q300 190 400 180z", c.round("#dfa02f")
    )
    c.path("M294 300Q400 360 506 300Q580 360 612 430Q400 520 188 430Q220 360 294 300z", "#efb94c")
    for x, y in ((260, 400), (400, 430), (540, 400)):
        curl_cloud(c, x, y, 100, "#fff3d3", 4)
    c.oval(400, 282, 72, 66, "#7a5312")
    c.path("M318 262Q400 200 482 262Q400 240 318 262z", "#f4c862")
    c.line("M370 350V420M430 350V420", CREAM, 6)
    for x, y in ((120, 240), (660, 260), (620, 160), (170, 350), (200, 150), (690, 390)):
        c.path(f"M{x} {y}q18 26 0 34q-18-8 0-34z", "#f3f8fb", opacity=0.85)


def winter_hat(c: Canvas) -> None:
    shadow(c, 400, 664, 170)
    knit = c.tile(24, 16, lambda t: t.line("M2 3L12 12L22 3", "#d9736a", 3.4))
    d = "M220 460Q210 250 400 236Q590 250 580 460L570 600Q540 640 500 590L476 470H324L300 590Q260 640 230 600z"
    c.path(d, c.round("#b3403f"))
    c.path(d, knit)
    c.path("M222 440Q400 400 578 440L572 500Q400 460 228 500z", c.fade("#fff7ea", "#e0d0b8"))
    c.line("M262 620Q280 680 330 690M538 620Q520 680 470 690", "#8e2f35", 9)
    c.rect(386, 190, 28, 50, GOLD, 8)
    c.path("M384 196q-60 20-74 90q30-10 40-36q-4 30-2 50q30-30 52-104z", "#d2574a")
    blossom(c, 400, 452, 26, "#4f7f62")


def slippers(c: Canvas) -> None:
    shadow(c, 400, 664, 230, 30)
    for x, lean in ((290, -6), (510, 6)):
        with c.turned(lean, x, 500):
            c.path(f"M{x} 260q100 0 100 130q0 60-14 130q-4 130-86 130t-86-130q-14-70-14-130q0-130 100-130z", "#8a7a6a")
            c.path(f"M{x} 272q90 0 88 120q0 60-14 126q-4 118-74 118t-74-118q-14-66-14-126q-2-120 88-120z", "#ecdcc0")
            c.path(f"M{x - 92} 440q-14-178 92-180q106 2 92 180q-92-60-184 0z", quilting(c, "#a3574b", 18))
            c.line(f"M{x - 92} 440q92-60 184 0", CREAM, 10)
            blossom(c, x, 350, 24, CREAM)
            gleam(c, x - 6, 500, 12, 90, 0.2)


SCENES = {
    "hanbok-line-jacket": ("peach", "window", hanbok_jacket),
    "mosi-summer-shirt": ("sky", "clouds", summer_shirt),
    "nubi-quilted-vest": ("cream", "arch", quilted_vest),
    "indigo-dyed-scarf": ("mist", "moon", indigo_scarf),
    "beoseon-socks": ("lilac", "moon", socks),
    "gat-brim-hat": ("sage", "moon", gat_hat),
    "bojagi-tote-bag": ("sky", "arch", tote),
    "gomusin-slip-ons": ("honey", "hills", gomusin),
    "norigae-knot-charm": ("jade", "window", norigae),
    "daenggi-hair-ribbon": ("sage", "arch", hair_ribbon),
    "linen-wrap-skirt": ("jade", "screen", wrap_skirt),
    "merino-cardigan": ("pine", "arch", cardigan),
    "canvas-work-apron": ("mist", "window", work_apron),
    "hanji-leather-wallet": ("sage", "moon", wallet),
    "dancheong-bucket-hat": ("cream", "moon", bucket_hat),
    "mulberry-silk-pajamas": ("jade", "moon", pajamas),
    "recycled-rain-poncho": ("sky", "clouds", poncho),
    "nambawi-winter-hat": ("mist", "hills", winter_hat),
    "silver-binyeo-hairpin": ("night", "moon", binyeo),
    "cotton-house-slippers": ("sand", "window", slippers),
}
