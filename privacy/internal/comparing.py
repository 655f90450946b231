"""What differs between two versions of the policy, computed from their data, and whom each difference touches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.apps import apps
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from privacy.declaration import column_key, declaration_of, personal_fields
from privacy.internal import periods, permits, policy
from privacy.internal.changes import About, Change, Difference, How
from privacy.internal.policy import Mechanism, Policy
from privacy.models import Collection, Subject


def difference(before: Policy, after: Policy) -> Difference:
    """Compare two versions. The same two give the same answer, so it is kept."""
    return _difference(before.version, before.digest, after.version, after.digest)


@cache
def _difference(before: str, _before_digest: str, after: str, _after_digest: str) -> Difference:
    a, b = policy.load(before), policy.load(after)
    found = [
        *_categories(a, b),
        *_purposes(a, b),
        *_bases(a, b),
        *_recipients(a, b),
        *_retention(a, b),
        *_kept_as(a, b),
        *_reach(a, b),
        *_never_stored(a, b),
        *_laws(a, b),
        *_surfaces(a, b),
        *_words(a, b),
    ]
    return Difference(a, b, tuple(sorted(found, key=lambda change: not change.material)))


def _collected(policy_: Policy) -> set[str]:
    return {statement.category for statement in policy_.statements}


def _pairs(policy_: Policy, attribute: str) -> set[tuple[str, str]]:
    return {(s.category, value) for s in policy_.statements for value in getattr(s, attribute)}


def _used(policy_: Policy, purpose: str) -> set[tuple[str, str]]:
    """Which categories a version uses for a purpose, each with the rule by which it is kept."""
    return {(category, keep) for category, p, keep in permits.stated(policy_) if p == purpose}


def _uses(policy_: Policy, purpose: str, pairs: Iterable[tuple[str, str]]) -> permits.Permits:
    return frozenset().union(*(permits.uses(policy_, category, purpose, keep) for category, keep in pairs))


def _names(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted({category for category, _keep in pairs}))


def _categories(a: Policy, b: Policy) -> Iterator[Change]:
    for category in sorted(_collected(b) - _collected(a)):
        yield Change(
            About.CATEGORY,
            How.NEW,
            category,
            material=True,
            touches=frozenset({(category, "")}),
            after=tuple(sorted(p for c, p in _pairs(b, "purposes") if c == category)),
            permits=permits.of_statements(b, [category]),
        )
    for category in sorted(_collected(a) - _collected(b)):
        before = tuple(sorted(p for c, p in _pairs(a, "purposes") if c == category))
        yield Change(About.CATEGORY, How.REMOVED, category, touches=frozenset({(category, "")}), before=before)


def _purposes(a: Policy, b: Policy) -> Iterator[Change]:
    kept_so_before = _pairs(a, "retention")
    for purpose in sorted({*a.purposes, *b.purposes}):
        was, is_now = _used(a, purpose), _used(b, purpose)
        # What is new as a whole, or kept in a new way, is a change of its own.
        more, less = (is_now - was) & kept_so_before, (was - is_now) & _pairs(b, "retention")
        if more or purpose not in a.purposes:
            yield Change(
                About.PURPOSE,
                How.WIDER if was else How.NEW,
                purpose,
                material=True,
                touches=frozenset(more),
                before=_names(was),
                after=_names(is_now),
                permits=_uses(b, purpose, more),
            )
        if less or purpose not in b.purposes:
            yield Change(
                About.PURPOSE,
                How.NARROWER if is_now else How.REMOVED,
                purpose,
                touches=frozenset(less),
                before=_names(was),
                after=_names(is_now),
            )


def _bases(a: Policy, b: Policy) -> Iterator[Change]:
    for purpose in sorted({*a.purposes} & {*b.purposes}):
        was, is_now = a.legal_basis(purpose), b.legal_basis(purpose)
        if was != is_now:
            # What asked for permission and asks no more permits more; any other change of basis is to be known.
            yield Change(
                About.BASIS,
                How.CHANGED,
                purpose,
                material=was == "consent",
                touches=frozenset(_used(b, purpose)),
                before=(was,),
                after=(is_now,),
                permits=_uses(b, purpose, _used(b, purpose)),
            )


def _receiving(version: Policy, pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Whose data goes where some categories are handed on for some purposes."""
    found: set[tuple[str, str]] = set()
    for purpose, category in pairs:
        found |= {(c, keep) for c, keep in _used(version, purpose) if c == category} or {(category, "")}
    return frozenset(found)


