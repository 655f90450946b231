"""A database older than the journal of erasures is shown to nobody: those who were erased may be back in it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers

from privacy.internal.journal import standing

# For the machines that watch the store, and for nobody's data.
_OPEN = ("/healthz", "/readyz", "/robots.txt", "/favicon.ico")
_TRY_AGAIN_AFTER = 120  # seconds


def journal_problem() -> str:
    """What is wrong between journal and database, in a sentence; empty when nothing is."""
    found = standing.state()
    if found is standing.State.OLDER:
        return "The database is older than the journal. Run `manage.py replay_journal`."
    if found is standing.State.LOST:
        return "The journal has lost lines. Run `manage.py replay_journal --check`."
    return ""


class QuarantineMiddleware:
    """Answers every page with "closed" until the journal has been replayed. Costs a look at a clock while all is well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in _OPEN or not standing.quarantined():
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request, check_path=True)):
            response = HttpResponse(render_to_string("privacy/quarantine.html"), status=503)
        response["Retry-After"] = str(_TRY_AGAIN_AFTER)
        add_never_cache_headers(response)
        return response
