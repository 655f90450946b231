"""The promises with their figures, in words: what each counts, and nothing so small that it speaks of one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from privacy.internal import clocks, figures, kept, policy

# A count of people's doings below this is not told apart: whoever knows one of them would know more.
FEW = 5

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its words, the figure as text (None: not measured yet), what it counts, and whether the promise holds."""

    id: str
    label: str
    value: str | None
    counts: str
    # "kept" and "broken" where the figure itself says it; "" where it only informs.
    verdict: str = ""
    more: tuple[tuple[str, str], ...] = field(default=())
    link: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the figure is a figure, and not words in its place."""
        return bool(self.value) and str(self.value)[0].isdigit() and str(self.value)[-1].isdigit()


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together."""

    id: str
    title: str
    lead: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise of the policy, and what of it is not built yet."""

    id: str
    promise: str
    is_open: bool
    open: str
    unkept: list[str]


# Every clause in words that a person knows; the order is the policy's.
CLAUSES: Mapping[str, Text] = {
    "use.only-as-stated": gettext_lazy("Your data is used only as the policy says"),
    "policy.changes": gettext_lazy("You hear of a new policy before it holds, and can read every old one"),
    "collect.sources": gettext_lazy("Data comes in only where the policy says so"),
    "collect.contact": gettext_lazy("We ask for a name and an e-mail address, and say why"),
    "collect.shipping": gettext_lazy("We ask for an address and a telephone number to bring you your parcel"),
    "collect.social": gettext_lazy("What you write or show in public is yours"),
    "collect.payment": gettext_lazy("Your card number never reaches this store"),
    "collect.demographic": gettext_lazy("Interests are asked, never guessed"),
    "collect.survey": gettext_lazy("Answers to surveys are kept for the survey only"),
    "use.transaction": gettext_lazy("Your data serves your purchase"),
    "use.service": gettext_lazy("Your data serves what you asked for"),
    "use.improvement": gettext_lazy("We improve the store by counts, not by profiles"),
    "use.marketing": gettext_lazy("News comes only if you said yes"),
    "use.experience": gettext_lazy("What you like is remembered only if you permit it"),
    "share.processors": gettext_lazy(
        "Whoever receives your data is named, gets only what they need, and it is written down"
    ),
    "share.no-sale": gettext_lazy("Your data is not sold or leased"),
    "share.third-party-promotions": gettext_lazy("News about others comes only if you wish it"),
    "security": gettext_lazy("Your data is kept safe, and who looks at it leaves a trace"),
    "cookies.ask": gettext_lazy("Cookies ask first"),
    "cookies.traffic": gettext_lazy("Page views are counted, then removed"),
    "cookies.individual": gettext_lazy("The store adapts to you only if you permit it"),
    "cookies.nothing-else": gettext_lazy("Your browser keeps no other cookie than those we list"),
    "control.opt-out-box": gettext_lazy("Every form has a box to say: no marketing"),
    "control.withdraw": gettext_lazy("You can take a yes back at any time, and it holds at once"),
    "control.correct": gettext_lazy("What is wrong about you is corrected"),
}


def clauses() -> list[Clause]:
    """Every promise, with what is said openly to be missing."""
    return [
        Clause(
            id=entry["id"],
            promise=str(CLAUSES.get(entry["id"], entry["promise"])),
            is_open=bool(entry.get("open")),
            open=entry.get("open", ""),
            unkept=[_in_words(statement) for statement in entry.get("unkept", [])],
        )
        for entry in kept.promises()
    ]


def _in_words(statement: str) -> str:
    """A statement of the policy that is not built yet, in the policy's own words where it has some."""
    kind, _space, key = statement.rpartition(" ")
    words = policy.current().words().data
    return str(words.get(kind, {}).get(key, key))