def _handed(recipient: policy.Recipient | None) -> set[tuple[str, str]]:
    return {(p, c) for p, categories in recipient.receives.items() for c in categories} if recipient else set()


def _recipients(a: Policy, b: Policy) -> Iterator[Change]:
    for name in sorted({*a.recipients, *b.recipients}):
        was, is_now = a.recipients.get(name), b.recipients.get(name)
        before, after = _handed(was), _handed(is_now)
        if is_now is not None:
            more = sorted(after - before)
            if more:
                yield Change(
                    About.RECIPIENT,
                    How.WIDER if was else How.NEW,
                    name,
                    material=True,
                    touches=_receiving(b, more),
                    before=tuple(f"{p}/{c}" for p, c in sorted(before)),
                    after=tuple(f"{p}/{c}" for p, c in sorted(after)),
                    permits=frozenset(permits.hand_over(is_now, p, c) for p, c in more),
                )
            elif was is None:
                yield Change(About.RECIPIENT, How.NEW, name, material=True)
            if was is not None and (was.country, was.kind) != (is_now.country, is_now.kind):
                stays = sorted(after & before)
                yield Change(
                    About.COUNTRY,
                    How.CHANGED,
                    name,
                    material=True,
                    touches=_receiving(b, stays),
                    before=(was.country, was.kind),
                    after=(is_now.country, is_now.kind),
                    permits=frozenset(permits.hand_over(is_now, p, c) for p, c in stays),
                )
        if was is not None and before - after:
            yield Change(
                About.RECIPIENT,
                How.NARROWER if after else How.REMOVED,
                name,
                touches=_receiving(a, before - after),
                before=tuple(f"{p}/{c}" for p, c in sorted(before)),
                after=tuple(f"{p}/{c}" for p, c in sorted(after)),
            )


def longer(one: str, other: str) -> bool:
    """Whether the first of two periods (ISO 8601; "" ends with its event) may outlast the second, on whatever day it begins.

    P5Y is P60M, PT24H is P1D, and P1M outlasts P30D, since there are months of 31 days.
    """
    one, other = one or "P0D", other or "P0D"
    return one != other and any(periods.after(day, one) > periods.after(day, other) for day in _days())


@cache
def _days() -> tuple[dt.datetime, ...]:
    # Four years, so that every length of a month and of a year is met, with and without a leap day.
    first = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    return tuple(first + dt.timedelta(days=n) for n in range(4 * 366))


def _retention(a: Policy, b: Policy) -> Iterator[Change]:
    for keep in sorted({*a.retention} & {*b.retention}):
        was, is_now = a.retention[keep], b.retention[keep]
        how = None
        if was.counts_from != is_now.counts_from:
            how = How.CHANGED
        elif longer(is_now.period, was.period):
            how = How.LONGER
        elif longer(was.period, is_now.period):
            how = How.SHORTER
        elif was.law != is_now.law:
            yield Change(About.RETENTION, How.CHANGED, keep, before=(was.law,), after=(is_now.law,))
        if how is None:
            continue
        wider = how is not How.SHORTER
        touches = frozenset(pair for pair in _pairs(b, "retention") if pair[1] == keep)
        yield Change(
            About.RETENTION,
            how,
            keep,
            material=wider,
            touches=touches,
            before=(was.period, was.counts_from),
            after=(is_now.period, is_now.counts_from),
            permits=frozenset({permits.keeps(is_now)}) if wider else frozenset(),
        )


def _kept_as(a: Policy, b: Policy) -> Iterator[Change]:
    """A category that is kept by one more rule, or by one less."""
    both = _collected(a) & _collected(b)
    before, after = _pairs(a, "retention"), _pairs(b, "retention")
    for keep in sorted({k for _, k in before ^ after}):
        more = tuple(sorted(c for c, k in after - before if k == keep and c in both))
        less = tuple(sorted(c for c, k in before - after if k == keep and c in both))
        if more:
            granted = {permits.keeps(b.retention[keep]), *(permits.keeps_as(c, keep) for c in more)}
            for category, purpose, rule in permits.stated(b):
                if rule == keep and category in more:
                    granted |= permits.uses(b, category, purpose, keep)
            touches = frozenset((c, "") for c in more)
            yield Change(About.KEPT_AS, How.WIDER, keep, True, touches, after=more, permits=frozenset(granted))
        if less:
            yield Change(About.KEPT_AS, How.NARROWER, keep, touches=frozenset((c, keep) for c in less), before=less)


