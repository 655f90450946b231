"""Photographs that people send, made anew: what is kept shows the same and says nothing of place, time or device."""

from __future__ import annotations

import base64
import io
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST = 10 * 1024 * 1024  # bytes, as sent
MOST_PIXELS = 40_000_000
_WIDEST = 1600  # pixels, as kept
_FORMATS = ("JPEG", "PNG", "WEBP")
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class NotAPhotograph(Exception):
    """The text is a sentence for whoever sent it."""


def without_metadata(sent: bytes) -> str:
    """A photograph made anew from its pixels alone, upright: a JPEG in base 64, as a record keeps it.

    How large it is stands in its first bytes, so one with too many pixels is refused before any is unpacked. Raises
    `NotAPhotograph`.
    """
    if len(sent) > LARGEST:
        raise NotAPhotograph(_("A photograph may have at most 10 MB. Please send a smaller one."))
    try:
        with Image.open(io.BytesIO(sent), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NotAPhotograph(_("This photograph has too many pixels. Please send a smaller one."))
            # A JPEG is unpacked no larger than it will be kept; the others do not know how.
            picture.draft("RGB", (_WIDEST, _WIDEST))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_WIDEST, _WIDEST))
            clean = Image.new("RGB", upright.size, "white")
            if upright.has_transparency_data:
                upright = upright.convert("RGBA")
                clean.paste(upright, mask=upright.getchannel("A"))
            else:
                clean.paste(upright.convert("RGB"))
    except _BROKEN as error:
        raise NotAPhotograph(_("This is no photograph that we can read. Please send a JPEG, PNG or WebP.")) from error
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=85)
    return base64.b64encode(kept.getvalue()).decode()


def as_jpeg(kept: str) -> bytes:
    """A kept photograph as a browser takes it."""
    return base64.b64decode(kept)


def take(sent: list[UploadedFile], *, most: int) -> list[str]:
    """The photographs of a form or a call, made anew one after the other. Raises `NotAPhotograph`.

    What is too large is refused by the size that it came with, before it is read.
    """
    if len(sent) > most:
        raise NotAPhotograph(
            ngettext("Please send at most %(most)s photograph.", "Please send at most %(most)s photographs.", most)
            % {"most": most}
        )
    if any((file.size or 0) > LARGEST for file in sent):
        raise NotAPhotograph(_("A photograph may have at most 10 MB. Please send a smaller one."))
    return [without_metadata(file.read(LARGEST + 1)) for file in sent]


class _SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotographsField(forms.FileField):
    """Some photographs in one field of a form; what comes out are texts as `without_metadata` makes them."""

    def __init__(self, *, most: int = 3, **kwargs: Any) -> None:
        self.most = most
        kwargs.setdefault(
            "help_text",
            gettext_lazy("JPEG, PNG or WebP. Place, time and device are taken out before we keep them."),
        )
        kwargs.setdefault(
            "widget", _SeveralFilesInput(attrs={"multiple": True, "accept": "image/jpeg,image/png,image/webp"})
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[str]:
        sent: list[UploadedFile] = [file for file in (data or []) if file]
        if self.required and not sent:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        try:
            return take(sent, most=self.most)
        except NotAPhotograph as refusal:
            raise forms.ValidationError(str(refusal), code="unreadable") from refusal
