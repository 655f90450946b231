"""Who may be asked, and by which road: permission is given, refused and withdrawn here and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from celery import current_task
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from privacy import journal, receipts
from privacy.declaration import Purpose
from privacy.errors import NotPermitted
from privacy.internal import periods, policy, shown, standing
from privacy.internal.journal import standing as quarantine
from privacy.models import ConsentEvent, Preference, Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import NO_MARKETING
from privacy.signals import permitted, withdrawn

if TYPE_CHECKING:
    from privacy.notice import ShownNotice

# What "no direct marketing" switches off: clause control.opt-out-box.
DIRECT_MARKETING: tuple[tuple[str, str], ...] = (
    (Purpose.MARKETING_EMAIL, ContactChannel.EMAIL),
    (Purpose.MARKETING_SMS, ContactChannel.SMS),
    (Purpose.MARKETING_PUSH, ContactChannel.PUSH),
    (Purpose.MARKETING_AT_NIGHT, ContactChannel.SMS),
    (Purpose.MARKETING_AT_NIGHT, ContactChannel.PUSH),
    (Purpose.SURVEY_INVITATION, ContactChannel.EMAIL),
    (Purpose.THIRD_PARTY_PROMOTION, ContactChannel.EMAIL),
    (Purpose.ADVERTISING, ContactChannel.EMAIL),
)


def channel_of(purpose: str) -> str:
    """The channel by which a purpose is permitted: its own where it has one, else mail."""
    return next((channel for own, channel in DIRECT_MARKETING if own == purpose), ContactChannel.EMAIL)


# What Global Privacy Control says no to besides optional cookies: nothing of a person goes to third parties.
GPC_REFUSES: tuple[tuple[str, str], ...] = ((Purpose.THIRD_PARTY_PROMOTION, ContactChannel.EMAIL),)

_STOPS = (ConsentState.REFUSED, ConsentState.WITHDRAWN)


def grant(
    subject: Subject,
    purpose: str,
    channel: str,
    *,
    method: str,
    notice: ShownNotice,
    surface: str = "",
    under_gpc: bool = False,
) -> ConsentEvent:
    """Record that a person permits one purpose by one channel. `notice` is the text that stood beside the control."""
    with transaction.atomic():
        (event,) = record_choices(
            subject,
            [(purpose, channel)],
            ConsentState.GIVEN,
            method=method,
            notice=notice,
            surface=surface,
            under_gpc=under_gpc,
        )
        permitted.send(sender=Subject, subject=subject, events=[event])
    return event


def refuse(
    subject: Subject,
    ways: Iterable[tuple[str, str]] = DIRECT_MARKETING,
    *,
    method: str,
    notice: ShownNotice | None,
    surface: str = "",
) -> list[ConsentEvent]:
    """Record a "no" to a question that was really asked, such as a ticked opt-out box."""
    with transaction.atomic(savepoint=False):
        events = record_choices(subject, ways, ConsentState.REFUSED, method=method, notice=notice, surface=surface)
        withdrawn.send(sender=Subject, subject=subject, events=events)
    return events


def withdraw(
    subject: Subject,
    ways: Iterable[tuple[str, str]] = DIRECT_MARKETING,
    *,
    method: str,
    notice: ShownNotice | None = None,
    surface: str = "",
    acted_by: Subject | None = None,
) -> list[ConsentEvent]:
    """Take permission back, at once: when the transaction around this has committed, nothing more may be sent.

    `ways` are pairs of purpose and channel. A withdrawal is recorded also where nothing was ever given, since the wish is
    to be left alone from now on.
    """
    with transaction.atomic():
        events = record_choices(
            subject, ways, ConsentState.WITHDRAWN, method=method, notice=notice, surface=surface, acted_by=acted_by
        )
        withdrawn.send(sender=Subject, subject=subject, events=events)
    return events


def heed_gpc(subject: Subject) -> list[ConsentEvent]:
    """Record what Global Privacy Control says no to, for a person who has not chosen otherwise while it was on.

    The signal is a "no" to giving data to third parties. A yes from before the signal ends with it; a yes that was said
    while the browser was sending it is the later, explicit word and stands.
    """
    ways = []
    for purpose, channel in GPC_REFUSES:
        held = Preference.objects.select_related("event").filter(subject=subject, purpose=purpose, channel=channel)
        last = held.first()
        undecided = last is None or last.state == ConsentState.REQUESTED
        if undecided or (last and last.state == ConsentState.GIVEN and not last.event.under_gpc):
            ways.append((purpose, channel))
    return refuse(subject, ways, method=ConsentMethod.GPC, notice=None) if ways else []


def record_choices(
    subject: Subject | None,
    ways: Iterable[tuple[str, str]],
    state: str,
    *,
    method: str,
    notice: ShownNotice | None,
    surface: str = "",
    acted_by: Subject | None = None,
    under_gpc: bool = False,
) -> list[ConsentEvent]:
    """Add one consent event per way, and bring the preferences that they change up to date.

    A choice is recorded only for a control that stood in the notice (`NotPermitted` otherwise), and a yes only while the
    person's own request is served, never by a task. A stop holds for all that is known to be the same person, guest or
    account. The upsert takes the preference rows `FOR UPDATE`, so a choice waits for a send that holds one `FOR SHARE`,
    and every send after it sees the choice. Two statements, however many ways.
    """
    ConsentMethod(method)
    # In one order always, so that two choices at once cannot wait for each other.
    ordered = sorted((Purpose(purpose).value, ContactChannel(channel).value) for purpose, channel in ways)
    _refuse_what_was_not_shown(ordered, state, notice)
    if state == ConsentState.GIVEN and current_task:
        raise NotPermitted("Permission is written while the person's own request is served, never by a task.")
    in_force = policy.current()
    evidence = {
        "subject": subject,
        "state": ConsentState(state),
        "method": method,
        "surface": surface,
        "policy_version": notice.version if notice else in_force.version,
        "text_digest": notice.digest if notice else "",
        "locale": notice.locale if notice else "",
        "shown_at": notice.shown_at if notice else None,
        "acted_by": acted_by,
        "under_gpc": under_gpc,
    }
    # All or nothing of the door that is open around it, whose statements are counted.
    with transaction.atomic(savepoint=False):
        events = ConsentEvent.objects.bulk_create(
            [ConsentEvent(purpose=purpose, channel=channel, **evidence) for purpose, channel in ordered]
        )
        shown.keep(notice)
        if subject is not None and events:
            _bring_up_to_date(subject, events, timezone.now())
            if state in _STOPS:
                journal.note_stop(subject, ordered, state, method)
    receipts.note(events)
    return events


def _refuse_what_was_not_shown(ways: Iterable[tuple[str, str]], state: str, notice: ShownNotice | None) -> None:
    if state == ConsentState.GIVEN and notice is None:
        raise NotPermitted("A yes needs the notice that was shown: a start is never invented.")
    if notice is None or state not in (ConsentState.GIVEN, ConsentState.REFUSED):
        return
    for purpose, channel in ways:
        by_the_box = (
            state == ConsentState.REFUSED and NO_MARKETING in notice.controls and (purpose, channel) in DIRECT_MARKETING
        )
        if purpose not in notice.controls and not by_the_box:
            raise NotPermitted(f"No control for {purpose} by {channel} was shown, so no choice of it was made.")


def _bring_up_to_date(subject: Subject, events: list[ConsentEvent], now: dt.datetime) -> None:
    rows: list[Any] = []
    for event in events:
        rule = policy.current().rule(event.purpose, event.channel, subject.jurisdiction)
        yes = event.state == ConsentState.GIVEN
        rows += [
            *(event.purpose, event.channel, event.state, event.pk, now),
            periods.after(now, rule.expires) if yes and rule.expires else None,
            periods.after(now, rule.reconfirm) if yes and rule.reconfirm else None,
        ]
    state = events[0].state
    # A stop is the whole person's; a yes is of the one who said it. Being asked again changes no answer.
    who = "s.id = %(me)s OR s.merged_into_id = %(me)s OR s.id = %(other)s" if state in _STOPS else "s.id = %(me)s"
    clash = (
        "DO NOTHING"
        if state == ConsentState.REQUESTED
        else "DO UPDATE SET state = EXCLUDED.state, event_id = EXCLUDED.event_id, since = EXCLUDED.since, "
        "valid_until = EXCLUDED.valid_until, reconfirm_at = EXCLUDED.reconfirm_at"
    )
    parameters = {f"p{n}": value for n, value in enumerate(rows)}
    width = 7
    values = ", ".join(
        "(" + ", ".join(f"%(p{n})s" for n in range(start, start + width)) + ")" for start in range(0, len(rows), width)
    )
    with connection.cursor() as cursor:
        # The lock on the subject makes a send wait that has found no preference to hold still.
        cursor.execute(
            f"WITH person AS (SELECT s.id FROM privacy_subject s WHERE {who} ORDER BY s.id FOR NO KEY UPDATE) "  # noqa: S608
            "INSERT INTO privacy_preference "
            "(subject_id, purpose, channel, state, event_id, since, valid_until, reconfirm_at) "
            "SELECT person.id, v.purpose, v.channel, v.state, v.event::uuid, v.since::timestamptz, "
            "v.valid_until::timestamptz, v.reconfirm_at::timestamptz "
            f"FROM person, (VALUES {values}) "
            "AS v (purpose, channel, state, event, since, valid_until, reconfirm_at) "
            "ORDER BY person.id, v.purpose, v.channel "
            f"ON CONFLICT (subject_id, purpose, channel) {clash}",
            {"me": subject.pk, "other": subject.merged_into_id, **parameters},
        )


def state_of(subject: Subject, purpose: str, channel: str) -> str | None:
    """The last choice of a person, or None for somebody who was never asked. Not asked and refused are two things."""
    return (
        Preference.objects.filter(subject=subject, purpose=purpose, channel=channel)
        .values_list("state", flat=True)
        .first()
    )


def may_contact(subject: Subject, purpose: str, channel: str) -> bool:
    """Whether this purpose may use this channel now, under the person's law. What the service needs asks for nothing."""
    if policy.current().legal_basis(purpose) != "consent":
        return True
    held = Preference.objects.filter(subject=subject, purpose=purpose, channel=channel).first()
    return standing.stands(subject, held, purpose, channel)


