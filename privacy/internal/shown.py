"""Keep the words that a person was shown, once each, without a statement on the way of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from privacy.models import ShownText

if TYPE_CHECKING:
    from privacy.notice import ShownNotice

_kept: set[str] = set()


def keep(notice: ShownNotice | None) -> None:
    """Write the words down after the transaction of the answer, unless this process knows that they are kept."""
    if notice is None or not notice.text or notice.digest in _kept:
        return
    shown = ShownText(digest=notice.digest, policy_version=notice.version, locale=notice.locale, text=notice.text)
    transaction.on_commit(lambda: _write(shown))


def _write(shown: ShownText) -> None:
    ShownText.objects.bulk_create([shown], ignore_conflicts=True)
    _kept.add(shown.digest)
