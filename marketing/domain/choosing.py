"""What a person can choose, by every channel that reaches them, and what they chose: on one page, by a link or signed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from marketing.domain import suppressing
from marketing.models.reached import ASKED_BY, BY_CHANNEL, SENT_BY, address_of
from privacy.declaration import Purpose
from privacy.models import Subject
from privacy.models.consent import ConsentMethod, ConsentState, ContactChannel
from privacy.notice import ShownNotice
from privacy.permission import grant, may_contact, refuse, state_of, withdraw

Way = tuple[Purpose, str]

BY_MAIL: tuple[Way, ...] = tuple((purpose, ContactChannel.EMAIL) for purpose in ASKED_BY[ContactChannel.EMAIL])


def ways_of(subject: Subject, *, always: Sequence[str] = (ContactChannel.EMAIL,)) -> tuple[Way, ...]:
    """What can be asked of a person: for `always`, and for every other channel of which they proved an address."""
    reached = [
        channel
        for channel, model in BY_CHANNEL.items()
        if channel in always or model.objects.filter(subject=subject, confirmed_at__isnull=False).exists()
    ]
    return tuple((purpose, channel) for channel in reached for purpose in ASKED_BY[channel])


def questions_of(ways: Sequence[Way]) -> list[Purpose]:
    """The purposes among the ways, each once: the night is asked about once for all channels."""
    return list(dict.fromkeys(purpose for purpose, _channel in ways))


def permitted_among(subject: Subject, ways: Sequence[Way]) -> set[str]:
    """The purposes that a person permits now."""
    return {purpose for purpose, channel in ways if may_contact(subject, purpose, channel)}


def choose(
    subject: Subject,
    ways: Sequence[Way],
    wanted: Collection[str],
    *,
    notice: ShownNotice,
    surface: str,
    under_gpc: bool = False,
) -> None:
    """Everything as its reader wishes it now: a tick is a yes, one taken away a withdrawal, a box left empty a refusal."""
    no: dict[str, list[Way]] = {"withdraw": [], "refuse": []}
    for purpose, channel in ways:
        state = state_of(subject, purpose, channel)
        if purpose in wanted:
            say_yes(subject, purpose, channel, notice=notice, surface=surface, under_gpc=under_gpc)
        elif state == ConsentState.GIVEN:
            no["withdraw"].append((purpose, channel))
        elif state not in (ConsentState.REFUSED, ConsentState.WITHDRAWN):
            no["refuse"].append((purpose, channel))
    if no["withdraw"]:
        withdraw(subject, no["withdraw"], method=ConsentMethod.FORM, notice=notice, surface=surface)
    if no["refuse"]:
        refuse(subject, no["refuse"], method=ConsentMethod.FORM, notice=notice, surface=surface)


def say_yes(
    subject: Subject, purpose: str, channel: str, *, notice: ShownNotice, surface: str, under_gpc: bool
) -> None:
    """Record a yes where none stands yet."""
    if not may_contact(subject, purpose, channel):
        grant(
            subject,
            purpose,
            channel,
            method=ConsentMethod.FORM,
            notice=notice,
            surface=surface,
            under_gpc=under_gpc,
        )
    elif purpose in SENT_BY[channel]:
        # They may be on the list from another life of theirs, under which this permission is not known.
        for record in BY_CHANNEL[channel].objects.filter(subject=subject, confirmed_at__isnull=False):
            suppressing.lift(address_of(record), purposes=[purpose])
