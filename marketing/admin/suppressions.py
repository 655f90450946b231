"""The list of those to be left alone, as the staff sees it: causes and days, since nothing else stands in it."""

from __future__ import annotations

from django.contrib import admin

from marketing.models import Suppression
from privacy.staff import ReadOnly


@admin.register(Suppression)
class SuppressionAdmin(ReadOnly, admin.ModelAdmin):
    """Only the person's own new yes leads out of it."""

    list_display = ["since", "cause", "purpose", "key_id"]
    list_filter = ["cause", "purpose"]
    date_hierarchy = "since"
    actions = None
    fields = ["since", "cause", "purpose", "key_id"]
    readonly_fields = fields
