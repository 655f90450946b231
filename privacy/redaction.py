"""Logs are JSON lines without personal values: what looks like one is struck out before anything is written."""

import datetime as dt
import json
import logging
import re
import traceback

from privacy.cards import without_card_numbers

_EMAIL = re.compile(r"[^\s@<>\"'=,;(){}\[\]]+@[^\s@<>\"'=,;(){}\[\]]+\.[^\s@<>\"'=,;(){}\[\]]+")
_PHONE = re.compile(r"(?<![\w-])\+?\d[\d \-().]{8,16}\d(?![\w-])")
_QUERY = re.compile(r"\?[^\s\"']+")


def redact(text: str) -> str:
    """A text without e-mail addresses, card numbers, phone numbers and query strings."""
    text = _EMAIL.sub("[e-mail]", text)
    text = without_card_numbers(text, "[card]")
    text = _PHONE.sub("[number]", text)
    return _QUERY.sub("?[…]", text)


class RedactionFilter(logging.Filter):
    """Strikes personal values out of a record, its arguments included, and keeps the request itself out of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        record.__dict__.pop("request", None)
        if record.exc_info and record.exc_info[0]:
            # Frames tell where, the type tells what; the message of a database error would quote the row.
            frames = traceback.format_tb(record.exc_info[2])
            record.exc_text = redact("".join(frames) + record.exc_info[0].__name__)
            record.exc_info = None
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the trace of an error."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": dt.datetime.fromtimestamp(record.created, tz=dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)
