"""Subscriptions as the staff sees them: masked, and not to be changed; people leave and come by themselves."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marketing import events_admin, surveys_admin  # noqa: F401 - register their pages
from marketing.models import Subscription
from privacy.staff import PersonalAdmin


@admin.register(Subscription)
class SubscriptionAdmin(PersonalAdmin):
    list_display = ["__str__", "masked_email", "locale", "created_at", "confirmed_at"]
    list_filter = ["locale", "confirmed_at"]
    fields = ["masked_email", "locale", "created_at", "confirmed_at"]
    readonly_fields = fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
