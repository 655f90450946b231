"""Many rows at once: what an action would do is shown first, and exactly those rows are acted on when that was confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.domain import cancelling, parcels, refunding, returns

# As many as a person reads through before saying yes, and as a form may have fields.
MOST_AT_ONCE = 500


class CannotDo(Exception):
    """The text is a sentence for staff."""


REFUSALS = (parcels.CannotPack, cancelling.CannotCancel, returns.CannotReturn, refunding.CannotRefund, CannotDo)


def may(request: HttpRequest, *permissions: str) -> None:
    """Stop somebody whose role does not let them."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied


def shown_first(
    request: HttpRequest,
    chosen: QuerySet[Any],
    *,
    title: str,
    preview: Callable[[Any], str],
    do: Callable[[Any], Any],
) -> HttpResponse | None:
    """Show what an action would do to each row; do it when that was confirmed. One refusal does not stop the others."""
    if "confirmed" not in request.POST:
        rows = list(chosen[: MOST_AT_ONCE + 1])
        if len(rows) > MOST_AT_ONCE:
            messages.error(request, _("Choose at most %(most)s at once.") % {"most": MOST_AT_ONCE})
            return None
        return TemplateResponse(
            request,
            "admin/orders/preview.html",
            {
                **admin.site.each_context(request),
                "title": title,
                "rows": [(row, preview(row)) for row in rows],
                "action": request.POST["action"],
                "checkbox": ACTION_CHECKBOX_NAME,
                "opts": chosen.model._meta,
            },
        )
    done = 0
    for row in chosen:
        try:
            do(row)
            done += 1
        except REFUSALS as refusal:
            messages.error(request, f"{row}: {refusal}")
    messages.success(request, ngettext("Done for %(number)s.", "Done for %(number)s.", done) % {"number": done})
    return None
