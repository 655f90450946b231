"""A mail as text: what cannot be decoded is replaced, never dropped."""

from __future__ import annotations

import datetime as dt
import email.errors
import email.header
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from privacy.internal.mailbox import attachments, html, machines
from privacy.internal.mailbox.attachments import Attachment

# What is kept of one letter as text. The rest of a longer one is there to be read as an attachment.
MOST_CHARACTERS = 100_000
# Parts within parts within parts: deeper than this nobody writes by hand.
_DEEPEST = 30
_MOST_PARTS = 300
# Characters that print nothing and turn what stands around them: controls, and overrides of the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_ADDRESS = re.compile(r"[^\s@<>\"'()\[\],;:]{1,64}@[^\s@<>\"'()\[\],;:]{1,190}")
# The first line that a server put on top of a mail, below those of the delivery itself.
_RECEIVED = re.compile(
    rb"(?is)(?:(?:return-path|delivered-to|x-original-to|envelope-to):[^\n]*\n)*received:(.*?)(?:\n(?![ \t])|$)"
)
# Python knows Korean mail by its codec's names; mail programs say it otherwise, or mean the larger set.
_CHARSETS = {
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "x-windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "iso-2022-jp": "iso2022_jp_ext", "gb2312": "gb18030",
    "gbk": "gb18030", "x-gbk": "gb18030", "big5": "cp950", "unicode-1-1-utf-7": "utf-7", "iso-8859-1": "cp1252",
    "us-ascii": "cp1252", "ascii": "cp1252", "unknown-8bit": "cp1252", "iso-8859-8-i": "iso-8859-8", "tis-620": "cp874",
}  # fmt: skip
# Looked at in this order when a text does not say its charset, or says one that it is not in.
_GUESSES = ("utf-8", "cp949", "iso2022_jp_ext", "cp932", "gb18030")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as text: from whom, about what, what came with it, and whether a machine wrote it."""

    sender: str
    # All addresses that the letter says it comes from, the sender's first: a stop counts for each of them.
    senders: tuple[str, ...]
    heading: str
    body: str
    digest: str
    automatic: bool
    # A machine that must not be answered although a person may have written.
    answerable: bool = True
    # Message-IDs of the letters that this one answers.
    answers: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def parse(raw: bytes) -> Letter:
    """Read a mail (RFC 5322). What cannot be decoded is replaced, never dropped; HTML is brought down to its text."""
    message = email.message_from_bytes(raw, policy=policy.compat32)
    senders = _addresses(message, "From", "Sender", "Reply-To")
    heading = clean(header(message, "Subject"))[:300]
    texts, files = _contents(message)
    body = clean(texts)
    automatic = machines.wrote(message, sender=senders[0] if senders else "", heading=heading)
    return Letter(
        sender=senders[0] if senders else "",
        senders=senders,
        heading=heading,
        body=body[:MOST_CHARACTERS].strip(),
        digest=digest_of(raw),
        automatic=automatic,
        answerable=not automatic and not machines.asks_for_no_answer(message),
        answers=_answers(message),
        attachments=files,
    )


def digest_of(raw: bytes) -> str:
    """By what the same letter is known: its Message-ID and what was written, however it travelled."""
    head, _blank, body = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n").partition(b"\n\n")
    named = re.search(rb"(?im)^message-id:[ \t]*(?:\n[ \t]+)?(\S+)", head)
    # Without a Message-ID the lines that a person sees must do; those that the way adds do not count.
    seen = re.findall(rb"(?im)^(?:from|date|subject):.*(?:\n[ \t].*)*", head)
    identity = named.group(1) if named else b"\n".join(sorted(seen))
    return hashlib.sha256(identity + b"\0" + hashlib.sha256(body.rstrip()).digest()).hexdigest()


def arrived_at(raw: bytes, now: dt.datetime) -> dt.datetime:
    """When the mail reached the store's own server, by the line that this server put on top.

    The sender's own date is never asked: the clock starts when the letter is here. A line that says the future, or a time
    longer ago than any queue holds a mail, is not believed.
    """
    head = raw[:100_000].replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")[0]
    top = _RECEIVED.match(head)
    if top is None:
        return now
    try:
        when = parsedate_to_datetime(top.group(1).decode("ascii", "replace").rpartition(";")[2].strip())
    except (ValueError, TypeError, OverflowError):
        return now
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return when if now - dt.timedelta(days=10) <= when <= now else now


def clean(text: str) -> str:
    """A text that can be stored and shown: line breaks of one kind, nothing unseen, no half of a character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text).encode("utf-8", "replace").decode("utf-8").strip()


