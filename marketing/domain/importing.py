"""Subscribers from a file: with a recorded proof they may be written to, without one they stay unpermitted; a no stays a no."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketing.domain import suppressing
from marketing.models import Subscription
from marketing.models.subscription import BY_EMAIL
from marketing.queries import subscription_of
from privacy.cards import find_card_number
from privacy.declaration import Purpose
from privacy.gate import collecting, under_law_of
from privacy.models import Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import ShownNotice, version_in_force
from privacy.permission import grant, record_choices

COLUMNS = ("email", "language", "country", "purpose", "proof_when", "proof_where", "proof_text")
_PROOF = ("proof_when", "proof_where", "proof_text")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row: its number in the file, and a sentence that names no address."""

    number: int
    outcome: str  # permitted | unpermitted | suppressed | known | bad
    words: str


def import_file(file: TextIO, *, source: str, acted_by: Subject | None = None) -> Iterator[Row]:
    """Take one row after the other, each in a transaction of its own, and say of each what became of it.

    Raises `ValidationError` for a file that has not the columns. A bad row is named and the others go on.
    """
    reader = csv.DictReader(file)
    missing = [name for name in ("email",) if name not in (reader.fieldnames or [])]
    unknown = [name for name in reader.fieldnames or [] if name not in COLUMNS]
    if missing or unknown:
        raise ValidationError(
            _("The first line must name the columns %(columns)s.") % {"columns": ", ".join(COLUMNS)}, code="columns"
        )
    for number, values in enumerate(reader, start=2):
        try:
            with transaction.atomic():
                outcome, words = _take({k: (v or "").strip() for k, v in values.items() if k}, source, acted_by)
        except ValidationError as error:
            outcome, words = "bad", " ".join(error.messages)
        yield Row(number, outcome, words)


def _take(row: dict[str, str], source: str, acted_by: Subject | None) -> tuple[str, str]:
    address, locale, country = row.get("email", ""), row.get("language", "") or "en", row.get("country", "")
    _check(row)
    purpose = row.get("purpose", "") or Purpose.MARKETING_EMAIL
    if suppressing.suppressed({0: address}, purpose):
        return "suppressed", _("This address asked to be left alone. It stays so.")
    if subscription_of(address) is not None:
        return "known", _("This address is known already; nothing was changed.")
    subject = Subject(kind=Subject.Kind.PROSPECT)
    if country:
        under_law_of(subject, country)
    proof = _proof(row, locale, purpose)
    with collecting(
        surface="import.subscribers",
        subject=subject,
        fields=[Subscription.email],
        source=source,
        acted_by=acted_by,
    ):
        # Without a proof it is not confirmed: it can be written to by nobody, and goes after its thirty days.
        Subscription.objects.create(email=address, locale=locale, confirmed_at=proof.shown_at if proof else None)
        if proof is None:
            record_choices(
                subject,
                [(purpose, ContactChannel.EMAIL)],
                ConsentState.REQUESTED,
                method=ConsentMethod.IMPORT,
                notice=None,
                surface="import.subscribers",
                acted_by=acted_by,
            )
            return "unpermitted", _("There is no proof of a permission, so nothing may be sent there.")
        grant(
            subject,
            purpose,
            ContactChannel.EMAIL,
            method=ConsentMethod.IMPORT,
            notice=proof,
            surface="import.subscribers",
        )
    return "permitted", _("Taken with its proof.")


def _check(row: dict[str, str]) -> None:
    try:
        validate_email(row.get("email", ""))
    except ValidationError as error:
        raise ValidationError(_("The e-mail address is not one.")) from error
    if any(find_card_number(value) for value in row.values()):
        raise ValidationError(_("There is a card number in this row. Take it out of the file."))
    language, country = row.get("language", ""), row.get("country", "")
    if language and not re.fullmatch(r"[a-z]{2}(-[A-Za-z]{2,4})?", language):
        raise ValidationError(_("The language is not one: write en or ko."))
    if country and (len(country) != 2 or not country.isalpha()):
        raise ValidationError(_("The country is not one: write two letters, for example KR."))
    if row.get("purpose") and row["purpose"] not in {p.value for p in BY_EMAIL}:
        raise ValidationError(_("The purpose is none of this store's."))


def _proof(row: dict[str, str], locale: str, purpose: str) -> ShownNotice | None:
    """The words that the person saw, when and where: all three, or there is no proof."""
    if not all(row.get(name) for name in _PROOF):
        return None
    try:
        when = dt.datetime.fromisoformat(row["proof_when"])
    except ValueError as error:
        raise ValidationError(_("The day of the proof cannot be read: write 2026-01-31.")) from error
    when = when if when.tzinfo else timezone.make_aware(when)
    if when > timezone.now():
        raise ValidationError(_("The day of the proof has not come yet."))
    if len(row["proof_text"]) > 4000 or len(row["proof_where"]) > 300:
        raise ValidationError(_("The proof is too long: the place and the words that stood there are enough."))
    text = json.dumps(["import", row["proof_where"], row["proof_text"]], ensure_ascii=False)
    return ShownNotice(
        version_in_force(), locale, hashlib.sha256(text.encode()).hexdigest(), when, frozenset({purpose}), text
    )


def read(content: bytes) -> TextIO:
    """A file as a spreadsheet writes it: UTF-8, with or without a mark at its head."""
    try:
        return io.StringIO(content.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        raise ValidationError(_("The file is not UTF-8. Save it as CSV UTF-8.")) from error
