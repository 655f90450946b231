"""The staff's own site: Django's admin under the store's name, opened by the store's one sign-in page."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class StaffSite(admin.AdminSite):
    """Staff sign in where everybody does, so one set of rules guards the door: limits, verification, second factor."""

    site_title = _("KMALL24 staff")
    site_header = _("KMALL24 staff")
    index_title = _("What is waiting")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            return HttpResponse(_("This page is for staff."), status=403, content_type="text/plain; charset=utf-8")
        # Read here: this module is named in INSTALLED_APPS, before there are models.
        from django.contrib.auth.views import redirect_to_login

        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """A staff page opens after the second factor; signing out needs none."""
        page = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            from accounts.second_factor import step_before

            leaving = request.path == reverse("admin:logout")
            if not leaving and self.has_permission(request) and (step := step_before(request)):
                return step
            return page(request, *args, **kwargs)

        return update_wrapper(guarded, page)

    def get_urls(self) -> list[Any]:
        from privacy.staff import look_addresses

        return [*look_addresses(self), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The front page begins with what is waiting for whoever looks, each with the way to it."""
        from kmall24.waiting import cards_for

        return super().index(request, {"waiting": cards_for(request.user), **(extra_context or {})})


class StaffAdminConfig(AdminConfig):
    default_site = "kmall24.staff.StaffSite"
