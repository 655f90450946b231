"""An event as a file for calendars (RFC 5545): public words only, and nobody's address."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from marketing.models import Event

_LONGEST = 75  # octets of a line, RFC 5545 3.1


def as_ics(event: Event) -> str:
    """One VEVENT, in the language of the page."""
    language = get_language()
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{_text(settings.OPERATOR_NAME)}//events//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:event-{event.pk}@{settings.BASE_URL.partition('://')[2]}",
        f"DTSTAMP:{_moment(timezone.now())}",
        f"DTSTART:{_moment(event.starts_at)}",
        f"DTEND:{_moment(event.ends_at)}",
        f"SUMMARY:{_text(event.title(language))}",
        f"DESCRIPTION:{_text(event.text(language))}",
        f"LOCATION:{_text(event.venue(language))}",
        f"URL:{settings.BASE_URL}{event.get_absolute_url()}",
        f"STATUS:{'CANCELLED' if event.state == Event.State.CANCELLED else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return "\\n".join(words.splitlines())


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, none of which cuts a letter in two."""
    pieces, piece = [], ""
    for sign in line:
        # A continued line begins with a space, which counts.
        if len((piece + sign).encode()) > _LONGEST - (1 if pieces else 0):
            pieces.append(piece)
            piece = ""
        piece += sign
    return "\r\n ".join([*pieces, piece])
