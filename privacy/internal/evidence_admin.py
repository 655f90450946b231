"""Evidence as staff see it: to read and never to change; and the outbox with what is stuck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from privacy.models import Collection, ConsentEvent, Disclosure, Effect, LegalOrder, Look
from privacy.staff import ReadOnly


class Evidence(ReadOnly, admin.ModelAdmin):
    """Rows that are only ever added: to be read, by nobody to be changed."""

    actions: Sequence[str] | None = None


@admin.register(Collection)
class CollectionAdmin(Evidence):
    list_display = ["received_at", "surface", "channel", "policy_version", "notice_locale", "subject"]
    list_filter = ["surface", "channel", "policy_version"]
    date_hierarchy = "received_at"
    list_select_related = ["subject"]


@admin.register(ConsentEvent)
class ConsentEventAdmin(Evidence):
    list_display = ["received_at", "purpose", "channel", "state", "method", "policy_version", "locale", "subject"]
    list_filter = ["state", "method", "channel", "purpose"]
    date_hierarchy = "received_at"
    list_select_related = ["subject"]


@admin.register(Disclosure)
class DisclosureAdmin(Evidence):
    list_display = ["disclosed_at", "handed_to", "purpose", "legal_basis", "record", "subject"]
    list_filter = ["handed_to", "purpose", "legal_basis"]
    date_hierarchy = "disclosed_at"
    list_select_related = ["subject"]


@admin.register(LegalOrder)
class LegalOrderAdmin(Evidence):
    list_display = ["recorded_at", "authority", "reference", "law"]


@admin.register(Look)
class LookAdmin(Evidence):
    """Who of the staff looked at whose values; staff are watched by staff, and by the person."""

    list_display = ["looked_at", "staff", "role", "kind", "category", "reason", "subject"]
    list_filter = ["kind", "category", "role"]
    date_hierarchy = "looked_at"
    list_select_related = ["subject", "staff"]


@admin.register(Effect)
class EffectAdmin(Evidence):
    list_display = ["created_at", "kind", "key", "attempts", "due_at", "done_at", "parked_at", "last_error"]
    list_filter = [("parked_at", admin.EmptyFieldListFilter), ("done_at", admin.EmptyFieldListFilter), "kind"]
    actions = ["try_again"]

    @admin.action(description=_("Try again now"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: Any) -> None:
        if not request.user.has_perm("privacy.change_effect"):
            raise PermissionDenied
        count = queryset.filter(done_at__isnull=True).update(parked_at=None, attempts=0, due_at=timezone.now())
        self.message_user(request, ngettext("%d row is tried again.", "%d rows are tried again.", count) % count)
