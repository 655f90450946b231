"""Events as staff run them: seats and the waiting list as numbers, guests masked, photographs judged before they are shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketing.admin import photographs
from marketing.domain import events
from marketing.forms_staff import EventForm
from marketing.models import Event, EventPhotograph, EventRegistration
from privacy.staff import PersonalAdmin


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    form = EventForm
    list_display = ["__str__", "starts_at", "state", "seats", "waiting", "photographs_link"]
    list_filter = ["state", "starts_at"]
    search_fields = ["slug"]
    fields = [
        *("titles", "slug", "texts", "venues", "starts_at", "ends_at", "closes_at", "capacity", "state"),
        *("seats", "waiting", "photographs_link"),
    ]
    readonly_fields = ["seats", "waiting", "photographs_link"]
    actions = ["call_off"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        waiting = Count("registrations", filter=Q(registrations__state=EventRegistration.State.WAITING))
        return super().get_queryset(request).annotate(in_line=waiting)

    def view_on_site(self, event: Event) -> str | None:
        return event.get_absolute_url() if event.state != Event.State.DRAFT else None

    @admin.display(description=gettext_lazy("seats taken"), ordering="taken")
    def seats(self, event: Event) -> str:
        return f"{event.taken} / {event.capacity}" if event.pk is not None else "—"

    @admin.display(description=gettext_lazy("waiting"))
    def waiting(self, event: Any) -> int:
        return getattr(event, "in_line", 0)

    @admin.display(description=gettext_lazy("photographs"))
    def photographs_link(self, event: Event) -> str:
        if event.pk is None:
            return "—"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:marketing_event_photographs", args=[event.pk]), _("Photographs")
        )

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        """Write what was typed and not the count; room that was made goes to those who wait."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        named = [name for name in form.changed_data if name in form.fields]
        calls_off = "state" in named and obj.state == Event.State.CANCELLED
        obj.save(update_fields=[name for name in named if not (calls_off and name == "state")])
        if calls_off:
            self._tell(request, events.call_off(obj.pk))
        moved = events.fill_seats(obj.pk)
        if moved:
            self.message_user(request, ngettext("%d guest moved up.", "%d guests moved up.", moved) % moved)

    @admin.action(description=gettext_lazy("Call these events off, and tell everybody"), permissions=["change"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Event]) -> None:
        self._tell(request, sum(events.call_off(event.pk) for event in queryset))

    def _tell(self, request: HttpRequest, told: int) -> None:
        self.message_user(request, ngettext("%d guest is told.", "%d guests are told.", told) % told)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:key>/photographs/", wrap(photographs.judge), name="marketing_event_photographs"),
            path("photographs/<int:key>.jpg", wrap(photographs.picture), name="marketing_event_picture"),
            *super().get_urls(),
        ]


@admin.register(EventRegistration)
class EventRegistrationAdmin(PersonalAdmin):
    """Guests, masked. They come and go by themselves; staff can give up a seat for somebody who asks."""

    list_display = ["__str__", "event", "state", "masked_name", "masked_email", "joined_at", "moved_up_at"]
    list_filter = ["state", "event"]
    list_select_related = ["event"]
    fields = ["event", "state", "name", "email", "joined_at", "moved_up_at", "cancelled_at", "may_be_shown_at"]
    readonly_fields = ["event", "state", "joined_at", "moved_up_at", "cancelled_at", "may_be_shown_at"]
    actions = ["take_out", "give_up"]

    @admin.action(description=gettext_lazy("Give up these seats"), permissions=["change"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[EventRegistration]) -> None:
        count = sum(events.cancel(token) is not None for token in queryset.values_list("token", flat=True))
        self.message_user(request, ngettext("%d seat is given up.", "%d seats are given up.", count) % count)


@admin.register(EventPhotograph)
class EventPhotographAdmin(PersonalAdmin):
    """Photographs as records; they are judged on the page of their event."""

    list_display = ["__str__", "event", "by_staff", "people", "sent_at", "released_at"]
    list_filter = ["event", "by_staff"]
    list_select_related = ["event"]
    fields = ["event", "masked_image", "caption", "people", "by_staff", "sent_at", "released_at"]
    readonly_fields = ["event", "masked_image", "people", "by_staff", "sent_at", "released_at"]
