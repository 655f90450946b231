"""What becomes of seats and photographs when a person is erased: others move up, and nobody is shown who has gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from marketing.domain import events, photographs
from privacy.signals import erased


@receiver(erased, dispatch_uid="marketing.leave_events")
def leave_events(people: Iterable[UUID], **_kwargs: Any) -> None:
    """Give up the seats, and remove every photograph on which they had agreed to be shown."""
    people = list(people)
    events.release_seats(people)
    photographs.remove_of(people)
