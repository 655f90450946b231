"""What a person permits at this moment: their last choice, the law they are under, and what it asks."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from privacy.internal import policy
from privacy.internal.policy import Mechanism
from privacy.models import Collection, Preference, Subject
from privacy.models.consent import ConsentState

_NO = (ConsentState.REFUSED, ConsentState.WITHDRAWN, ConsentState.INVALIDATED)


def stands(subject: Subject, preference: Preference | None, purpose: str, channel: str) -> bool:
    """Whether the purpose may use the channel, given the person's preference for it (None: never asked)."""
    in_force = policy.current()
    if in_force.legal_basis(purpose) != "consent":
        return True
    state = preference.state if preference else None
    if preference and preference.valid_until and preference.valid_until <= timezone.now():
        state = ConsentState.EXPIRED
    match in_force.rule(purpose, channel, subject.jurisdiction).mechanism:
        case Mechanism.OPT_IN:
            return state == ConsentState.GIVEN
        case Mechanism.SOFT_OPT_IN:
            asked_softly = state in (None, ConsentState.REQUESTED) and _bought_and_saw_the_box().filter(subject=subject)
            return state == ConsentState.GIVEN or bool(asked_softly and asked_softly.exists())
        case Mechanism.OPT_OUT:
            return state not in (*_NO, ConsentState.EXPIRED)
        case Mechanism.NOTICE_ONLY:
            # Who objects is heard under every law (GDPR Art. 21(2)).
            return state not in _NO


def only_a_yes_permits(purpose: str, channel: str) -> bool:
    """Whether every law asks for a yes before this purpose may use this channel."""
    return all(rule.mechanism is Mechanism.OPT_IN for rule in policy.current().rules(purpose, channel).values())


def everyone(purpose: str, channel: str) -> QuerySet[Subject, UUID] | QuerySet[Preference, UUID]:
    """The keys of all for whom the purpose may use the channel now. One plain index scan where every law asks for a yes."""
    rules = policy.current().rules(purpose, channel)
    said_yes = Preference.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=timezone.now()),
        purpose=purpose,
        channel=channel,
        state=ConsentState.GIVEN,
    )
    if only_a_yes_permits(purpose, channel):
        return said_yes.values_list("subject_id", flat=True)
    own = Preference.objects.filter(subject=OuterRef("pk"), purpose=purpose, channel=channel)
    yes = Exists(said_yes.filter(subject=OuterRef("pk")))
    no = Exists(own.filter(state__in=_NO))
    expired = Exists(own.filter(Q(state=ConsentState.EXPIRED) | Q(valid_until__lte=timezone.now())))
    unanswered = ~Exists(own.exclude(state=ConsentState.REQUESTED))
    bought = Exists(_bought_and_saw_the_box().filter(subject=OuterRef("pk")))
    permits = {
        Mechanism.OPT_IN: yes,
        Mechanism.SOFT_OPT_IN: Q(yes) | Q(unanswered & bought),
        Mechanism.OPT_OUT: Q(~no & ~expired),
        Mechanism.NOTICE_ONLY: Q(~no),
    }
    strictest = policy.current().rule(purpose, channel).mechanism
    named = [law for law in rules if law != "*"]
    unknown = ["", policy.SEVERAL_LAWS]
    who = Q(jurisdiction__in=unknown) & Q(permits[strictest])
    who |= ~Q(jurisdiction__in=[*unknown, *named]) & Q(permits[rules["*"].mechanism])
    for law in named:
        who |= Q(jurisdiction=law) & Q(permits[rules[law].mechanism])
    return Subject.objects.filter(who, merged_into__isnull=True).values_list("pk", flat=True)


def _bought_and_saw_the_box() -> QuerySet[Collection]:
    points = [point.id for point in policy.current().surfaces.values() if point.makes_customer and point.shows_notice]
    return Collection.objects.filter(surface__in=points).exclude(notice_digest="")


def due_to_expire(now: dt.datetime) -> QuerySet[Preference]:
    """Permissions whose time is over and which are not written off yet."""
    return Preference.objects.filter(valid_until__lte=now, state=ConsentState.GIVEN)


def due_to_reconfirm(now: dt.datetime) -> QuerySet[Preference]:
    """Permissions of which their givers are to be reminded. Silence keeps them."""
    return Preference.objects.filter(reconfirm_at__lte=now, state=ConsentState.GIVEN)
