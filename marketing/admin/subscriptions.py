"""Subscriptions as the staff sees them: masked, and not to be changed; a no that reached staff is recorded here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing.models import Subscription
from privacy.models.consent import ConsentMethod
from privacy.permission import withdraw
from privacy.staff import PersonalAdmin, staff_subject


@admin.register(Subscription)
class SubscriptionAdmin(PersonalAdmin):
    list_display = ["__str__", "masked_email", "locale", "created_at", "confirmed_at"]
    list_filter = ["locale", "confirmed_at"]
    fields = ["masked_email", "locale", "created_at", "confirmed_at"]
    readonly_fields = fields
    # Without the file that other lists offer: the addresses of those who read our news leave one by one, in their mails.
    actions = ["record_opt_out"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Record that they want no more"), permissions=["view"])
    def record_opt_out(self, request: HttpRequest, chosen: QuerySet[Subscription]) -> None:
        """Somebody told a member of staff, by telephone or at the counter. Everybody may record a no; nobody a yes."""
        people = {record.subject_id: record.subject for record in chosen.select_related("subject")}
        for subject in people.values():
            withdraw(subject, method=ConsentMethod.ADMIN, surface="staff.admin", acted_by=staff_subject(request))
        messages.success(request, _("Recorded for %(number)d. It holds from now on.") % {"number": len(people)})