def may_be_contacted(subjects: Sequence[Subject], purpose: str, channel: str) -> set[UUID]:
    """`may_contact` for several people, by one query: the keys of those for whom it stands."""
    keys = [subject.pk for subject in subjects]
    if policy.current().legal_basis(purpose) != "consent":
        return set(keys)
    held = {p.subject_id: p for p in Preference.objects.filter(subject__in=keys, purpose=purpose, channel=channel)}
    return {s.pk for s in subjects if standing.stands(s, held.get(s.pk), purpose, channel)}


def audience(purpose: str, channel: str) -> QuerySet[Subject, UUID] | QuerySet[Preference, UUID]:
    """The keys of all subjects who may be asked now. Sending asks again, with `permission_to_send`."""
    return standing.everyone(purpose, channel)


@contextmanager
def permission_to_send(subject: Subject, purpose: str, channel: str) -> Iterator[None]:
    """Hold the permission still while one message is claimed; refuse (`NotPermitted`) when it does not stand.

    Where a law permits without a yes there may be no preference to hold; then the subject is held, for which every choice
    asks too. Nobody is written to (`InQuarantine`) while the database is older than the journal of what was withdrawn.
    """
    quarantine.require_clear()
    with transaction.atomic():
        if policy.current().legal_basis(purpose) == "consent":
            held: Preference | None = next(
                iter(
                    Preference.objects.raw(
                        "SELECT * FROM privacy_preference "
                        "WHERE subject_id = %s AND purpose = %s AND channel = %s FOR SHARE",
                        [subject.pk, purpose, channel],
                    )
                ),
                None,
            )
            if held is None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 FROM privacy_subject WHERE id = %s FOR SHARE", [subject.pk])
                held = Preference.objects.filter(subject=subject, purpose=purpose, channel=channel).first()
            if not standing.stands(subject, held, purpose, channel):
                raise NotPermitted(f"No standing permission for {purpose} by {channel}.")
        yield