def header(message: Message, name: str) -> str:
    """A header line as people read it; what is encoded in a way that nobody knows is replaced."""
    value = message.get(name, "")
    if isinstance(value, email.header.Header) or not str(value).isascii():
        # Bytes beyond ASCII without a word about their charset.
        value = decoded(
            str(value).encode("utf-8", "surrogateescape") if isinstance(value, str) else _bytes_of(value), ""
        )
    pieces: list[str] = []
    try:
        for piece, charset in email.header.decode_header(str(value).replace("\n", " ").replace("\r", " ")):
            pieces.append(decoded(piece, charset or "") if isinstance(piece, bytes) else piece)
    except (ValueError, LookupError, email.errors.HeaderParseError):
        return " ".join(str(value).split())
    return " ".join("".join(pieces).split())


def _bytes_of(value: email.header.Header) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
        for piece, _charset in email.header.decode_header(value)
    )


def decoded(data: bytes, charset: str) -> str:
    """Bytes as text, by the charset that they say or by the first that fits."""
    said = charset.strip().strip("\"'").lower()
    said = _CHARSETS.get(said, said)
    # Those that fit anything are asked last.
    tries = [said] if said not in ("", "cp1252", "utf-8") else ["utf-8"]
    if b"\x1b$" in data or b"\x1b(" in data:
        tries.insert(0, "iso2022_jp_ext")
    for name in [*tries, *(g for g in _GUESSES if not said)]:
        try:
            return data.decode(name)
        except (UnicodeError, LookupError):
            continue
    try:
        return data.decode(said or "utf-8", "replace")
    except (UnicodeError, LookupError):
        return data.decode("utf-8", "replace")


def _addresses(message: Message, *names: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        for value in message.get_all(name, []):
            # The display name may be anything, another address included; only what stands as the address counts.
            line = " ".join(str(value).split())
            listed = [address for _name, address in getaddresses([line])]
            for address in [a for a in listed if "@" in a] or _ADDRESS.findall(line)[-1:]:
                address = clean(address).replace(" ", "")
                if "@" in address and len(address) <= 254:
                    found.setdefault(address)
    return tuple(found)[:6]


def _answers(message: Message) -> tuple[str, ...]:
    named = " ".join(str(message.get(name, "")) for name in ("In-Reply-To", "References"))
    return tuple(dict.fromkeys(re.findall(r"<[^<>\s]{3,200}>", named)))[:50]


def _contents(message: Message) -> tuple[str, tuple[Attachment, ...]]:
    """The words of a letter and the files beside them."""
    plain: list[str] = []
    marked: list[str] = []
    files: list[Attachment] = []
    for part in _parts(message):
        kind, name = part.get_content_type(), _name_of(part)
        data = _payload(part)
        is_file = bool(name) or str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")
        if not is_file and kind == "text/html":
            marked.append(html.as_text(decoded(data, part.get_content_charset() or html.charset_of(data))))
        elif not is_file and kind.startswith(("text/", "message/")) and kind != "text/calendar":
            plain.append(decoded(data, part.get_content_charset() or ""))
        elif data:
            files.append(attachments.examine(name, data, said=kind))
    words = "\n".join(plain)
    # Two forms of one letter: the plain one speaks, unless it says nothing or no more than that there is another.
    if marked and len(words.strip()) < 20:
        words = f"{words}\n" + "\n".join(marked)
    if len(words) > MOST_CHARACTERS:
        files.append(attachments.examine("letter.txt", words.encode("utf-8", "replace"), said="text/plain"))
    return words, tuple(files[: attachments.MOST])


def _parts(message: Message, depth: int = 0) -> Iterator[Message]:
    """The leaves of a mail, in their order. A mail within the mail is somebody else's words, so it is a file."""
    if message.is_multipart() and message.get_content_maintype() == "multipart" and depth < _DEEPEST:
        inner = message.get_payload()
        for part in inner[:_MOST_PARTS] if isinstance(inner, list) else []:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)
    else:
        yield message


def _payload(part: Message) -> bytes:
    if part.is_multipart():
        inside = part.get_payload()
        mails = [inner for inner in inside if isinstance(inner, Message)] if isinstance(inside, list) else []
        try:
            return b"\n".join(inner.as_bytes() for inner in mails)
        except Exception:  # the standard library cannot write back everything that it reads; its words remain
            return "\n".join(str(inner.get_payload()) for inner in mails).encode("utf-8", "replace")
    try:
        data = part.get_payload(decode=True)
    except Exception:  # a transfer encoding of which nobody knows how to undo it
        data = None
    if isinstance(data, bytes):
        return data
    return str(part.get_payload() or "").encode("utf-8", "surrogateescape")


def _name_of(part: Message) -> str:
    try:
        name = part.get_filename("") or ""
    except Exception:  # a parameter that breaks RFC 2231
        name = "unreadable-name"
    plain = Message()
    plain["Name"] = " ".join(str(name).split())
    return header(plain, "Name")
