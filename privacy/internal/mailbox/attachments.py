"""What lay in the envelope: each file is looked at before staff may take it, and none is ever opened here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from privacy.cards import without_card_numbers
from privacy.models.letter import LetterAttachment

# More files than this in one letter are not sent by a person who asks for something.
MOST = 50
_LONGEST_NAME = 120
# First bytes by which a kind of file is known, whatever it is called: the kind, and the endings that fit it.
_PLAIN: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", ("pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", ("jpg", "jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", ("png",)),
    (b"GIF87a", "image/gif", ("gif",)),
    (b"GIF89a", "image/gif", ("gif",)),
    (b"II*\x00", "image/tiff", ("tif", "tiff")),
    (b"MM\x00*", "image/tiff", ("tif", "tiff")),
    (b"BM", "image/bmp", ("bmp",)),
)
# Files that do something when they are opened, or hide others that do.
_ACTIVE: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"#!", "text/x-script"),
    (b"PK\x03\x04", "application/zip"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"\xca\xfe\xba\xbe", "application/java-archive"),
    (b"{\\rtf", "application/rtf"),
)
_MARKUP = re.compile(rb"(?is)<\s*(?:!doctype|html|svg|script|body|iframe|img|math|\?xml)\b|javascript:")
_ACTIVE_ENDINGS = frozenset(
    [
        "exe",
        "com",
        "bat",
        "cmd",
        "scr",
        "pif",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "ps1",
        "sh",
        "jar",
        "msi",
        "hta",
        "lnk",
        "url",
        "html",
        "htm",
        "xhtml",
        "shtml",
        "svg",
        "xml",
        "docm",
        "xlsm",
        "pptm",
        "iso",
        "img",
        "apk",
        "dmg",
        "app",
        "chm",
        "reg",
        "swf",
        "mht",
        "eml",
    ]
)
_TEXT_ENDINGS = frozenset({"", "txt", "csv", "text", "md", "log"})
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: under which name it is given to staff, of what kind it is by its bytes, and what the check found."""

    name: str
    media_type: str
    check: str
    data: bytes


def examine(name: str, data: bytes, *, said: str) -> Attachment:
    """Look at a file's name and first bytes. `said` is the kind that the mail calls it, which nobody has to believe."""
    name = safe_name(name)
    media_type, check = _verdict(_ending(name), data)
    if media_type == "text/plain":
        data = _without_cards(data)
    return Attachment(name, media_type if media_type else f"said to be {said}"[:80], check, data)


def safe_name(name: str) -> str:
    """A file's name that leads nowhere, hides nothing and fits into a header; card numbers are struck out of it too."""
    name = unicodedata.normalize("NFC", _UNSEEN.sub("", name)).replace("\\", "/").rpartition("/")[2]
    name = without_card_numbers(re.sub(r"[<>:\"|?*%;\n\r]+", "_", name)).strip(" .")
    if len(name) > _LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = stem[: _LONGEST_NAME - 9] + dot + ending[:8] if dot and stem else name[:_LONGEST_NAME]
    return name or "attachment"


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _verdict(ending: str, data: bytes) -> tuple[str, str]:
    check = LetterAttachment.Check
    for magic, kind in _ACTIVE:
        if data.startswith(magic):
            return kind, check.ACTIVE
    for magic, kind, endings in _PLAIN:
        if data.startswith(magic):
            if ending in _ACTIVE_ENDINGS or (kind == "application/pdf" and _acts(data)):
                return kind, check.ACTIVE
            return kind, check.PLAIN if ending in endings else check.ODD
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return "image/heic", check.PLAIN if ending in ("heic", "heif", "avif") else check.ODD
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp", check.PLAIN if ending == "webp" else check.ODD
    if ending in _ACTIVE_ENDINGS or _MARKUP.search(data[:4096]):
        return "text/html" if _MARKUP.search(data[:4096]) else "", check.ACTIVE
    if b"\x00" not in data[:4096]:
        return "text/plain", check.PLAIN if ending in _TEXT_ENDINGS else check.ODD
    return "", check.ODD


def _acts(pdf: bytes) -> bool:
    return any(word in pdf for word in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile", b"/OpenAction"))


def _without_cards(data: bytes) -> bytes:
    # Byte for byte, so that a text in whatever charset stays what it was but for the digits.
    text = data.decode("latin-1")
    masked = without_card_numbers(text)
    return data if masked == text else masked.replace("•", "*").encode("latin-1")
