"""A sheet of paper that can write Korean, Japanese and Chinese beside Latin letters, without a font file of its own."""

from __future__ import annotations

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

# PDF's own fonts for Korean: every reader brings them, so none is embedded.
FONT = "HYGothic-Medium"
MARGIN = 18 * mm

pdfmetrics.registerFont(UnicodeCIDFont(FONT))

TITLE = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=24, spaceAfter=6)
WORDS = ParagraphStyle("words", fontName=FONT, fontSize=9.5, leading=14, wordWrap="CJK")
SMALL = ParagraphStyle("small", parent=WORDS, fontSize=8, leading=11, textColor=colors.HexColor("#555555"))
NUMBER = ParagraphStyle("number", parent=WORDS, alignment=2)


def plain(text: object) -> str:
    """Text as a paragraph takes it: whatever somebody typed stays text."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def lines(*texts: object, style: ParagraphStyle = WORDS) -> Paragraph:
    """Several lines as one block; empty ones are left out."""
    return Paragraph("<br/>".join(plain(text) for text in texts if text), style)


def table(rows: list[list[str]], widths: list[float], *, totals: int = 0) -> Table:
    """A table whose first row is its head and whose last `totals` rows stand out; the last columns hold numbers."""
    cells = [
        [Paragraph(plain(cell), WORDS if column < 1 else NUMBER) for column, cell in enumerate(row)] for row in rows
    ]
    made = Table(cells, colWidths=widths, repeatRows=1)
    style = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#cccccc")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    if totals:
        style.append(("LINEABOVE", (0, -totals), (-1, -totals), 0.8, colors.black))
    made.setStyle(TableStyle(style))
    return made


def build(file: object, title: str, story: list[object], *, size: tuple[float, float] = A4) -> None:
    """Write the sheet."""
    document = SimpleDocTemplate(
        file, pagesize=size, title=title, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN
    )
    document.build(story)


def gap(height: float = 6 * mm) -> Spacer:
    """Some room."""
    return Spacer(1, height)
