"""The desk as staff see it: the queue by what is due, and one case on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from privacy.internal import clocks, whereabouts
from privacy.internal.desk import (
    cases,
    corresponding,
    extending,
    fulfilling,
    identifying,
    notifying,
    restricting,
)
from privacy.internal.desk_buttons import candidates, person_in_words
from privacy.internal.desk_forms import CheckForm, EndForm, NoteForm, PostedForm, SortForm
from privacy.internal.desk_pages import DeskPages
from privacy.internal.letters_admin import AttachmentInline, LetterInline, UnreadableInline
from privacy.internal.step_up import password_is_recent
from privacy.models import CaseStep, DeskNote, Reply, RightsRequest, Subject
from privacy.models.request import ExtensionReason, RequestKind, RequestReason, RequestState
from privacy.models.verification import CheckMethod, Identifier, Seen
from privacy.staff import PersonalInline

SOON = dt.timedelta(days=3)


class ReplyInline(PersonalInline):
    """What the desk wrote, masked."""

    model = Reply
    verbose_name_plural = _("letters of the desk")
    show_change_link = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("written_at", "sent_at", *super().get_fields(request, obj))


class NoteInline(PersonalInline):
    """What staff noted, masked."""

    model = DeskNote
    verbose_name_plural = _("notes")
    show_change_link = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("written_at", *super().get_fields(request, obj))


class QueueFilter(admin.SimpleListFilter):
    """The queue's drawers, each with how many lie in it. It opens with everything that waits."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        rows = RightsRequest.objects.all()
        return [(key, f"{label} ({rows.filter(drawer).count()})") for key, (label, drawer) in _drawers().items()]

    def choices(self, changelist: Any) -> Any:
        for lookup, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "open") == str(lookup),
                "query_string": changelist.get_query_string({self.parameter_name: lookup}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        drawers = _drawers()
        return queryset.filter(drawers.get(self.value() or "open", drawers["open"])[1])


def _drawers() -> dict[str, tuple[Any, Q]]:
    now, waiting = timezone.now(), Q(closed_at__isnull=True)
    person = Q(reason=RequestReason.NEED_USER_VERIFICATION)
    return {
        "open": (_("everything open"), waiting),
        "overdue": (_("overdue"), waiting & Q(expected_by__lt=now)),
        "soon": (_("due within three days"), waiting & Q(expected_by__gte=now, expected_by__lt=now + SOON)),
        "read": (_("staff must read"), waiting & Q(kind=RequestKind.STAFF)),
        "person": (_("waits for the person"), waiting & person),
        "desk": (_("waits for the desk"), waiting & ~person),
        "ended": (_("ended"), Q(closed_at__isnull=False)),
    }


@admin.register(RightsRequest)
class RightsRequestAdmin(DeskPages, admin.ModelAdmin):
    """The queue of the desk, the next due first, and the page of one case."""

    list_display = ["case_number", "due", "kind", "where", "who", "channel", "received_at"]
    list_display_links = ["case_number"]
    list_filter = [QueueFilter, "kind", "channel"]
    ordering = ["closed_at", "expected_by"]
    fields = ["kind", "state", "why"]
    readonly_fields = ["kind", "state", "why"]
    inlines = [LetterInline]
    actions = None
    list_per_page = 50
    change_form_template = "admin/privacy/rightsrequest/case.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return [LetterInline]
        also = [
            (AttachmentInline, obj.attachments),
            (UnreadableInline, obj.unreadable),
            (ReplyInline, obj.replies),
            (NoteInline, obj.notes),
        ]
        return [LetterInline, *(inline for inline, rows in also if rows.exists())]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("verifications")

    # --- the queue ---

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(
            request, {"title": _("Privacy requests, the next due first"), **(extra_context or {})}
        )

    @admin.display(description=_("case"), ordering="id")
    def case_number(self, case: RightsRequest) -> str:
        return case.number

    @admin.display(description=_("due"), ordering="expected_by")
    def due(self, case: RightsRequest) -> str:
        return due_in_words(case)

    @admin.display(description=_("state"), ordering="state")
    def where(self, case: RightsRequest) -> str:
        if case.is_open and case.reason == RequestReason.NEED_USER_VERIFICATION:
            return str(_("waits for the person"))
        return str(case.get_state_display())

    @admin.display(description=_("who asks"))
    def who(self, case: RightsRequest) -> str:
        if not identifying.needs_proof(case.kind):
            return "–"
        said = [check for check in case.verifications.all() if check.is_confirmed]
        if case.kind in identifying.FOUR_EYES and said and all(c.method == "staff" and not c.seconded_at for c in said):
            return str(_("waits for a second one"))
        return f"✓ {_('confirmed')}" if said else str(_("not confirmed"))

    # --- one case ---

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        case = self.get_object(request, object_id)
        context = {**(extra_context or {}), "show_save": False, "show_save_and_continue": False}
        if isinstance(case, RightsRequest):
            context |= self._page(request, case)
        return super().change_view(request, object_id, form_url, context)

    def _page(self, request: HttpRequest, case: RightsRequest) -> dict[str, Any]:
        clock = clocks.clock_for(case.jurisdiction)
        confirmed = identifying.identity_is_confirmed(case, case.kind)
        way = fulfilling.FULFILS.get(case.kind)
        return {
            "case": case,
            "may_act": self.has_change_permission(request, case) and case.is_open,
            "password_is_recent": password_is_recent(request),
            "password_page": f"{reverse('account_reauthenticate')}?next={request.path}",
            "due_words": due_in_words(case),
            "clock": clock,
            "extension_refused": extending.refusal(case),
            "extended_until": extending.last_day(case),
            "extension_reasons": ExtensionReason.choices,
            "confirmed": confirmed,
            "needs_proof": identifying.needs_proof(case.kind),
            "needs_second": case.kind in identifying.FOUR_EYES,
            "checks": _checks(case, getattr(request.user, "subject", None)),
            "people": [person_in_words(person) for person in cases.people_of(case)] if confirmed else [],
            "sort_form": SortForm(initial={"kind": case.kind}),
            "check_form": CheckForm(people=candidates(case)),
            "note_form": NoteForm(),
            "end_form": EndForm(),
            "way": way,
            "way_is_open": way is not None and confirmed,
            "can_correct": identifying.identity_is_confirmed(case, RequestKind.RECTIFICATION),
            "restrictions": restricting.in_force(case),
            "items": [(item, _item_in_words(item)) for item in case.corrections.all()],
            "proposed": [
                item
                for item in case.corrections.filter(outcome="proposed")
                if item.decided_by_id != getattr(getattr(request.user, "subject", None), "pk", None)
            ],
            "notices": [(notice, notifying.is_unreachable(notice)) for notice in case.notices.all()],
            "answers": notifying.ANSWERS,
            "steps": [(step, _step_in_words(step)) for step in case.steps.all()],
            "templates": [(name, corresponding.name_of(case, name)) for name in corresponding.OFFERED],
            "by_post": corresponding.letter_to_answer(case) is None,
            "on_paper": [(reply, PostedForm(reply=reply)) for reply in corresponding.goes_by_post(case)],
            "may_post": self.has_change_permission(request, case),
            "title": f"{case.get_kind_display()} {case.number}",
            "subtitle": None,
        }

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        own = [
            path(f"<uuid:pk>/{name}/", wrap(getattr(self, name)), name=f"privacy_rightsrequest_{name}")
            for name in ("correct", "close", "act", "write", "read")
        ]
        return own + super().get_urls()


def due_in_words(case: RightsRequest) -> str:
    """How much time is left, in days, with what is late said loudly."""
    if case.closed_at:
        return str(_("closed"))
    left = case.expected_by - timezone.now()
    if left.total_seconds() < 0:
        return format_html('<strong class="overdue">{}</strong>', _("overdue"))
    text = ngettext("%d day left", "%d days left", left.days) % left.days
    return format_html('<strong class="desk__soon">{}</strong>', text) if left < SOON else text


def _checks(case: RightsRequest, me: Subject | None) -> list[dict[str, Any]]:
    return [
        {
            "check": check,
            "waits": check.is_waiting,
            "can_second": check.method == "staff"
            and check.seconded_at is None
            and me is not None
            and check.recorded_by_id != me.pk,
            "is_mine": me is not None and check.recorded_by_id == me.pk,
        }
        for check in case.verifications.all()
    ]


# What the desk's texts are, as staff say it; of the others the case shows the heading.
_LETTERS = {
    "acknowledge": _("that the request arrived"),
    "stopped": _("that marketing has stopped"),
    "answer": _("what became of it"),
    "extension": _("that it takes longer"),
    "question": _("a question"),
    "confirm": _("to confirm who asks"),
    "no_match": _("that nothing was found"),
    "free": _("a letter of our own"),
}


def _step_in_words(step: CaseStep) -> str:
    """What a step's detail means: the codes of the lists that it may name."""
    lists: dict[str, Any] = {
        "opened": RequestKind,
        "sorted": RequestKind,
        "fulfils": RequestKind,
        "asked": Identifier,
        "confirmed": CheckMethod,
        "checked": Seen,
        "seconded": Seen,
        "extended": ExtensionReason,
        "moved": RequestState,
    }
    if step.kind == CaseStep.Kind.WROTE and step.detail in _LETTERS:
        return str(_LETTERS[step.detail])
    if step.kind == CaseStep.Kind.POSTED:
        return date_format(dt.date.fromisoformat(step.detail), "SHORT_DATE_FORMAT")
    known = lists.get(step.kind)
    return str(known(step.detail).label) if known is not None and step.detail in known.values else step.detail


def _item_in_words(item: Any) -> str:
    place = whereabouts.place_of(item.record, item.column)
    if place is None:
        return str(item.column)
    return f"{place.record._meta.verbose_name}: {place.field.verbose_name}"
