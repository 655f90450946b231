"""The pages for when something is wrong: each says what happened and what to do next."""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static
from django.views.decorators.csrf import requires_csrf_token

_LAST_RESORT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>KMALL24</title>"
    "<h1>Something broke on our side</h1><p>Nothing was charged. Please try again in a minute.</p></html>"
)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Says nothing of the exception: it may hold what somebody typed."""
    return render(request, "404.html", status=404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Stands on its own: no database, no session, no context processor, since any of them may be what broke."""
    try:
        page = loader.get_template("500.html").render({"stylesheet": _stylesheet()})
    except Exception:
        page = _LAST_RESORT
    return HttpResponseServerError(page)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came back without its token: most often the page was open too long, or cookies are blocked."""
    return render(request, "403_csrf.html", {"cookies_seen": bool(request.COOKIES)}, status=403)


def _stylesheet() -> str:
    try:
        return static("kmall24/css/error.css")
    except ValueError:
        return "/static/kmall24/css/error.css"
