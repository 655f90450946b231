"""The register of recipients: a row for each that the policy names, asked before anything is handed over."""

from __future__ import annotations

from privacy.errors import NotDisclosed
from privacy.internal import policy
from privacy.models import Recipient


def enter_all(using: str) -> None:
    """Enter every recipient of the policy in force into the register, so that staff can name the firms. Safe to repeat."""
    rows = [Recipient(id=r.id, kind=r.kind, country=r.country) for r in policy.current().recipients.values()]
    Recipient.objects.using(using).bulk_create(rows, ignore_conflicts=True)


def registered(to: str) -> Recipient:
    """The row of a recipient of the policy in force, made at its first use; `NotDisclosed` where it may not receive."""
    in_force = policy.current()
    stated = in_force.recipients.get(to)
    if stated is None:
        raise NotDisclosed(f"{to!r} is not a recipient that the policy of {in_force.version} registers.")
    row, _new = Recipient.objects.get_or_create(
        id=to, defaults={"kind": stated.kind, "country": stated.country, "name": ""}
    )
    if row.suspended_at is not None:
        raise NotDisclosed(f"{to} is suspended since {row.suspended_at:%Y-%m-%d}: nothing is handed over to it.")
    if row.country != stated.country:
        raise NotDisclosed(
            f"{to} is registered in {row.country}, and the policy of {in_force.version} states {stated.country}: "
            "publish a policy that says so first."
        )
    return row
