"""Every address of the store, and one whose answer is always the same: what the server, Django and the middleware cost."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from kmall24 import urls

handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500


@login_not_required
@require_safe
def constant(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>constant</title>")


urlpatterns = [path("constant/", constant), *urls.urlpatterns]
