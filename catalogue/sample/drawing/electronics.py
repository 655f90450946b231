"""Small appliances and gadgets of the electronics shelf."""

from catalogue.sample.drawing.appliances import (
    SLATE,
    WHITE,
    desk_fan,
    heating_pad,
    humidifier,
    induction,
    kettle,
    kimchi_fridge,
    massager,
    rice_cooker,
    steamer,
)
from catalogue.sample.drawing.canvas import Canvas, dark
from catalogue.sample.drawing.motifs import CREAM, GOLD, INK, RED, cloud, curl_cloud, patchwork
from catalogue.sample.drawing.setting import gleam, pebble, shadow


def earbuds(c: Canvas) -> None:
    shadow(c, 360, 640, 170)
    c.path("M190 470Q180 310 350 304T510 470z", c.ball("#e9e4d8", 0.8))
    c.path("M216 464Q216 340 350 336T486 464z", "#c9c2b3")
    c.path("M182 470H518Q524 634 350 640T182 470z", c.ball(WHITE, 0.8))
    c.oval(350, 470, 168, 36, "#d8d1c2")
    c.oval(350, 474, 150, 28, "#4a4650")
    c.circle(350, 570, 7, "#7fbf8a")
    for x in (292, 408):
        c.oval(x, 476, 30, 14, "#2f2c35")
    for x, y, lean in ((540, 640, 64), (640, 560, 24)):
        with c.turned(lean, x, y):
            c.oval(x + 4, y + 20, 50, 40, c.glow("#2a1c24", 0.4))
            c.rect(x - 34, y - 6, 30, 116, c.round(WHITE), 15)
            c.circle(x - 8, y - 8, 38, c.ball(WHITE, 0.9))
            c.oval(x + 30, y - 16, 20, 25, c.ball("#5d5964"))
            c.circle(x - 19, y + 84, 4, "#7fbf8a")
    pebble(c, 170, 706, 56, "#8f9a94")


def keyboard(c: Canvas) -> None:
    shadow(c, 400, 640, 310, 30)
    c.path("M130 380H670L720 600V632H80V600z", "#b8a88e")
    c.path("M130 376H670L720 604H80z", c.fade("#e9dcc4", "#cfbd9c"))
    for row in range(4):
        y, width, left = 392 + row * 42, 40 + row * 2, 146 - row * 10
        for i, colour in ((0, RED if row == 0 else "#8fae9f"), (11, "#8fae9f")):
            c.rect(left + i * (width + 3), y + 4, width - 2, 34, dark(colour, 0.25), 6)
            c.rect(left + i * (width + 3), y, width - 2, 32, colour, 6)
        caps = c.tile(
            width + 3, 42,
            lambda t, w=width: [t.rect(0, 4, w - 2, 34, "#c4b7a3", 6), t.rect(0, 0, w - 2, 32, "#f8f0e0", 6)],
        )  # fmt: skip
        with c.placed(left + width + 3, y):
            c.rect(0, 0, (width + 3) * 10, 42, caps)
    c.rect(110, 560, 90, 34, "#8fae9f", 6)
    c.rect(210, 560, 360, 34, "#e9a445", 6)
    c.rect(580, 560, 104, 34, "#8fae9f", 6)
    c.line("M400 376Q400 300 470 290T560 210", SLATE, 8)


def power_bank(c: Canvas) -> None:
    shadow(c, 390, 662, 130)
    with c.turned(-6, 390, 640):
        c.rect(420, 300, 180, 340, c.round("#36486f"), 32)
    c.rect(270, 260, 220, 396, c.round("#dcc9a6", 0.4), 38)
    curl_cloud(c, 380, 470, 130, "#b5996a", 4)
    for i in range(4):
        c.circle(338 + i * 28, 610, 7, "#6fae7c" if i < 3 else "#b5996a")
    c.rect(350, 262, 60, 14, "#6d5a3e", 7)
    c.line("M300 280Q200 200 190 330T150 480", RED, 14)
    c.rect(130, 470, 40, 62, c.round("#e9e4da"), 8)
    c.rect(140, 528, 20, 26, "#b9bdc2", 4)
    gleam(c, 288, 310, 12, 240)


def speaker(c: Canvas) -> None:
    shadow(c, 400, 662, 230)
    c.rect(170, 330, 460, 326, c.fade("#d9ae74", "#b07f45"), 36)
    c.line(
        "M180 380Q300 366 400 384T620 376M176 440Q280 424 380 444T624 432M176 600Q300 586 420 606T624 594",
        "#996a36",
        3,
        opacity=0.6,
    )
    mesh = c.tile(14, 14, lambda t: [t.rect(0, 0, 14, 14, "#5a4638"), t.circle(7, 7, 3.4, "#3a2d26")])
    c.circle(330, 500, 126, "#8a5f30")
    c.circle(330, 500, 114, mesh)
    c.circle(330, 500, 34, c.ball("#8a6a4a"))
    c.circle(540, 430, 40, c.ball(GOLD))
    c.line("M540 430V398", "#7c5a18", 6)
    for i in range(6):
        c.line(f"M506 {520 + i * 18}H580", "#6b4526", 5)
    c.line("M300 330q0-60 100-60t100 60", "#7c4526", 20)
    c.line("M620 230v-66l50-14v62", "#8a5f30", 8)
    c.oval(608, 232, 16, 12, "#8a5f30")
    c.oval(658, 214, 16, 12, "#8a5f30")


