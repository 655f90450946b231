"""What a version of the policy permits the store to do with data, as a set of short sentences that can be compared.

| sentence | permits |
|---|---|
| `collect:<category>` | to ask for it |
| `ask:<category>:<purpose>:<retention>` | to use what is kept by that rule so, with the person's permission |
| `use:<category>:<purpose>:<retention>` | to use it so without asking, on another legal basis |
| `hand:<recipient>:<kind>:<country>:<purpose>:<category>` | to hand it to them, there, for that |
| `keep:<retention>:<counted from>:<period>` | to keep what is kept so for that long |
| `keepas:<category>:<retention>` | to keep it by that rule |
| `reach:<purpose>:<channel>:<law>:<mechanism>` | to write to people under that law after no more than that |

A version that permits less than an earlier one binds at once. One that permits more binds, for what was collected before it,
only with the person's yes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from privacy.internal import policy as policies
from privacy.internal.policy import Mechanism, Policy, Recipient, Retention

Permits = frozenset[str]


def asks(category: str, purpose: str, keep: str) -> str:
    """To use, with permission, one category that is kept by one rule for one purpose."""
    return f"ask:{category}:{purpose}:{keep}"


def uses_unasked(category: str, purpose: str, keep: str) -> str:
    """The same without asking."""
    return f"use:{category}:{purpose}:{keep}"


def uses(policy: Policy, category: str, purpose: str, keep: str) -> Permits:
    """To use it on the legal basis of a version. What needs no permission is permitted with one, too."""
    asked = asks(category, purpose, keep)
    if policy.legal_basis(purpose) == "consent":
        return frozenset({asked})
    return frozenset({asked, uses_unasked(category, purpose, keep)})


def hand_over(recipient: Recipient, purpose: str, category: str) -> str:
    """To hand one category to one recipient for one purpose, where it is now."""
    return f"hand:{recipient.id}:{recipient.kind}:{recipient.country}:{purpose}:{category}"


def keeps(retention: Retention) -> str:
    """To keep what is kept by one rule for its time."""
    return f"keep:{retention.id}:{retention.counts_from}:{retention.period}"


def keeps_as(category: str, retention: str) -> str:
    """To keep one category by one rule."""
    return f"keepas:{category}:{retention}"


def reaches(purpose: str, channel: str, law: str, mechanism: Mechanism) -> str:
    """To write to people under one law, after no more than this mechanism asks for."""
    return f"reach:{purpose}:{channel}:{law}:{mechanism.value}"


def of_statements(policy: Policy, categories: Iterable[str]) -> Permits:
    """Everything that the statements of a version permit for some categories, without the hand-overs."""
    wanted, found = set(categories), set()
    for category, purpose, keep in stated(policy):
        if category in wanted:
            found |= {f"collect:{category}", keeps_as(category, keep), *uses(policy, category, purpose, keep)}
    return frozenset(found)


def stated(policy: Policy) -> set[tuple[str, str, str]]:
    """What a version says, as category × purpose × retention."""
    return {(s.category, purpose, keep) for s in policy.statements for purpose in s.purposes for keep in s.retention}


def of(policy: Policy) -> Permits:
    """Everything that a version permits."""
    return _of(policy.version, policy.digest)


@cache
def _of(version: str, _digest: str) -> Permits:
    policy = policies.load(version)
    found = set(of_statements(policy, {statement.category for statement in policy.statements}))
    for recipient in policy.recipients.values():
        found.update(hand_over(recipient, p, c) for p, categories in recipient.receives.items() for c in categories)
    found.update(keeps(retention) for retention in policy.retention.values())
    return frozenset(found)
