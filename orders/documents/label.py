"""The label that the sandbox courier prints."""

from __future__ import annotations

import io
from collections.abc import Mapping

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6

from orders.documents.sheet import TITLE, Paragraph, build, gap, lines


def label_pdf(number: str, address: Mapping[str, str]) -> bytes:
    """Number, bar code and address on a sheet of A6."""
    file = io.BytesIO()
    place = " ".join(filter(None, [address.get("postal_code"), address.get("city"), address.get("state")]))
    story = [
        Paragraph(number, TITLE),
        Code128(number, barHeight=40, barWidth=1),
        gap(),
        lines(
            address.get("recipient", ""),
            address.get("street", ""),
            address.get("street_2", ""),
            place,
            address.get("country", ""),
            address.get("phone", ""),
        ),
    ]
    build(file, number, story, size=A6)
    return file.getvalue()