def sunrise_clock(c: Canvas) -> None:
    c.circle(400, 430, 330, c.glow("#ffb45a", 0.8))
    shadow(c, 400, 662, 160)
    c.circle(400, 450, 200, c.fade("#ffe9a8", "#ef7f45"))
    c.path("M206 500Q260 470 310 500T414 500T518 500T594 496A200 200 0 0 1 206 500z", "#4f86a0")
    c.path("M216 540Q270 516 320 540T424 540T528 540T580 538A200 200 0 0 1 216 540z", "#38668a")
    for x, segments in (
        (300, "M-14-26H14V26H-14Z"),
        (350, "M14-26H-14V26H14V0H-14"),
        (446, "M-14-26H14V0H-14M14 0V26H-14"),
        (496, "M-14-26H14V26H-14Z"),
    ):
        with c.placed(x, 420):
            c.line(segments, "#fffaf0", 8)
    c.circle(398, 410, 5, "#fffaf0")
    c.circle(398, 432, 5, "#fffaf0")
    c.path("M270 630H530L560 664H240z", c.round("#8f5a36"))


def watch(c: Canvas) -> None:
    shadow(c, 400, 664, 110)
    weave = c.tile(12, 12, lambda t: [t.rect(0, 0, 12, 12, "#36486f"), t.line("M0 6L6 0M6 12L12 6", "#5a74a8", 3)])
    c.path("M326 330L340 170H460L474 330z", weave)
    c.path("M326 500L340 664H460L474 500z", weave)
    c.rect(520, 392, 28, 48, c.round("#b9bdc2"), 8)
    c.circle(400, 416, 138, c.ball("#c9ccd0", 0.7))
    c.circle(400, 416, 118, "#211f27")
    for r, colour, share in ((98, "#e2693f", 420), (80, "#e9b44c", 330), (62, "#7fb89a", 250)):
        c.circle(400, 416, r, "none", stroke=dark(colour, 0.6), stroke_width=12)
        c.circle(
            400,
            416,
            r,
            "none",
            stroke=colour,
            stroke_width=12,
            stroke_linecap="round",
            stroke_dasharray=f"{share} 900",
            transform="rotate(-90 400 416)",
        )
    c.line("M376 424l14 16 34-44", CREAM, 8)


def charging_tray(c: Canvas) -> None:
    shadow(c, 400, 664, 270)
    c.path("M150 470H650L710 610V640L690 656H110L90 640V610z", "#5d3a22")
    c.path("M150 466H650L710 612H90z", c.slant("#9a6237", "#6f4324"))
    c.path("M172 482H628L676 598H124z", "#7f4f2c")
    with c.turned(-4, 280, 500):
        c.path("M200 400H330L300 580H160z", "#1f1e26")
        c.path("M206 408H322L294 572H170z", c.slant("#4a6a8f", "#2c3a5a"))
        c.circle(246, 490, 26, "none", stroke="#8fd0a4", stroke_width=6)
    c.oval(430, 560, 60, 34, c.ball(WHITE, 0.8))
    c.line("M372 556q58 24 116 0", "#c9c2b3", 4)
    c.circle(430, 580, 4, "#6fae7c")
    c.oval(570, 550, 60, 30, "none", stroke="#36486f", stroke_width=16)
    c.oval(570, 538, 34, 26, "#211f27")
    c.oval(570, 536, 24, 17, "#e9a445")
    c.line("M690 640q50 20 40 60", "#d9c7a6", 7)


def photo_printer(c: Canvas) -> None:
    shadow(c, 400, 664, 170)
    c.path("M310 180H490V420H310z", "#fffaf0")
    c.path("M326 198H474V370H326z", c.fade("#f6c9a0", "#e58a6e"))
    c.circle(430, 250, 26, "#fff3d0")
    c.path("M326 370V320Q370 270 410 320T474 300V370z", "#5f8a6a")
    patchwork(c, 326, 376, 148, 30, 4)
    c.rect(220, 400, 360, 256, c.round("#e9b4ae", 0.4), 44)
    c.rect(290, 414, 220, 16, "#8a4a4c", 8)
    c.circle(400, 540, 48, c.ball(WHITE, 0.8))
    c.circle(400, 540, 24, "#d98a8f")
    c.circle(530, 610, 8, "#7fbf8a")
    with c.turned(14, 640, 640):
        c.rect(590, 560, 100, 130, "#fffaf0", 4)
        c.rect(602, 572, 76, 82, "#a9c6d6")
        cloud(c, 640, 616, 56, "#fff")


