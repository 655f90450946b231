"""The single entry point for an answer about cookies: it goes into the ledger, one event for each group that was asked about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from cookies import inventory
from privacy import permission
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import ShownNotice

SURFACE = "web.cookie_banner"


def record_answer(
    permitted: Iterable[str],
    *,
    before: Iterable[str] | None,
    shown: ShownNotice,
    subject: Subject | None,
    under_gpc: bool,
) -> list[ConsentEvent]:
    """Write down which groups were permitted and which were not.

    `before` are the groups permitted until now, None when nothing was answered: a "no" after a "yes" is a withdrawal. A
    browser that sends Global Privacy Control had said no before anybody was asked; that is recorded first, so that an
    explicit choice stands after it. Somebody who is not signed in has no subject and gets none.
    """
    permitted, former = set(permitted), set(before or ())
    unknown = permitted - inventory.OPTIONAL_KEYS
    if unknown:
        raise ValueError(f"No cookies are asked about under {', '.join(sorted(unknown))}.")
    ways: dict[ConsentState, list[tuple[str, str]]] = {}
    for group in inventory.OPTIONAL:
        if group.key in permitted:
            state = ConsentState.GIVEN
        else:
            state = ConsentState.WITHDRAWN if group.key in former else ConsentState.REFUSED
        ways.setdefault(state, []).append((str(group.purpose), ContactChannel.COOKIE))
    events: list[ConsentEvent] = []
    with transaction.atomic():
        if under_gpc and before is None:
            everything = [(str(group.purpose), ContactChannel.COOKIE) for group in inventory.OPTIONAL]
            events += _record(subject, everything, ConsentState.REFUSED, ConsentMethod.GPC, None)
        for state, chosen in ways.items():
            events += _record(subject, chosen, state, ConsentMethod.FORM, shown)
    return events


def _record(
    subject: Subject | None,
    ways: Sequence[tuple[str, str]],
    state: ConsentState,
    method: ConsentMethod,
    shown: ShownNotice | None,
) -> list[ConsentEvent]:
    if subject is not None and state is ConsentState.WITHDRAWN:
        return permission.withdraw(subject, ways, method=method, notice=shown, surface=SURFACE)
    if subject is not None and state is ConsentState.REFUSED:
        return permission.refuse(subject, ways, method=method, notice=shown, surface=SURFACE)
    return permission.record_choices(subject, ways, state, method=method, notice=shown, surface=SURFACE)
