"""What staff do in one case, as pages: correct, write, read whole, end; each asks for what its harm deserves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy.errors import PrivacyError
from privacy.internal import desk_buttons, look_pages, looking
from privacy.internal.desk import (
    cases,
    correcting,
    corresponding,
    extending,
    identifying,
    kept_apart,
    restricting,
    secrets,
    states,
)
from privacy.internal.desk_forms import ComposeForm, EndForm
from privacy.internal.look_forms import ReasonForm
from privacy.internal.step_up import ask_for_password
from privacy.internal.whereabouts import Place
from privacy.masking import SHOWN_AS_IT_IS
from privacy.models import Look, RightsRequest
from privacy.models.correction import Refusal
from privacy.models.request import RequestState
from privacy.staff import staff_subject

UNPROCESSABLE = 422


class DeskPages:
    """Mixed into the admin of cases."""

    admin_site: Any
    opts: Any
    has_change_permission: Callable[..., bool]
    log_change: Callable[..., Any]

    def _case(self, request: HttpRequest, pk: Any, *, posted: bool = False) -> RightsRequest:
        if not self.has_change_permission(request) or (posted and request.method != "POST"):
            raise PermissionDenied
        return get_object_or_404(RightsRequest, pk=pk)

    def _back(self, case: RightsRequest) -> HttpResponse:
        return redirect("admin:privacy_rightsrequest_change", case.pk)

    def _render(self, request: HttpRequest, name: str, context: dict[str, Any], **more: Any) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, f"admin/privacy/rightsrequest/{name}.html", shown, **more)

    # --- one button ---

    def act(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What one button of the case page does."""
        case = self._case(request, pk, posted=True)
        page = reverse("admin:privacy_rightsrequest_change", args=[case.pk])
        do = desk_buttons.ACTIONS.get(request.POST.get("do", ""))
        if do is None:
            raise Http404
        if do in desk_buttons.DANGEROUS and (step := ask_for_password(request, page)):
            return step
        staff = staff_subject(request)
        if staff is None:
            raise PermissionDenied
        try:
            if not case.is_open and do not in desk_buttons.AFTERWARDS:
                raise desk_buttons.Refused(_("The case has ended."))
            done = do(case, request, staff)
        except (desk_buttons.Refused, PrivacyError, ValidationError, states.CannotMove) as refusal:
            messages.error(request, " ".join(getattr(refusal, "messages", [str(refusal)])))
        except identifying.SamePerson:
            messages.error(request, _("You recorded it yourself. A second member of staff has to look at it."))
        else:
            self.log_change(request, case, [{"changed": {"fields": [request.POST["do"]]}}])
            messages.success(request, done)
        return self._back(case)

    def close(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """End a case, and tell the person."""
        case = self._case(request, pk, posted=True)
        form = EndForm(request.POST)
        if not form.is_valid():
            return self._render(
                request, "end", {"title": _("End this case"), "case": case, "form": form}, status=UNPROCESSABLE
            )
        said = form.cleaned_data
        try:
            cases.close(
                case,
                RequestState(said["state"]),
                staff=staff_subject(request),
                reason=said["reason"],
                words=said["words"],
            )
        except states.CannotMove as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, case, [{"changed": {"fields": ["state"]}}])
            messages.success(request, _("The request is closed."))
        return self._back(case)

    # --- a letter ---

    def write(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """A letter to the person: it begins as one of the desk's texts, and leaves as staff have made it."""
        case = self._case(request, pk)
        name, why = request.GET.get("template", "free"), request.GET.get("why", "")
        if request.method == "POST":
            form = ComposeForm(request.POST)
            if form.is_valid():
                return self._send(request, case, form)
            name = form.data.get("template", "free")
        else:
            if name not in corresponding.OFFERED:
                raise Http404
            if name == "extension":
                if not why or (refusal := extending.refusal(case)):
                    messages.error(request, refusal if why else _("Say first why it takes longer."))
                    return self._back(case)
                draft = extending.notice(case, why)
            else:
                draft = corresponding.draft(case, name)
            form = ComposeForm(initial={"heading": draft.heading, "body": draft.body, "template": name, "why": why})
        context = {
            "title": _("Write to the person"),
            "case": case,
            "form": form,
            "language": corresponding.language_of(case),
            "by_post": corresponding.letter_to_answer(case) is None,
            "asks": name in ("confirm", "no_match"),
        }
        return self._render(request, "write", context, status=UNPROCESSABLE if form.errors else 200)

    def _send(self, request: HttpRequest, case: RightsRequest, form: ComposeForm) -> HttpResponse:
        said, staff = form.cleaned_data, staff_subject(request)
        name = said["template"] if said["template"] in corresponding.OFFERED else "free"
        letter = corresponding.Draft(name, corresponding.language_of(case), said["heading"], said["body"])
        try:
            if name == "extension":
                extending.extend(case, said["why"], staff=staff, letter=letter)
            else:
                corresponding.write(case, letter, staff=staff, asks_identity=name == "confirm")
        except ValueError as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, case, [{"changed": {"fields": ["letter"]}}])
            messages.success(request, _("The letter is on its way."))
        return self._back(case)

    # --- everything that was written, whole ---

    def read(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The whole correspondence and the notes, once, for a reason."""
        case = self._case(request, pk)
        if not request.user.has_perm(looking.REVEAL):
            raise PermissionDenied
        if step := ask_for_password(request, request.path):
            return step
        back = reverse("admin:privacy_rightsrequest_change", args=[case.pk])
        form = ReasonForm(request.POST if request.method == "POST" else None, initial=look_pages.case_reason(case.pk))
        records = [*case.messages.all(), *case.replies.all(), *case.notes.all()]
        values = [value for record in records for _name, value in look_pages.values_of(record)]
        title = _("Everything written in case %(number)s") % {"number": case.number}
        if not form.is_valid() or form.names(values):
            context = {"title": title, "opts": self.opts, "back": back, "button": _("Show it once")}
            return look_pages.ask(request, form, **context)
        looking.write_down(records, user=request.user, kind=Look.Kind.REVEAL, why=form.why)
        written: list[tuple[dt.datetime, str, Any]] = [
            (letter.received_at, _("the person"), letter) for letter in case.messages.all()
        ]
        written += [(reply.written_at, _("the desk"), reply) for reply in case.replies.all()]
        written += [(note.written_at, _("note"), note) for note in case.notes.all()]
        written.sort(key=lambda one: one[0])
        return self._render(request, "read", {"title": title, "case": case, "written": written})

    # --- the correction ---

    def correct(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Every place where a value of the person stands, before and after; what is changed goes through the gate.

        The values are seen whole here, so the page asks for a reason first and is shown once.
        """
        if not self.has_change_permission(request) or not request.user.has_perm(looking.REVEAL):
            raise PermissionDenied
        case = get_object_or_404(RightsRequest, pk=pk)
        if step := ask_for_password(request, request.path):
            return step
        places = correcting.correctable_places(case)
        records = {looking.label_of(p.record): p.record for p in places}
        if not case.is_open or not (records or kept_apart.values_of(case)):
            return self._correction(request, case, [], [])
        opened = request.method == "POST" and "reason" not in request.POST
        if records and (not opened or looking.opened_for_change(records, user=request.user) is None):
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
        if "narrow" in request.POST:
            marked = request.POST.getlist("about_all")
            chosen = [place for place in places if place.value and _group(place) in marked and place.correctable]
            if not chosen:
                return self._correction(request, case, places, [_("Mark the values that it is about.")])
            restricting.narrow(case, chosen, staff=staff_subject(request))
            messages.success(request, _("Only these values wait now; everything else may be used again."))
            return self._back(case)
        return self._apply(request, case, places)

    def _apply(self, request: HttpRequest, case: RightsRequest, places: list[Place]) -> HttpResponse:
        changes, refusals = _decisions(request, places)
        for apart in kept_apart.values_of(case):
            if value := request.POST.get(apart.key, "").strip():
                changes[apart.key] = value
        try:
            changed = correcting.apply_correction(
                case,
                changes,
                staff=staff_subject(request),
                refusals=refusals,
                words=request.POST.get("words", "")[:4000],
            )
        except (ValidationError, PrivacyError) as error:
            return self._correction(request, case, places, list(getattr(error, "messages", [str(error)])))
        case.refresh_from_db()
        if not changed and not case.corrections.exists():
            nothing = _("Nothing was changed: type the right value beside the wrong one.")
            return self._correction(request, case, places, [nothing])
        self.log_change(request, case, [{"changed": {"fields": [p.field.name for p in changed]}}])
        text = ngettext("%d value was corrected.", "%d values were corrected.", len(changed))
        messages.success(request, text % len(changed))
        return self._back(case)

    def _correction(
        self, request: HttpRequest, case: RightsRequest, places: list[Place], errors: list[str]
    ) -> HttpResponse:
        held = {(r.record, r.column) for r in restricting.in_force(case)}
        lines = []
        for number, line in enumerate(correcting.standings(places)):
            rows = [
                {
                    "key": place.key,
                    "record": place.record._meta.verbose_name,
                    "label": place.field.verbose_name,
                    "history": correcting.is_history(place),
                    "sign_in": correcting.is_sign_in_address(place),
                    # What was typed comes back after an error.
                    "after": request.POST.get(place.key, "") if errors else "",
                }
                for place in line.places
            ]
            group = _group(line.places[0])
            lines.append(
                {
                    "number": number,
                    "group": group,
                    "before": line.value,
                    "label": line.places[0].field.verbose_name,
                    "rows": rows,
                    "held": any((place.label, place.column) in held for place in line.places),
                    "after": request.POST.get(f"all:{group}", "") if errors and line.value else "",
                    "refused": request.POST.get(f"refuse:{group}", "") if errors else "",
                    "length": max(getattr(p.field, "max_length", None) or 1000 for p in line.places),
                }
            )
        context = {
            "title": _("Correct what is wrong"),
            "case": case,
            "lines": [line for line in lines if line["before"]],
            "missing": [line for line in lines if not line["before"]],
            "apart": [
                {
                    "key": apart.key,
                    "record": apart.field.model._meta.verbose_name,
                    "label": apart.field.verbose_name,
                    "law": apart.law,
                    "person": apart.person.pk,
                    "after": request.POST.get(apart.key, "") if errors else "",
                    "length": getattr(apart.field, "max_length", None) or 1000,
                }
                for apart in (kept_apart.values_of(case) if case.is_open else [])
            ],
            "errors": errors,
            "words": request.POST.get("words", "") if errors else "",
            "refusals": Refusal.choices,
            "confirmed": bool(places) or identifying.identity_is_confirmed(case, "rectification"),
        }
        return self._render(request, "correct", context, status=UNPROCESSABLE if errors else 200)


def _group(place: Place) -> str:
    """A name for all places with the same value, which does not tell the value."""
    return secrets.digest_of_value(f"{place.declared.category}:{place.value or ''}")[:16]


def _decisions(request: HttpRequest, places: list[Place]) -> tuple[dict[str, str], dict[str, str]]:
    """What was typed beside each place, or once for all of its kind; and what was refused."""
    changes, refusals = {}, {}
    for place in places:
        group = _group(place)
        for_all = request.POST.get(f"all:{group}", "") if place.value else ""
        spared = place.key in request.POST.getlist("spare")
        value = (request.POST.get(place.key, "") or ("" if spared else for_all)).strip()
        refusal = request.POST.get(f"refuse:{group}", "")
        if value:
            changes[place.key] = value
        elif refusal in Refusal.values and place.value:
            refusals[place.key] = refusal
    return changes, refusals