def reading_light(c: Canvas) -> None:
    c.path("M470 270L230 640H640L560 280z", c.fade("#ffe9a8", "#fff6dc"), opacity=0.55)
    shadow(c, 400, 664, 230)
    c.path("M150 560Q280 510 400 580Q520 510 650 560V640Q520 600 400 656Q280 600 150 640z", "#34557f")
    c.path(
        "M160 540Q290 490 400 570Q510 490 640 540V622Q510 580 400 640Q290 580 160 622z", c.fade("#fffdf4", "#ecdfc2")
    )
    for i in range(4):
        c.line(f"M{196 + i * 4} {556 + i * 17}q90-24 170 20M{436 - i * 2} {578 + i * 17}q80-44 170-22", "#c9bb98", 4)
    c.line("M640 560Q720 420 640 300T520 250", SLATE, 15)
    c.path("M606 530h70v66h-70z", c.round("#e9a445"))
    c.path("M530 214Q430 210 430 270Q480 320 540 286z", c.round("#e9a445"))
    c.oval(482, 290, 46, 13, "#fffbe6", transform="rotate(14 482 290)")


def usb_hub(c: Canvas) -> None:
    shadow(c, 430, 640, 220)
    c.path("M220 520H640L670 570V620H190V570z", "#8d939b")
    c.path("M222 470H638L672 566H188z", c.slant("#dfe3e7", "#b3b9c1"))
    c.rect(188, 566, 484, 62, c.fade("#c3c8ce", "#9299a2"), 10)
    for x, w in ((214, 62), (296, 62), (378, 62), (462, 80), (562, 34), (612, 34)):
        c.rect(x, 584, w, 26, "#2f2d36", 5)
        if w == 62:
            c.rect(x + 8, 596, w - 16, 8, "#4f86c6")
    c.circle(430, 516, 8, "#7fd09a")
    c.line("M222 500Q110 500 120 400T220 300", RED, 17)
    c.line("M220 300q-50-60 10-76t60 60q-40 60-110 30M220 300q90-10 100-80M230 290q70 70 160 0t160-60", RED, 17)
    c.line("M222 500Q110 500 120 400T220 300M230 290q70 70 160 0t160-60", "#e58a78", 4, stroke_dasharray="6 12")
    c.rect(540, 200, 82, 46, c.round("#c9ccd0"), 10)
    c.rect(620, 210, 34, 26, "#8d939b", 8)


def projector(c: Canvas) -> None:
    c.path("M360 430L40 190V650L360 530z", "#fff3c4", opacity=0.22)
    c.path("M360 450L40 240V600L360 510z", "#fff3c4", opacity=0.35)
    shadow(c, 470, 664, 170)
    c.rect(310, 350, 300, 300, c.fade("#5d6f92", "#3a4866"), 40)
    c.path("M350 350Q330 350 322 370L590 366Q584 350 570 350z", "#7f92b8")
    c.circle(400, 480, 78, "#2a3248")
    c.circle(400, 480, 60, c.ball("#8fb4d9", 0.6))
    c.circle(400, 480, 30, "#fff6d6")
    for i in range(5):
        c.line(f"M520 {430 + i * 26}h56", "#2a3248", 9)
    c.rect(350, 646, 50, 16, INK, 5)
    c.rect(520, 646, 50, 16, INK, 5)
    c.rect(400, 590, 90, 10, "#e9a445", 5)


SCENES = {
    "wireless-earbuds": ("jade", "hills", earbuds), "gooseneck-electric-kettle": ("peach", "arch", kettle),
    "mini-rice-cooker": ("sage", "moon", rice_cooker), "portable-induction-cooktop": ("cream", "window", induction),
    "moonlight-humidifier": ("night", "clouds", humidifier), "mechanical-keyboard-75": ("lilac", "moon", keyboard),
    "pocket-power-bank": ("sky", "arch", power_bank), "desk-wood-speaker": ("jade", "window", speaker),
    "sunrise-alarm-clock": ("night", "waves", sunrise_clock), "neck-shoulder-massager": ("cream", "moon", massager),
    "folding-desk-fan": ("sky", "hills", desk_fan), "smart-watch-lite": ("sand", "moon", watch),
    "wireless-charging-tray": ("mist", "arch", charging_tray), "handheld-garment-steamer": ("rose", "arch", steamer),
    "kimchi-mini-fridge": ("honey", "window", kimchi_fridge), "mini-photo-printer": ("cream", "hills", photo_printer),
    "book-reading-light": ("pine", "arch", reading_light), "usb-c-hub-knot": ("mist", "moon", usb_hub),
    "mini-beam-projector": ("wine", "screen", projector), "electric-heating-pad": ("sand", "window", heating_pad),
}  # fmt: skip
