"""The desk as staff see it: requests by what is due."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from privacy.internal import look_pages, looking, whereabouts
from privacy.internal.desk import cases, correcting, sorting
from privacy.internal.letters_admin import INLINES
from privacy.internal.look_forms import ReasonForm
from privacy.internal.step_up import ask_for_password
from privacy.masking import SHOWN_AS_IT_IS
from privacy.models import Look, RequestMessage, RightsRequest
from privacy.models.request import RequestState
from privacy.staff import staff_subject


@admin.register(RightsRequest)
class RightsRequestAdmin(admin.ModelAdmin):
    """The queue of the desk, the next due first."""

    list_display = ["due", "kind", "state", "channel", "received_at", "why"]
    list_filter = ["state", "kind", "channel"]
    ordering = ["closed_at", "expected_by"]
    readonly_fields = [
        "subject", "state", "why", "channel", "locale", "received_at", "expected_by", "closed_at", "decided_by",
    ]  # fmt: skip
    fields = ["kind", *readonly_fields]
    inlines = INLINES
    actions = None
    change_form_template = "admin/privacy/rightsrequest/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("due"), ordering="expected_by")
    def due(self, case: RightsRequest) -> str:
        if case.closed_at:
            return str(_("closed"))
        left = case.expected_by - timezone.now()
        days = left.days
        if left.total_seconds() < 0:
            return format_html('<strong class="overdue">{}</strong>', _("overdue"))
        return ngettext("%d day left", "%d days left", days) % days

    def save_model(self, request: HttpRequest, obj: RightsRequest, form: Any, change: bool) -> None:
        # The kind is all that can be changed here; who sorted it anew is written down with it.
        if "kind" in form.changed_data:
            sorting.sort_again(RightsRequest.objects.get(pk=obj.pk), obj.kind, by=staff_subject(request))

    def get_urls(self) -> list[Any]:
        own = [
            path("<uuid:pk>/correct/", self.admin_site.admin_view(self.correct), name="privacy_rightsrequest_correct"),
            path("<uuid:pk>/close/", self.admin_site.admin_view(self.close), name="privacy_rightsrequest_close"),
        ]
        return own + super().get_urls()

    def correct(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Every place where a value of the person stands, before and after; what is changed goes through the gate.

        The values are seen whole here, so the page asks for a reason first and is shown once.
        """
        if not self.has_change_permission(request) or not request.user.has_perm(looking.REVEAL):
            raise PermissionDenied
        case = get_object_or_404(RightsRequest, pk=pk)
        if step := ask_for_password(request, request.path):
            return step
        places = [p for person in cases.people_of(case) for p in whereabouts.places_of(person) if p.correctable]
        places = [p for p in {p.key: p for p in places}.values() if not isinstance(p.record, RequestMessage)]
        records = {looking.label_of(p.record): p.record for p in places}
        opened = not records or (request.method == "POST" and "reason" not in request.POST)
        if not opened or (records and looking.opened_for_change(records, user=request.user) is None):
            form = ReasonForm(
                request.POST if "reason" in request.POST else None, initial=look_pages.case_reason(case.pk)
            )
            if not form.is_valid() or form.names(p.value for p in places if p.declared.category not in SHOWN_AS_IT_IS):
                back = reverse("admin:privacy_rightsrequest_change", args=[case.pk])
                context = {"title": _("Correct what is wrong"), "opts": self.opts, "back": back, "button": _("Open it")}
                return look_pages.ask(request, form, **context)
            looking.write_down(records.values(), user=request.user, kind=Look.Kind.EDIT, why=form.why)
            return self._correction(request, case, places, [])
        if request.method != "POST":
            return self._correction(request, case, places, [])
        errors: list[str] = []
        if request.POST.get("confirmed") != "on":
            errors.append(str(_("Confirm first that you checked who asks.")))
        else:
            changes = {p.key: request.POST[p.key].strip() for p in places if request.POST.get(p.key, "").strip()}
            try:
                changed = correcting.apply_correction(case, changes, staff=staff_subject(request))
            except ValidationError as error:
                errors += error.messages
            else:
                if changed:
                    self.log_change(request, case, [{"changed": {"fields": [p.field.name for p in changed]}}])
                    text = ngettext("%d value was corrected.", "%d values were corrected.", len(changed))
                    messages.success(request, text % len(changed))
                    return redirect("admin:privacy_rightsrequest_change", case.pk)
                errors.append(str(_("Nothing was changed: type the right value beside the wrong one.")))
        return self._correction(request, case, places, errors)

    def _correction(
        self, request: HttpRequest, case: RightsRequest, places: list[whereabouts.Place], errors: list[str]
    ) -> HttpResponse:
        rows = [
            {
                "key": p.key,
                "record": p.record._meta.verbose_name,
                "label": p.field.verbose_name,
                "before": p.value,
                # What was typed comes back after an error, not what else was sent under the same name.
                "after": request.POST.get(p.key, "") if errors else "",
                "length": getattr(p.field, "max_length", None) or 1000,
            }
            for p in places
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Correct what is wrong"),
            "case": case,
            "rows": rows,
            "errors": errors,
            "opts": self.opts,
        }
        return render(request, "admin/privacy/rightsrequest/correct.html", context)

    def close(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """End a case without a correction."""
        if not self.has_change_permission(request) or request.method != "POST":
            raise PermissionDenied
        case = get_object_or_404(RightsRequest, pk=pk)
        wanted = request.POST.get("state", "")
        if wanted not in (RequestState.FULFILLED, RequestState.DENIED):
            messages.error(request, _("Say whether the request was fulfilled or denied."))
        else:
            cases.close(
                case, RequestState(wanted), staff=staff_subject(request), reason=request.POST.get("reason", "")[:40]
            )
            self.log_change(request, case, [{"changed": {"fields": ["state"]}}])
            messages.success(request, _("The request is closed."))
        return redirect(reverse("admin:privacy_rightsrequest_change", args=[case.pk]))
