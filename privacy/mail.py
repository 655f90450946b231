"""Letters that the store writes: the address leaves by `disclose()`, the words come from a template in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.utils import translation

from privacy.gate import disclose
from privacy.internal import policy
from privacy.internal.journal import standing
from privacy.models import Recipient


def send_to_recipient(
    recipient: Recipient, *, template: str, context: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> None:
    """Send one mail to the privacy desk of a firm that receives data. The values in it have left by `disclose()` before."""
    standing.require_clear()
    with translation.override("ko" if recipient.country == "KR" else "en"):
        heading, _, body = _written(template, context).partition("\n")
    EmailMessage(
        subject=" ".join(heading.split()),
        body=body.strip() + "\n",
        to=[recipient.desk],
        reply_to=[settings.PRIVACY_MAILBOX],
        headers={"Auto-Submitted": "auto-generated", **(headers or {})},
    ).send()


def send_letter(
    record: models.Model,
    address_field: str,
    *,
    purpose: str,
    template: str,
    locale: str,
    context: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send one mail to the address that stands in a personal record.

    The first line of the template is the subject. The mail service is the recipient, so the hand-over is written down.
    Refused (`InQuarantine`) while the database is older than the journal of erasures and withdrawals.
    """
    standing.require_clear()
    to = disclose(record, to="mailer", purpose=purpose).row[address_field]
    with translation.override(locale):
        text = _written(template, context)
    heading, _, body = text.partition("\n")
    EmailMessage(
        subject=" ".join(heading.split()),
        body=body.strip() + "\n",
        to=[to],
        # Whoever answers a letter of the store reaches the privacy desk, where a wish to stop is heard at once.
        reply_to=[settings.PRIVACY_MAILBOX],
        headers=dict(headers or {}),
    ).send()


def _written(template: str, context: Mapping[str, Any]) -> str:
    names = {
        "operator": settings.OPERATOR_NAME,
        "operator_address": settings.OPERATOR_ADDRESS,
        "mailbox": settings.PRIVACY_MAILBOX,
        "base_url": settings.BASE_URL,
        "policy_version": policy.current().version,
    }
    return render_to_string(template, {**context, **names}).strip()