def sections() -> list[Section]:
    """The figures of this minute, in the active language."""
    found = figures.of_this_minute()
    return [
        Section(
            "requests",
            _("What people ask of us"),
            _("Letters to the privacy desk, on paper, by mail or by page."),
            list(_requests(found)),
        ),
        Section(
            "no", _("Your no"), _("From the moment in which you say no, no advertisement leaves."), list(_no(found))
        ),
        Section(
            "traces",
            _("Page views"),
            _("They are counted, then removed, and the removal is proven."),
            list(_traffic(found)),
        ),
        Section("time", _("Nothing is kept too long"), _("Each value knows its last day."), list(_time(found))),
        Section(
            "hands",
            _("Who else sees it"),
            _("Each time that a value leaves the store, and each look of our staff, is written down."),
            list(_hands(found)),
        ),
        Section(
            "ledger",
            _("Proof"),
            _("What we write down cannot be changed later without being found out."),
            list(_ledger(found)),
        ),
    ]


def measured_at() -> dt.datetime | None:
    """When the figures were counted."""
    return figures.of_this_minute().get("measured at")


def _count(found: Mapping[str, Any], key: str) -> str | None:
    number = found.get(key)
    return None if number is None else number_format(number, use_l10n=True, force_grouping=True)


def _few(found: Mapping[str, Any], key: str) -> str | None:
    """A count of people's doings, the small ones not told apart."""
    number = found.get(key)
    if number is None:
        return None
    return _("fewer than %(few)s") % {"few": FEW} if number < FEW else _count(found, key)


def _none_wanted(found: Mapping[str, Any], key: str) -> tuple[str | None, str]:
    """A count that must be nought, with its verdict: here a small number is the very thing to be said."""
    number = found.get(key)
    return _count(found, key), "" if number is None else "broken" if number else "kept"


def _requests(found: Mapping[str, Any]) -> Iterator[Line]:
    within = clocks.shortest_days()
    yield Line(
        "requests-open",
        _("Open now"),
        _few(found, "requests open"),
        _("Requests that were not answered yet."),
        more=_how_old(found, within),
    )
    overdue, verdict = _none_wanted(found, "requests overdue")
    yield Line(
        "requests-overdue",
        _("Open beyond their day"),
        overdue,
        _("Open requests whose time to be answered, %(days)s days, is over.") % {"days": within},
        verdict,
    )
    yield Line(
        "answer-time",
        _("Days until the answer"),
        _median(found),
        _(
            "The middle one of all requests that were answered in the last twelve months: half took less, half took more."
        ),
    )
    late_ones, verdict = _none_wanted(found, "requests answered late")
    yield Line(
        "answered-late",
        _("Answered late"),
        late_ones,
        _("Requests of the last twelve months that were answered after their day."),
        verdict,
    )


def _how_old(found: Mapping[str, Any], within: int) -> tuple[tuple[str, str], ...]:
    """The age of the oldest open request; of a few only whether it is within its time, since an age could point at one."""
    number, oldest = found.get("requests open"), found.get("oldest request")
    if number is None:
        return ()
    if number >= FEW and oldest is not None:
        return ((_("the oldest is"), ngettext("%(days)s day", "%(days)s days", oldest) % {"days": oldest}),)
    if oldest is not None and oldest >= within:
        return ((_("the oldest is"), _("older than promised")),)
    return ((_("none is older than"), ngettext("%(days)s day", "%(days)s days", within) % {"days": within}),)


def _median(found: Mapping[str, Any]) -> str | None:
    answered, days = found.get("requests answered"), found.get("median days to answer")
    if answered is None:
        return None
    if answered < FEW or days is None:
        return _("too few to say")
    return number_format(days, decimal_pos=1)


def _no(found: Mapping[str, Any]) -> Iterator[Line]:
    letters, middle, slowest = (
        found.get(k) for k in ("opt-outs by letter", "seconds to effect", "slowest seconds to effect")
    )
    value = None if letters is None else _("too few to say") if letters < FEW or middle is None else _seconds(middle)
    slow = ((_("the slowest took"), _seconds(slowest)),) if letters and letters >= FEW and slowest is not None else ()
    yield Line(
        "opt-out-time",
        _("Until a no takes effect"),
        value,
        _(
            "From the arrival of a letter that says no, or the click, until the moment after which nothing is sent. It is "
            "written in one step with the letter itself, so nobody has to read it first."
        ),
        more=slow,
    )
    yield Line(
        "opt-outs",
        _("Times that somebody said no"),
        _few(found, "opt-outs"),
        _("Refusals and withdrawals of the last twelve months, by any way."),
    )