def hold_permissions(subjects: Sequence[UUID], purpose: str, channel: str) -> set[UUID]:
    """Hold the permissions of many still until the transaction around this ends, and say whose stand.

    The batch's `permission_to_send`, in one statement. It waits for nobody: whoever is choosing at this moment is left out,
    as what they choose is not known yet. So it can never stand in the way of a choice for longer than its transaction.
    """
    if not connection.in_atomic_block:
        raise NotPermitted("Permissions are held within a transaction: open one around this.")
    if policy.current().legal_basis(purpose) != "consent":
        return set(subjects)
    with connection.cursor() as cursor:
        if standing.only_a_yes_permits(purpose, channel):
            cursor.execute(
                "SELECT subject_id FROM privacy_preference WHERE subject_id = ANY(%s::uuid[]) AND purpose = %s AND channel = %s "
                "AND state = 'given' AND (valid_until IS NULL OR valid_until > %s) FOR SHARE SKIP LOCKED",
                [_as_array(subjects), purpose, channel, timezone.now()],
            )
            return {row[0] for row in cursor.fetchall()}
        # Where a law permits without a yes, the subject is held, for which every choice asks too.
        cursor.execute(
            "SELECT id FROM privacy_subject WHERE id = ANY(%s::uuid[]) FOR SHARE SKIP LOCKED", [_as_array(subjects)]
        )
        held = {row[0] for row in cursor.fetchall()}
    field = "pk" if standing.everyone(purpose, channel).model is Subject else "subject_id"
    return set(standing.everyone(purpose, channel).filter(**{f"{field}__in": held}))


def _as_array(subjects: Sequence[UUID]) -> str:
    """Keys as the text of an array, which costs a tenth of a list of values."""
    return "{" + ",".join(map(str, subjects)) + "}"


def carry_over_refusals(guest: Subject, account: Subject) -> None:
    """Let a "no" that a guest said count for the account that turned out to be the same person, unless it said yes since."""
    for said in Preference.objects.filter(Q(subject=guest), state__in=_STOPS):
        mine = Preference.objects.filter(subject=account, purpose=said.purpose, channel=said.channel)
        if mine.filter(since__gte=said.since).exists():
            continue
        Preference.objects.update_or_create(
            subject=account,
            purpose=said.purpose,
            channel=said.channel,
            defaults={
                "state": said.state,
                "event": said.event,
                "since": said.since,
                "valid_until": None,
                "reconfirm_at": None,
            },
        )


def expire_due(now: dt.datetime | None = None) -> int:
    """Write off permissions whose time is over, a thousand at a time; they have counted for nothing since that moment."""
    now = now or timezone.now()
    written = 0
    for preference in standing.due_to_expire(now).select_related("subject")[:1000]:
        record_choices(
            preference.subject,
            [(preference.purpose, preference.channel)],
            ConsentState.EXPIRED,
            method=ConsentMethod.CLOCK,
            notice=None,
        )
        written += 1
    return written
