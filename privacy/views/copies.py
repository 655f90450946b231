"""Fetching the copy of everything: signed in with a fresh password, or by the link that went to a confirmed address."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from privacy.gate import subject_of
from privacy.internal.copying import file_name, handing
from privacy.internal.step_up import ask_for_password

GONE = 410


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def mine(request: HttpRequest) -> HttpResponseBase:
    """The copy for who is signed in. Reading the page makes nothing; the button does."""
    if (password := ask_for_password(request, reverse("privacy:copy"))) is not None:
        return password
    if request.method != "POST":
        return render(request, "privacy/copy.html", {"days": handing.LINK_WORKS.days})
    return _file(handing.fetch_own(subject_of(request)))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The copy for whoever reads the confirmed mailbox. A program that follows links finds a page; the button uses the link up."""
    try:
        copy = handing.copy_behind(token)
        if copy is None:
            raise Http404("This is no link to a copy.")
        if request.method != "POST":
            return render(request, "privacy/copy.html", {"copy": copy, "days": handing.LINK_WORKS.days})
        return _file(handing.fetch(copy))
    except handing.LinkUsed:
        return render(request, "privacy/copy_gone.html", {"days": handing.LINK_WORKS.days}, status=GONE)


def _file(pieces: Iterator[bytes]) -> HttpResponse | StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{file_name()}"'
    # What stands between may not unpack or keep it.
    response["Cache-Control"] = "no-store, no-transform, private"
    return response
