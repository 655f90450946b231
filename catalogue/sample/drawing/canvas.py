"""A sheet of 800 by 800 that collects shapes and writes them as SVG with presentation attributes only."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

SIDE = 800


def number(value: float) -> str:
    """One decimal is finer than a pixel at any size shown and keeps the files small."""
    return f"{value:.1f}".rstrip("0").rstrip(".").replace("-0.", "-.").removesuffix(".") or "0"


def blend(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from `first` to `second`, both written #rrggbb."""
    pairs = zip(*(bytes.fromhex(colour[1:]) for colour in (first, second)), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def light(colour: str, share: float = 0.25) -> str:
    return blend(colour, "#fffaf0", share)


def dark(colour: str, share: float = 0.25) -> str:
    """Shadows lean to a warm brown-violet; pure black would look dirty beside the tinted grounds."""
    return blend(colour, "#2a1c24", share)


class Canvas:
    def __init__(self) -> None:
        self._definitions: dict[str, str] = {}
        self._body: list[str] = []

    def _write(self, tag: str, **attributes: object) -> None:
        parts = []
        for name, value in attributes.items():
            if value is None or (name == "rx" and value == 0 and tag == "rect"):
                continue
            text = number(value) if isinstance(value, int | float) else str(value)
            parts.append(f'{name.replace("_", "-")}="{text}"')
        self._body.append(f"<{tag} {' '.join(parts)}/>")

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        r: float = 0,
        **more: object,
    ) -> None:
        self._write("rect", x=x, y=y, width=w, height=h, rx=r, fill=fill, **more)

    def circle(self, x: float, y: float, r: float, fill: str, **more: object) -> None:
        self._write("circle", cx=x, cy=y, r=r, fill=fill, **more)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str, **more: object) -> None:
        self._write("ellipse", cx=x, cy=y, rx=rx, ry=ry, fill=fill, **more)

    def path(self, d: str, fill: str, **more: object) -> None:
        self._write("path", d=d, fill=fill, **more)

    def line(self, d: str, colour: str, width: float = 4, **more: object) -> None:
        self._write(
            "path", d=d, fill="none", stroke=colour, stroke_width=width, stroke_linecap="round",
            stroke_linejoin="round", **more,
        )  # fmt: skip

    def _define(self, markup: str) -> str:
        """The same gradient asked for twice is written once."""
        name = self._definitions.setdefault(markup, f"d{len(self._definitions)}")
        return f"url(#{name})"

    def fade(self, top: str, bottom: str) -> str:
        return self._define(
            f'<linearGradient id="%s" x2="0" y2="1"><stop stop-color="{top}"/>'
            f'<stop offset="1" stop-color="{bottom}"/></linearGradient>'
        )

    def slant(self, start: str, end: str) -> str:
        return self._define(
            f'<linearGradient id="%s" y2="1"><stop stop-color="{start}"/>'
            f'<stop offset="1" stop-color="{end}"/></linearGradient>'
        )

    def round(self, colour: str, gloss: float = 0.3) -> str:
        """Light from the left on an upright cylinder."""
        stops = (
            (0, dark(colour, 0.1)),
            (0.28, light(colour, gloss)),
            (0.6, colour),
            (1, dark(colour, 0.24)),
        )
        inner = "".join(f'<stop offset="{offset}" stop-color="{stop}"/>' for offset, stop in stops)
        return self._define(f'<linearGradient id="%s">{inner}</linearGradient>')

    def ball(self, colour: str, gloss: float = 0.4) -> str:
        """Light from the upper left on something spherical."""
        return self._define(
            f'<radialGradient id="%s" cx=".35" cy=".3" r=".8"><stop stop-color="{light(colour, gloss)}"/>'
            f'<stop offset=".55" stop-color="{colour}"/><stop offset="1" stop-color="{dark(colour, 0.28)}"/>'
            "</radialGradient>"
        )

    def glow(self, colour: str, strength: float) -> str:
        return self._define(
            f'<radialGradient id="%s"><stop stop-color="{colour}" stop-opacity="{strength}"/>'
            f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></radialGradient>'
        )

    def tile(self, w: float, h: float, paint: Callable[["Canvas"], object], turn: float = 0) -> str:
        """A repeating swatch painted by `paint` on its own small sheet."""
        swatch = Canvas()
        paint(swatch)
        turned = f' patternTransform="rotate({number(turn)})"' if turn else ""
        return self._define(
            f'<pattern id="%s" width="{number(w)}" height="{number(h)}" patternUnits="userSpaceOnUse"{turned}>'
            f"{''.join(swatch._body)}</pattern>"
        )

    @contextmanager
    def _group(self, attribute: str) -> Iterator[None]:
        self._body.append(f"<g {attribute}>")
        yield
        self._body.append("</g>")

    def turned(self, angle: float, x: float = 400, y: float = 400) -> AbstractContextManager[None]:
        return self._group(f'transform="rotate({number(angle)} {number(x)} {number(y)})"')

    def placed(self, x: float, y: float, scale: float = 1) -> AbstractContextManager[None]:
        size = "" if scale == 1 else f" scale({scale:g})"
        return self._group(f'transform="translate({number(x)} {number(y)}){size}"')

    def mirrored(self, axis: float = 400) -> AbstractContextManager[None]:
        return self._group(f'transform="matrix(-1 0 0 1 {number(axis * 2)} 0)"')

    def clipped(self, d: str) -> AbstractContextManager[None]:
        return self._group(f'clip-path="{self._define(f"""<clipPath id="%s"><path d="{d}"/></clipPath>""")}"')

    def svg(self) -> str:
        definitions = "".join(markup % name for markup, name in self._definitions.items())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}"><defs>{definitions}</defs>'
            f"{''.join(self._body)}</svg>\n"
        )
