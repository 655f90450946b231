"""What may follow what in a case, and which reason may stand beside which state: the Data Rights Protocol 1.0 as a table."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from privacy.models.request import RequestReason, RequestState

_OPEN, _WORK = RequestState.OPEN, RequestState.IN_PROGRESS
_DONE, _BACK = RequestState.FULFILLED, RequestState.REVOKED
_NO, _OVER = RequestState.DENIED, RequestState.EXPIRED

# A case that has ended stays ended: whoever asks again opens another one.
FOLLOWS: Mapping[RequestState, frozenset[RequestState]] = {
    _OPEN: frozenset({_WORK, _DONE, _BACK, _NO, _OVER}),
    _WORK: frozenset({_DONE, _BACK, _NO, _OVER}),
    _DONE: frozenset(),
    _BACK: frozenset(),
    _NO: frozenset(),
    _OVER: frozenset(),
}
ENDED = frozenset(state for state, next_ones in FOLLOWS.items() if not next_ones)

REASONS: Mapping[RequestState, frozenset[str]] = {
    _OPEN: frozenset({""}),
    _WORK: frozenset({"", RequestReason.NEED_USER_VERIFICATION}),
    _DONE: frozenset({""}),
    _BACK: frozenset({""}),
    _NO: frozenset(set(RequestReason) - {RequestReason.NEED_USER_VERIFICATION}),
    _OVER: frozenset({"", RequestReason.NEED_USER_VERIFICATION}),
}


class CannotMove(ValueError):
    """A case was to go where its state does not lead. The text is a sentence for staff."""


def check(before: str, after: str, reason: str = "") -> None:
    """Refuse a step that the tables do not know."""
    was, then = RequestState(before), RequestState(after)
    if then is not was and then not in FOLLOWS[was]:
        raise CannotMove(
            _("A request that is %(before)s cannot become %(after)s.") % {"before": was.label, "after": then.label}
        )
    if reason not in REASONS[then]:
        known = sorted(str(RequestReason(one).label) for one in REASONS[then] if one) or [_("no reason")]
        raise CannotMove(
            _("Beside “%(state)s” stands one of these: %(reasons)s.")
            % {"state": then.label, "reasons": ", ".join(known)}
        )
