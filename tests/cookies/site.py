"""The addresses of a store for these tests: pages of every kind that are, or are not, page views."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

_PAGE = "{% load cookies %}<!doctype html><title>A page</title>{% cookie_banner %}"


@login_not_required
def page(request: HttpRequest, **_named: str) -> HttpResponse:
    response = HttpResponse(engines["django"].from_string(_PAGE).render({}, request))
    if request.GET.get("found") == "0":
        response.found_nothing_in = request.GET.get("category", "")
    return response


@login_not_required
def page_with_account(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<!doctype html>{request.user.is_authenticated}")


@login_not_required
def gone(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html>", status=404)


@login_not_required
def document(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/things/", page),
    path("document/", document),
    path("gone/", gone),
    path("account/", page_with_account),
    *i18n_patterns(
        path("", page, name="home"),
        path("products/<slug:slug>/", page),
        path("search/", page),
        path("cookies/", include("cookies.urls")),
        # The head of the staff's pages leads to their second factor.
        path("accounts/", include("accounts.urls")),
        # An answer offers its receipt, which stands there.
        path("privacy/", include("privacy.urls")),
        prefix_default_language=False,
    ),
]
