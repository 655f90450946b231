"""Keep the words that a person was shown, once each, without a statement on the way of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from privacy.models import ShownText

if TYPE_CHECKING:
    from privacy.notice import ShownNotice

_kept: set[str] = set()


def keep(notice: ShownNotice | None) -> None:
    """Write the words down after the transaction of the answer, unless this process knows that they are kept."""
    if notice is None or not notice.text or notice.digest in _kept:
        return
    transaction.on_commit(lambda: _write(notice))


def _write(notice: ShownNotice) -> None:
    if notice.digest in _kept:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ShownText._meta.db_table} (digest, policy_version, locale, text, kept_at) "  # noqa: S608
            "VALUES (%s, %s, %s, %s, now()) ON CONFLICT DO NOTHING",
            [notice.digest, notice.version, notice.locale, notice.text],
        )
    _kept.add(notice.digest)
