"""The declared cookies, brought into django-cookie-consent's tables: the same after any number of runs."""

from __future__ import annotations

from cookie_consent.models import Cookie, CookieGroup
from django.utils import translation

from cookies import inventory


def declare_cookies(using: str = "default") -> int:
    """Make the rows what the inventory says, and return how many were added, changed or removed.

    A row that already agrees is not touched: the library takes its age for the version of the question.
    """
    touched = 0
    with translation.override("en"):
        for place, group in enumerate(inventory.GROUPS):
            touched += _declare_group(using, place, group)
        surplus = CookieGroup.objects.using(using).exclude(varname__in=[g.key for g in inventory.GROUPS])
        touched += surplus.delete()[0]
    return touched


def _declare_group(using: str, place: int, group: inventory.Group) -> int:
    wanted = {
        "name": str(group.name),
        "description": str(group.description),
        "is_required": not group.optional,
        "is_deletable": group.optional,
        "ordering": place,
    }
    row, added = CookieGroup.objects.using(using).get_or_create(varname=group.key, defaults=wanted)
    touched = int(added) + _correct(row, wanted, using)
    declared = {cookie.shown_name: str(cookie.purpose) for cookie in group.cookies}
    for name, purpose in declared.items():
        cookie, added = Cookie.objects.using(using).get_or_create(
            cookiegroup=row, name=name, domain="", defaults={"description": purpose}
        )
        touched += int(added) + _correct(cookie, {"description": purpose}, using)
    return touched + Cookie.objects.using(using).filter(cookiegroup=row).exclude(name__in=declared).delete()[0]


def _correct(row: Cookie | CookieGroup, wanted: dict[str, object], using: str) -> int:
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return 0
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save(using=using)
    return 1
