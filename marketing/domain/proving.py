"""From a typed number or an application's token to a permission: a code goes there, and only whoever sends it back has said yes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from marketing.models import CodeTally, PushDevice, TextNumber
from marketing.models.reached import ASKED_BY, address_of, channel_of_record
from privacy.models import Subject
from privacy.models.consent import ConsentState
from privacy.notice import ShownNotice
from privacy.outbox import enqueue
from privacy.permission import grant, may_contact, record_choices

CODE_DIGITS = 6
GOOD_FOR = dt.timedelta(minutes=15)
# A person mistypes twice; a machine that tries is stopped.
MOST_TRIES = 5
# Codes for one address in a day. With the tries of each, a stranger's chance is one in forty thousand.
MOST_CODES = 5
_BUCKETS = 1 << 16
# Holds the sum of all of them: no number falls into it.
_ALL = _BUCKETS

Proved = TextNumber | PushDevice


class TooManyCodes(Exception):
    """So many codes went to this address, or out of this store, today that the next one has to wait for tomorrow."""


class Answer(StrEnum):
    """What became of a code that was typed."""

    RIGHT = "right"
    WRONG = "wrong"
    GONE = "gone"  # too old, tried too often, or used


def begin(
    model: type[TextNumber] | type[PushDevice],
    address: str,
    *,
    subject: Subject,
    locale: str,
    method: str,
    surface: str,
    notice: ShownNotice | None,
) -> Proved:
    """Note an address and send its code there; to be called in the door. Nothing is permitted yet. Raises `TooManyCodes`.

    What is answered to whoever asks is the same whether or not somebody has proved the address before.
    """
    held = model.objects.filter(subject=subject, **{model.address_field: address})
    record = held.order_by(F("confirmed_at").desc(nulls_last=True), "pk").first()
    if record is None:
        record = model.objects.create(subject=subject, locale=locale, **{model.address_field: address})
    _count_codes(address)
    record.seed, record.tries, record.created_at, record.locale = uuid.uuid4(), 0, timezone.now(), locale
    model.objects.filter(pk=record.pk).update(
        seed=record.seed, tries=0, created_at=record.created_at, locale=record.locale
    )
    channel = channel_of_record(record)
    wished, *_others = ASKED_BY[channel]
    record_choices(subject, [(wished, channel)], ConsentState.REQUESTED, method=method, notice=notice, surface=surface)
    kind = "marketing.number_code" if isinstance(record, TextNumber) else "marketing.device_code"
    enqueue(kind, key=f"{kind}:{record.pk}:{record.seed}", row_id=record.pk)
    return record


def code_of(record: Proved) -> str:
    """The code of an address: digits that only the store can make, other ones after each question."""
    made = salted_hmac("marketing.code", f"{record._meta.label}:{record.pk}:{record.seed}", algorithm="sha256")
    return f"{int(made.hexdigest(), 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_awaited(record: Proved) -> bool:
    """Whether a code for this address is out and may still be typed."""
    return record.tries < MOST_TRIES and timezone.now() < record.created_at + GOOD_FOR


def answer(
    model: type[TextNumber] | type[PushDevice],
    number: int,
    typed: str,
    *,
    also: Collection[str],
    notice: ShownNotice,
    method: str,
    surface: str,
    under_gpc: bool = False,
) -> tuple[Answer, Proved | None]:
    """Take a code back. The right one proves the address and is the yes to its news; `also` is what else was ticked.

    A wrong one is counted, also when it comes at the same moment as others.
    """
    with transaction.atomic():
        record = model.objects.select_for_update().filter(pk=number).select_related("subject").first()
        if record is None or not is_awaited(record):
            return Answer.GONE, None
        digits = "".join(c for c in typed if c.isascii() and c.isdigit())
        if not constant_time_compare(code_of(record), digits):
            model.objects.filter(pk=number).update(tries=F("tries") + 1)
            return Answer.WRONG, None
        # Who has the telephone in hand is its owner; whoever had it before is reached by it no more.
        held = {model.address_field: address_of(record)}
        model.objects.filter(**held).exclude(pk=number).delete()
        record.confirmed_at = timezone.now()
        model.objects.filter(pk=number).update(confirmed_at=record.confirmed_at, tries=MOST_TRIES)
        channel = channel_of_record(record)
        wished, *others = ASKED_BY[channel]
        for purpose in (wished, *(p for p in others if p in also)):
            if purpose == wished or not may_contact(record.subject, purpose, channel):
                grant(
                    record.subject,
                    purpose,
                    channel,
                    method=method,
                    notice=notice,
                    surface=surface,
                    under_gpc=under_gpc,
                )
    return Answer.RIGHT, record


def _count_codes(address: str) -> None:
    bucket = int(salted_hmac("marketing.code.tally", address).hexdigest()[:8], 16) % _BUCKETS
    for which, most in ((bucket, MOST_CODES), (_ALL, settings.MARKETING_CODES_PER_DAY)):
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {CodeTally._meta.db_table} AS tally (bucket, day, codes) "  # noqa: S608 - the model's name
                "VALUES (%s, %s, 1) ON CONFLICT (bucket) DO UPDATE SET "
                "codes = CASE WHEN tally.day = EXCLUDED.day THEN tally.codes + 1 ELSE 1 END, day = EXCLUDED.day "
                "RETURNING codes",
                [which, timezone.localdate()],
            )
            if cursor.fetchone()[0] > most:
                raise TooManyCodes