def _seconds(seconds: float) -> str:
    if seconds < 1:
        return _("less than a second")
    if seconds < 120:
        whole = round(seconds)
        return ngettext("%(seconds)s second", "%(seconds)s seconds", whole) % {"seconds": whole}
    minutes = round(seconds / 60)
    return ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": number_format(minutes)}


def _traffic(found: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        "hits",
        _("Counted and removed"),
        _few(found, "page views counted and removed"),
        _("Page views of visitors who permitted it, since the store opened; each was added to a count and is gone."),
        more=_last(found, "last removal"),
    )
    yield Line(
        "hits-uncounted",
        _("Removed without being counted"),
        _few(found, "page views removed uncounted"),
        _("Page views of visitors who changed their mind before they were counted."),
    )
    planted, verdict = _none_wanted(found, "planted visitors found")
    if not found.get("searches for a planted visitor"):
        planted, verdict = None, ""
    yield Line(
        "planted",
        _("Found again after removal"),
        planted,
        _(
            "We send made-up visitors through the store and search every file for them afterwards. This is how many were found."
        ),
        verdict,
        more=(
            (_("searches"), str(_count(found, "searches for a planted visitor"))),
            (_("files searched"), str(_count(found, "files searched"))),
        )
        if planted is not None
        else (),
    )


def _time(found: Mapping[str, Any]) -> Iterator[Line]:
    overdue, verdict = _none_wanted(found, "values past their day")
    yield Line(
        "overdue",
        _("Kept past their day"),
        overdue,
        _("Records that should have been removed by last night and are still here, in every table of the store."),
        verdict,
    )
    yield Line(
        "removals",
        _("Certificates of removal"),
        _count(found, "certificates of removal"),
        _("Each says how many records were removed, why and when; none says whose."),
        more=_last(found, "last certificate of removal"),
    )


def _last(found: Mapping[str, Any], key: str) -> tuple[tuple[str, str], ...]:
    moment = found.get(key)
    return ((_("last"), _moment(moment)),) if moment else ()


def _moment(moment: dt.datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


def _hands(found: Mapping[str, Any]) -> Iterator[Line]:
    by_recipient = found.get("hand-overs of a month")
    words = policy.current().words().data["recipient"]
    total = None if by_recipient is None else {"n": sum(by_recipient.values())}
    told = tuple((str(words.get(key, key)), str(_few(by_recipient or {}, key))) for key in by_recipient or ())
    yield Line(
        "hand-overs",
        _("Handed over in 30 days"),
        None if total is None else _few(total, "n"),
        _("Times that data of one person was handed to somebody whom the policy names: our mail service, the courier."),
        more=told,
    )
    yield Line(
        "legal-orders",
        _("Demands of authorities"),
        _few(found, "legal orders"),
        _("Orders of a court or an authority to hand data over, since the store opened."),
    )
    yield Line(
        "looks",
        _("Looks of our staff in 30 days"),
        _few(found, "looks of a month"),
        _(
            "Staff see stars instead of your data. This is how often one of them made a value visible, each time with the "
            "reason; those about you stand in your privacy centre."
        ),
    )


def _ledger(found: Mapping[str, Any]) -> Iterator[Line]:
    root, signed = found.get("ledger root"), found.get("ledger signed")
    more = ((_("root"), f"{root[:16]}…"), (_("signed"), _moment(signed))) if root and signed else ()
    yield Line(
        "ledger-head",
        _("Entries in the ledger"),
        _count(found, "ledger entries"),
        _(
            "Choices, entries of data, hand-overs, removals and looks that are under one signed seal. It is renewed each "
            "minute; whoever keeps a copy of it can prove later that nothing was changed."
        ),
        more=more,
        link=reverse("privacy:ledger_head") if root else "",
    )
