"""`python -m catalogue.sample.draw` writes the picture of every sample product, the same bytes every time."""

from pathlib import Path

from catalogue.sample.drawing import beauty, electronics, fashion, food, living, stationery
from catalogue.sample.drawing.canvas import Canvas
from catalogue.sample.drawing.setting import ground

SHELVES = (beauty, food, fashion, living, stationery, electronics)
CLOSER = 1.14  # goods are brought forward a little, so that they read well as thumbnails
FOLDER = Path(__file__).resolve().parent.parent / "static" / "catalogue" / "sample"


def pictures() -> dict[str, str]:
    """SVG by product slug."""
    drawn = {}
    for shelf in SHELVES:
        for slug, (tint, scene, paint) in shelf.SCENES.items():
            canvas = Canvas()
            ground(canvas, tint, scene)
            with canvas.placed(400 - 400 * CLOSER, 660 - 660 * CLOSER, CLOSER):
                paint(canvas)
            drawn[slug] = canvas.svg()
    return drawn


def write(folder: Path = FOLDER) -> int:
    """Writes the pictures into `folder`, removes pictures of goods no longer sold, and says how many were drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = pictures()
    for stale in folder.glob("*.svg"):
        if stale.stem not in drawn:
            stale.unlink()
    for slug, svg in drawn.items():
        (folder / f"{slug}.svg").write_text(svg, encoding="utf-8", newline="\n")
    return len(drawn)


if __name__ == "__main__":
    print(f"{write()} pictures in {FOLDER}")
