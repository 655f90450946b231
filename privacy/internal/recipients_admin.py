"""Recipients in the admin: staff name the firm and its desk, and suspend it; what it receives is the policy's."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from privacy.internal import policy
from privacy.models import Recipient


@admin.register(Recipient)
class RecipientAdmin(admin.ModelAdmin):
    list_display = ("id", "name", "kind", "country", "suspended_at")
    fields = ("id", "name", "kind", "country", "desk", "suspended_at", "receives")
    readonly_fields = ("id", "kind", "receives")

    @admin.display(description=_("receives"))
    def receives(self, recipient: Recipient) -> str:
        """What the policy in force states for it, in its words."""
        stated = policy.current().recipients.get(recipient.pk)
        if stated is None:
            return "-"
        words = policy.current().words()
        return format_html_join(
            "",
            "<p>{}: {}</p>",
            (
                (words.of("purpose", purpose), ", ".join(words.of("category", c) for c in sorted(categories)))
                for purpose, categories in stated.receives.items()
            ),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
