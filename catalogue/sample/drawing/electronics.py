"""Small appliances and gadgets of the electronics shelf."""

from catalogue.sample.drawing.canvas import Canvas, dark
from catalogue.sample.drawing.motifs import CREAM, GOLD, INK, RED, cloud, curl_cloud, patchwork
from catalogue.sample.drawing.setting import gleam, pebble, shadow, steam

WHITE, SLATE = "#f1ece2", "#4a4954"


def earbuds(c: Canvas) -> None:
    shadow(c, 390, 660, 170)
    c.path("M230 500Q220 350 390 344T550 500z", c.ball("#e9e4d8", 0.8))
    c.path("M256 494Q256 380 390 376T526 494z", "#c9c2b3")
    c.path("M222 500H558Q564 650 390 656T222 500z", c.ball(WHITE, 0.8))
    c.oval(390, 500, 168, 36, "#d8d1c2")
    c.oval(390, 504, 150, 28, "#4a4650")
    c.circle(390, 590, 7, "#7fbf8a")
    for x, y, lean in ((320, 430, -12), (460, 430, 12)):
        with c.turned(lean, x, y):
            c.rect(x - 17, y, 34, 96, c.round(WHITE), 17)
            c.oval(x, y - 8, 46, 40, c.ball(WHITE, 0.9))
            c.oval(x - 8 if x < 390 else x + 8, y - 8, 17, 20, "#5d5964")
    pebble(c, 640, 700, 62, "#8f9a94")
    pebble(c, 160, 706, 46, "#b5aca0")


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


def keyboard(c: Canvas) -> None:
    shadow(c, 400, 640, 310, 30)
    c.path("M130 380H670L720 600V632H80V600z", "#b8a88e")
    c.path("M130 376H670L720 604H80z", c.fade("#e9dcc4", "#cfbd9c"))
    tints = ("#f8f0e0", "#f8f0e0", "#8fae9f", "#f8f0e0", "#f8f0e0", "#f8f0e0")
    for row in range(4):
        y, width, left = 392 + row * 42, 40 + row * 2, 146 - row * 10
        for i in range(12):
            colour = RED if (row, i) == (0, 0) else "#8fae9f" if i in (0, 11) else tints[1]
            c.rect(left + i * (width + 3), y + 4, width - 2, 34, dark(colour, 0.25), 6)
            c.rect(left + i * (width + 3), y, width - 2, 32, colour, 6)
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
    c.line("M180 380Q300 366 400 384T620 376M176 440Q280 424 380 444T624 432M176 600Q300 586 420 606T624 594", "#996a36", 3, opacity=0.6)
    mesh = c.tile(14, 14, lambda t: [t.rect(0, 0, 14, 14, "#5a4638"), t.circle(7, 7, 3.4, "#3a2d26")])
    c.circle(330, 500, 126, "#8a5f30")
    c.circle(330, 500, 114, mesh)
    c.circle(330, 500, 34, c.ball("#8a6a4a"))
    c.circle(540, 430, 40, c.ball(GOLD))
    c.line("M540 430V398", "#7c5a18", 6)
    for i in range(6):
        c.line(f"M506 {520 + i * 18}H580", "#6b4526", 5)
    c.line("M300 330q0-60 100-60t100 60", "#7c4526", 20)
    c.path("M620 230v-70l50-14v66M620 230a16 12 0 1 1-1-4M670 212a16 12 0 1 1-1-4", "#8a5f30")


def sunrise_clock(c: Canvas) -> None:
    c.circle(400, 430, 330, c.glow("#ffb45a", 0.8))
    shadow(c, 400, 662, 160)
    c.circle(400, 450, 200, c.fade("#ffe9a8", "#ef7f45"))
    c.path("M206 500Q260 470 310 500T414 500T518 500T594 496A200 200 0 0 1 206 500z", "#4f86a0")
    c.path("M216 540Q270 516 320 540T424 540T528 540T580 538A200 200 0 0 1 216 540z", "#38668a")
    for x, segments in ((300, "M-14-26H14M14-26V0M14 0V26"), (350, "M14-26H-14V26H14V0H-14"), (446, "M-14-26H14V0H-14M14 0V26H-14"), (496, "M-14-26H14V26H-14Z")):
        with c.placed(x, 420):
            c.line(segments, "#fffaf0", 8)
    c.circle(398, 410, 5, "#fffaf0")
    c.circle(398, 432, 5, "#fffaf0")
    c.path("M270 630H530L560 664H240z", c.round("#8f5a36"))


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
        c.circle(400, 416, r, "none", stroke=colour, stroke_width=12, stroke_linecap="round", stroke_dasharray=f"{share} 900", transform="rotate(-90 400 416)")
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
    c.path("M560 224L500 270L520 320L540 310V480H660V310L680 320L700 270L640 224Q600 260 560 224z", c.fade("#fbf3e2", "#e0cfae"))
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
    c.path("M160 540Q290 490 400 570Q510 490 640 540V622Q510 580 400 640Q290 580 160 622z", c.fade("#fffdf4", "#ecdfc2"))
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
    c.path("M420 500L90 130V560z", c.glow("#fff3c4", 0.9))
    c.path("M330 430L60 170V640L330 530z", "#fff3c4", opacity=0.35)
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


def heating_pad(c: Canvas) -> None:
    shadow(c, 390, 660, 240)
    c.path("M180 330Q400 300 590 330Q640 340 640 380L660 620Q660 656 610 650Q380 624 170 652Q120 656 126 610L146 370Q150 334 180 330z", c.fade("#d9785a", "#b04a3c"))
    c.path("M190 352Q400 322 590 352L630 628Q390 602 154 630z", "none", stroke="#f3c9a6", stroke_width=5, stroke_dasharray="12 9")
    for y in (410, 470, 530, 590):
        c.line(f"M220 {y}q45-34 90 0t90 0 90 0 80 0", "#f0a07c", 10)
    c.line("M640 560Q720 560 700 640T620 700", SLATE, 9)
    c.rect(540, 676, 96, 46, c.round(WHITE), 16)
    for i in range(3):
        c.circle(564 + i * 22, 699, 7, "#e2693f" if i < 2 else "#c9c2b3")
    for x in (300, 400, 500):
        c.line(f"M{x} 290q-20-22 0-44t0-44", "#f6b48a", 9, opacity=0.8)


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
