"""A photograph that is kept shows what was sent and tells nothing else, and no file can make the store unpack too much."""

import io
import struct
import zlib

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from privacy import photographs
from privacy.photographs import NotAPhotograph, PhotographsField, as_jpeg, without_metadata
from tests.support.photographs import TELLING, as_upload, taken_by_a_telephone


def opened(kept: str) -> Image.Image:
    return Image.open(io.BytesIO(as_jpeg(kept)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_time_and_device_are_gone_and_the_picture_is_there(kind):
    sent = taken_by_a_telephone(kind)
    assert b"SecretPhone" in sent, "a search that could not find it would prove nothing"
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    kept = without_metadata(sent)
    assert [telling for telling in TELLING if telling in as_jpeg(kept)] == []
    picture = opened(kept)
    assert picture.format == "JPEG"
    assert picture.size == (60, 40)
    assert not picture.getexif()
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    red, _green, blue = picture.getpixel((10, 20))
    assert red > 200 > 60 > blue


def test_what_was_held_sideways_stands_upright():
    picture = opened(without_metadata(taken_by_a_telephone(turned=True)))
    assert picture.size == (40, 60)
    top, bottom = picture.getpixel((20, 5)), picture.getpixel((20, 55))
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


def test_a_large_one_is_kept_smaller_and_a_transparent_one_on_white():
    assert max(opened(without_metadata(taken_by_a_telephone(size=(3000, 2000)))).size) == 1600
    clear = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(clear, "PNG")
    assert min(opened(without_metadata(clear.getvalue())).getpixel((4, 4))) > 250


def _png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say of themselves that they are a very large picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8000, 6000), (10_000, 10_000), (30_000, 30_000), (65_000, 65_000)])
def test_too_many_pixels_are_refused_before_any_is_unpacked(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(NotAPhotograph):
        without_metadata(_png_that_claims(*size))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"%PDF-1.4",
        b"GIF89a" + b"0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        taken_by_a_telephone()[:200],
        taken_by_a_telephone("PNG")[:-30],
    ],
)
def test_what_is_no_photograph_is_refused_with_a_sentence(sent):
    with pytest.raises(NotAPhotograph, match="photograph"):
        without_metadata(sent)


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr(photographs, "LARGEST", 100)

    class Unread(SimpleUploadedFile):
        def read(self, *_size):
            pytest.fail("it was read")

    file = Unread("a.jpg", taken_by_a_telephone())
    with pytest.raises(forms.ValidationError, match="10 MB"):
        PhotographsField().clean([file])


def test_not_more_than_were_asked_for():
    file = taken_by_a_telephone()
    assert len(PhotographsField(most=2).clean([as_upload(file), as_upload(file)])) == 2
    with pytest.raises(forms.ValidationError, match="at most 2"):
        PhotographsField(most=2).clean([as_upload(file)] * 3)
    assert PhotographsField(required=False).clean([]) == []
