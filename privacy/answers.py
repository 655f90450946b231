"""What came back with a form or an API call, checked once for both: the notice that was shown and the opt-out box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from privacy.declaration import FieldRef
from privacy.gate import collecting, remember_guest, subject_of, under_law_of
from privacy.gpc import asks_for_privacy
from privacy.models import Collection, Subject
from privacy.models.consent import ConsentMethod
from privacy.permission import heed_gpc, refuse

if TYPE_CHECKING:
    from django.http import HttpRequest

    from privacy.notice import ShownNotice

STALE = _(
    "Our privacy policy has changed since this page was opened. Please read the lines beside the fields again and send once more."
)


@contextmanager
def collect_answers(
    request: HttpRequest,
    *,
    surface: str,
    collects: Mapping[str, FieldRef],
    notice: ShownNotice,
    no_marketing: bool,
    method: ConsentMethod,
    country: str = "",
    subject: Subject | None = None,
) -> Iterator[Collection]:
    """Open the door for what a person answered, and record the opt-out that they ticked in the same transaction.

    An unticked box is no permission and records nothing: the box can only say no. `country` (ISO 3166-1 alpha-2), where
    the answers name one, says under whose law the person is asked from now on. A browser that sends Global Privacy Control
    has said its no before any box.
    """
    subject = subject or subject_of(request)
    if country:
        under_law_of(subject, country)
    with collecting(surface=surface, subject=subject, fields=collects.values(), notice=notice) as collection:
        if asks_for_privacy(request):
            heed_gpc(subject)
        if no_marketing:
            refuse(subject, method=method, notice=notice, surface=surface)
        yield collection
    remember_guest(request, subject)
