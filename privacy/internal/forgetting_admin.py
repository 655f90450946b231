"""Notices of erasures in the admin: whom no machine could ask, staff write to, and enter what was answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from privacy.internal import forgetting
from privacy.models import ErasureNotice


@admin.register(ErasureNotice)
class ErasureNoticeAdmin(admin.ModelAdmin):
    list_display = ("handed_to", "written_at", "told_at", "answer", "answered_at")
    list_filter = ("answer", "handed_to")
    fields = ("handed_to", "known_as", "written_at", "told_at", "answer", "answered_at")
    readonly_fields = ("handed_to", "known_as", "written_at", "told_at", "answered_at")

    def save_model(self, request: HttpRequest, obj: ErasureNotice, form: forms.ModelForm, change: bool) -> None:
        """What the recipient said to a member of staff, under their name."""
        if obj.answer:
            forgetting.record_answer(obj, obj.answer, staff=request.user.subject)  # type: ignore[union-attr]  # staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
