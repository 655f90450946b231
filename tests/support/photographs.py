"""Photographs as a telephone takes them: with the place, the time, the device and a smaller picture inside."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

# Whatever of a photograph must not be kept, as bytes that can be looked for.
TELLING = (b"SecretPhone", b"SecretComment", b"SecretPlace", b"2026:11:01", b"Exif", b"GPS", b"http://ns.adobe.com")


def taken_by_a_telephone(kind: str = "JPEG", size: tuple[int, int] = (60, 40), *, turned: bool = False) -> bytes:
    """A picture, red on its left half and blue on its right, with everything in it that a telephone adds."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "SecretPhone", "SecretPhone 12"
    exif[0x0132] = "2026:11:01 12:00:00"
    if turned:
        exif[0x0112] = 6  # to be turned by a quarter to the right
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 59.0), 3: "E", 4: (126.0, 58.0, 40.0), 29: "2026:11:01"})
    exif.get_ifd(0x8769)[0x9003] = "2026:11:01 12:00:00"
    more: dict[str, Any] = {"exif": exif}
    if kind == "JPEG":
        xmp = b'<x:xmpmeta xmlns:x="http://ns.adobe.com/x/">SecretPlace</x:xmpmeta>'
        more |= {"comment": b"SecretComment", "xmp": xmp, "quality": 95}
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return file.getvalue()


def as_upload(
    content: bytes, name: str = "IMG_2026-11-01 SecretPlace.jpg", kind: str = "image/jpeg"
) -> SimpleUploadedFile:
    """The same as a browser sends it."""
    return SimpleUploadedFile(name, content, kind)
