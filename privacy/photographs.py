"""A photograph that somebody sends is made anew before it is kept: place, time and device are gone from it."""

from __future__ import annotations

import base64
import io

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST = 10 * 1024 * 1024  # bytes, as sent
_WIDEST = 1600  # pixels, as kept
_MOST_PIXELS = 40_000_000


class UnreadablePhotograph(Exception):
    """The text is a sentence for whoever sent it."""


def without_metadata(sent: bytes) -> str:
    """A JPEG in base 64, which holds nothing but the picture. Raises `UnreadablePhotograph`."""
    if len(sent) > LARGEST:
        raise UnreadablePhotograph(_("A photograph may have at most 10 MB. Please send a smaller one."))
    try:
        with Image.open(io.BytesIO(sent), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise UnreadablePhotograph(_("This photograph has too many pixels. Please send a smaller one."))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePhotograph(
            _("This is no photograph that we can read. Please send a JPEG, PNG or WebP.")
        ) from error
    upright.thumbnail((_WIDEST, _WIDEST))
    # Onto a new sheet, since a copy of the picture would carry along what was written into it.
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=85)
    return base64.b64encode(kept.getvalue()).decode()


def picture_of(kept: str) -> bytes:
    """The JPEG that is kept as text."""
    return base64.b64decode(kept)
