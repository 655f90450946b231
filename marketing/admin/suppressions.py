"""The list of those to be left alone, as the staff sees it: causes and days, since nothing else stands in it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marketing.models import Suppression


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    list_display = ["since", "cause", "purpose", "key_id"]
    list_filter = ["cause", "purpose"]
    date_hierarchy = "since"
    actions = None
    fields = ["since", "cause", "purpose", "key_id"]
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Only the person's own new yes leads out of it.
        return False
