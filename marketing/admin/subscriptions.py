"""Subscriptions as the staff sees them: masked, and not to be changed; a no that reached staff is recorded here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing.admin import imports
from marketing.models import PushDevice, Subscription, TextNumber
from privacy.models.consent import ConsentMethod
from privacy.permission import withdraw
from privacy.staff import PersonalAdmin, staff_subject


class _Reached(PersonalAdmin):
    """An address for news, whatever its channel."""

    list_filter = ["locale", "confirmed_at"]
    actions = [*PersonalAdmin.actions, "record_opt_out"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Record that they want no more"), permissions=["view"])
    def record_opt_out(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Somebody told a member of staff, by telephone or at the counter. Everybody may record a no; nobody a yes."""
        people = {record.subject_id: record.subject for record in chosen.select_related("subject")}
        for subject in people.values():
            withdraw(subject, method=ConsentMethod.ADMIN, surface="staff.admin", acted_by=staff_subject(request))
        messages.success(request, _("Recorded for %(number)d. It holds from now on.") % {"number": len(people)})


@admin.register(Subscription)
class SubscriptionAdmin(_Reached):
    list_display = ["__str__", "masked_email", "locale", "created_at", "confirmed_at"]
    fields = ["masked_email", "locale", "created_at", "confirmed_at"]
    readonly_fields = fields

    change_list_template = "admin/marketing/subscription/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        def bring(request: HttpRequest) -> HttpResponseBase:
            return imports.page(request, self.admin_site.each_context(request))

        address = path("import/", self.admin_site.admin_view(bring), name="marketing_subscription_import")
        return [address, *super().get_urls()]


@admin.register(TextNumber)
class TextNumberAdmin(_Reached):
    list_display = ["__str__", "masked_phone", "locale", "created_at", "confirmed_at"]
    fields = ["masked_phone", "locale", "created_at", "confirmed_at"]
    readonly_fields = fields


@admin.register(PushDevice)
class PushDeviceAdmin(_Reached):
    list_display = ["__str__", "masked_device", "locale", "created_at", "confirmed_at"]
    fields = ["masked_device", "locale", "created_at", "confirmed_at"]
    readonly_fields = fields
