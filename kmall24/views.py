"""Answers for when something is wrong: each says what happened and what to do, a page to a reader, a problem to a program."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _page(request: HttpRequest, status: int, heading: str, what_to_do: str) -> HttpResponse:
    if _asked_by_a_program(request):
        return _problem(status, heading, what_to_do)
    return render(request, "error.html", {"heading": heading, "what_to_do": what_to_do}, status=status)


def _asked_by_a_program(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _problem(status: int, title: str, detail: str) -> JsonResponse:
    """RFC 9457, as the API says what it refuses itself; this is for what never reached it."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JsonResponse(problem, status=status, content_type="application/problem+json")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("We could not read that."), _("Please go back and try again."))


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        403,
        _("This page is not open to you."),
        _("If it should be, sign in with the account that it belongs to."),
    )


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is nothing at this address."),
        _("It may have moved. Look for it, or start at the shelves."),
    )


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("Your form had waited too long."),
        _("Nothing was sent. Please go back, reload the page and send it again; cookies must be allowed for that."),
    )


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    # Nothing is asked of the rest of the store: it may be what is broken.
    if _asked_by_a_program(request):
        return _problem(
            500, "Something broke on our side", "Ask the same again in a minute: what is done once stays once."
        )
    body = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Something broke</title>"
        "<h1>Something broke on our side.</h1><p>Nothing of yours is lost. Please try again in a minute.</p>"
        "<p lang=ko>저희 쪽에 문제가 생겼습니다. 잠시 후 다시 시도해 주세요.</p></html>"
    )
    return HttpResponse(body, status=500)