def _reach(a: Policy, b: Policy) -> Iterator[Change]:
    order = list(Mechanism)
    ways = {(r.purpose, r.channel) for v in (a, b) for r in v.permissions}
    for purpose, channel in sorted(ways):
        laws = {*a.rules(purpose, channel), *b.rules(purpose, channel)}
        for law in sorted(laws):
            was, is_now = (v.rules(purpose, channel).get(law, v.rules(purpose, channel)["*"]) for v in (a, b))
            key = f"{purpose}/{channel}/{law}"
            if was.mechanism != is_now.mechanism:
                weaker = order.index(is_now.mechanism) > order.index(was.mechanism)
                yield Change(
                    About.REACH,
                    How.WIDER if weaker else How.NARROWER,
                    key,
                    material=weaker,
                    touches=frozenset(_used(b, purpose)),
                    before=(was.mechanism.value,),
                    after=(is_now.mechanism.value,),
                    permits=frozenset({permits.reaches(purpose, channel, law, is_now.mechanism)})
                    if weaker
                    else frozenset(),
                )
            elif (was.expires, was.reconfirm) != (is_now.expires, is_now.reconfirm):
                yield Change(
                    About.REACH,
                    How.CHANGED,
                    key,
                    before=(was.expires, was.reconfirm),
                    after=(is_now.expires, is_now.reconfirm),
                )


def _never_stored(a: Policy, b: Policy) -> Iterator[Change]:
    # What was never to be stored and may be now: nobody has been asked for it yet, so nobody is touched.
    yield from (Change(About.NEVER_STORED, How.REMOVED, c, True) for c in a.never_stored if c not in b.never_stored)
    yield from (Change(About.NEVER_STORED, How.NEW, c) for c in b.never_stored if c not in a.never_stored)


def _laws(a: Policy, b: Policy) -> Iterator[Change]:
    for law in sorted({*a.jurisdictions, *b.jurisdictions}):
        was, is_now = a.jurisdictions.get(law, frozenset()), b.jurisdictions.get(law, frozenset())
        if was != is_now:
            yield Change(About.LAW, How.CHANGED, law, before=tuple(sorted(was)), after=tuple(sorted(is_now)))


def _surfaces(a: Policy, b: Policy) -> Iterator[Change]:
    for name in sorted({*a.surfaces, *b.surfaces}):
        was, is_now = a.surfaces.get(name), b.surfaces.get(name)
        if was != is_now:
            how = How.NEW if was is None else How.REMOVED if is_now is None else How.CHANGED
            before, after = ((s.channel.value,) if s else () for s in (was, is_now))
            yield Change(About.SURFACE, how, name, before=before, after=after)


def _words(a: Policy, b: Policy) -> Iterator[Change]:
    for locale in sorted({*a.locales} | {*b.locales}):
        if locale not in a.locales or locale not in b.locales:
            yield Change(About.WORDS, How.NEW if locale in b.locales else How.REMOVED, locale)
            continue
        was, is_now = (flat(v.words(locale).data) for v in (a, b))
        reworded = tuple(key for key in was if key in is_now and was[key] != is_now[key])
        if reworded:
            yield Change(About.WORDS, How.CHANGED, locale, before=reworded, after=reworded)


def flat(words: Mapping[str, object]) -> dict[str, str]:
    """A file of words as one table: "purpose/finance", "section/use.marketing/body"."""
    found: dict[str, str] = {}
    for table, value in words.items():
        if isinstance(value, str):
            found[table] = value
        elif isinstance(value, Mapping):
            found.update({f"{table}/{key}": str(text) for key, text in value.items()})
        elif isinstance(value, list):
            for section in value:
                found.update({f"{table}/{section['clause']}/{part}": section[part] for part in ("heading", "body")})
    return found


def columns(change: Change) -> list[str]:
    """The columns, "table.column", in which data stands that a change touches."""
    return [
        column_key(field)
        for model in apps.get_models()
        for field in personal_fields(model)
        for declared in [declaration_of(field)]
        if not change.touches.isdisjoint(
            {(declared.category.value, ""), (declared.category.value, declared.keep.value)}
        )
    ]


def touched(found: Difference) -> QuerySet[Subject]:
    """Everybody of whom something was collected, under an earlier version, that a material change touches.

    A guest who opened an account is one person with it, and counts as the account.
    """
    names = sorted({column for change in found.material for column in columns(change)})
    earlier = Collection.objects.filter(policy_version__lt=found.after.version, fields__overlap=names)
    people = earlier.values_list(Coalesce("subject__merged_into_id", "subject_id"))
    return Subject.objects.filter(pk__in=people).order_by("created_at", "pk")
