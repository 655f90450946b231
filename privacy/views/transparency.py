"""The page of promises: each with the figures that speak for it or against it, open to everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from privacy.internal import policy, transparency


@login_not_required
@require_safe
def transparency_page(request: HttpRequest) -> HttpResponse:
    """The figures of this minute; what is not measured yet, and what is not built yet, is said."""
    clauses = transparency.clauses()
    return render(
        request,
        "privacy/transparency.html",
        {
            "sections": transparency.sections(),
            "clauses": clauses,
            "kept_in_full": sum(not clause.is_open for clause in clauses),
            "measured_at": transparency.measured_at(),
            "in_force": policy.current(),
        },
    )
