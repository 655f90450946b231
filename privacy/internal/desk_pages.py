"""What staff do in one case, as pages: correct, write, read whole, end; each asks for what its harm deserves."""

from __future__ import annotations

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
from privacy.internal import look_pages, looking
from privacy.internal.desk import (
    cases,
    correcting,
    corresponding,
    extending,
    fulfilling,
    identifying,
    notifying,
    restricting,
    secrets,
    sorting,
    states,
)
from privacy.internal.desk_forms import CheckForm, ComposeForm, EndForm, NoteForm, SortForm
from privacy.internal.look_forms import ReasonForm
from privacy.internal.step_up import ask_for_password
from privacy.internal.whereabouts import Place, subjects_with_email
from privacy.masking import SHOWN_AS_IT_IS
from privacy.models import Look, RightsRequest, Subject
from privacy.models.correction import Refusal
from privacy.models.request import RequestState
from privacy.staff import staff_subject

UNPROCESSABLE = 422


class Refused(Exception):
    """An action was not done; the text is a sentence for staff."""


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
        do = _ACTIONS.get(request.POST.get("do", ""))
        if do is None:
            raise Http404
        if do in _DANGEROUS and (step := ask_for_password(request, page)):
            return step
        staff = staff_subject(request)
        if staff is None:
            raise PermissionDenied
        try:
            done = do(case, request, staff)
        except (Refused, PrivacyError, ValidationError, states.CannotMove) as refusal:
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
        written = [(letter.received_at, _("the person"), letter) for letter in case.messages.all()]
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
        if not records or not case.is_open:
            return self._correction(request, case, [], [])
        opened = request.method == "POST" and "reason" not in request.POST
        if not opened or looking.opened_for_change(records, user=request.user) is None:
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
            chosen = [place for place in places if place.key in request.POST.getlist("about")]
            if not chosen:
                return self._correction(request, case, places, [_("Mark the values that it is about.")])
            restricting.narrow(case, chosen, staff=staff_subject(request))
            messages.success(request, _("Only these values wait now; everything else may be used again."))
            return self._back(case)
        return self._apply(request, case, places)

    def _apply(self, request: HttpRequest, case: RightsRequest, places: list[Place]) -> HttpResponse:
        changes, refusals = _decisions(request, places)
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
                    "held": (place.label, place.column) in held,
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


def candidates(case: RightsRequest) -> list[tuple[str, str]]:
    """Whom a check may be about: whoever opened the case, and everybody in whose records its addresses stand."""
    found: dict[Any, Subject] = {case.subject_id: case.subject}
    for letter in case.messages.exclude(sender=""):
        found |= {person.pk: person for person in subjects_with_email(letter.sender)}
    return [(str(person.pk), person_in_words(person)) for person in found.values()]


def person_in_words(person: Subject) -> str:
    """A person as staff tell one from another here, without a value."""
    kind = _("account") if getattr(person, "account", None) is not None else person.get_kind_display()
    return f"{kind} {str(person.pk)[:8]}"


# --- the buttons ----------------------------------------------------------------------------------------------------------


def _sort(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    form = SortForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Choose what the letter asks for."))
    sorting.sort_anew(case, form.cleaned_data["kind"], staff=staff)
    return _("Sorted anew.")


def _ask(case: RightsRequest, _request: HttpRequest, staff: Subject) -> str:
    if corresponding.letter_to_answer(case) is None:
        raise Refused(_("No letter of the case has an e-mail address."))
    corresponding.write(case, corresponding.draft(case, "confirm"), staff=staff, asks_identity=True)
    return _("A letter with a link and a code is on its way.")


def _check(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    form = CheckForm(request.POST, people=candidates(case))
    if not form.is_valid():
        raise Refused(" ".join(text for texts in form.errors.values() for text in texts))
    said = form.cleaned_data
    identifying.record_check(
        case,
        person=form.subject,
        seen=said["seen"],
        identifier=said["identifier"],
        remark=said["remark"],
        staff=staff,
    )
    if case.kind in identifying.FOUR_EYES:
        return _("Noted. For a request of this kind a second member of staff has to agree.")
    return _("Noted.")


def _second(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    check = case.verifications.filter(pk=request.POST.get("check") or None).first()
    if check is None:
        raise Refused(_("There is no such check."))
    identifying.second_check(check, staff=staff)
    return _("Seconded.")


def _second_correction(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    key = request.POST.get("item", "")
    item = case.corrections.filter(pk=key).first() if key.isdigit() else None
    if item is None:
        raise Refused(_("There is no such correction."))
    if correcting.second(item, staff=staff):
        return _("The sign-in address is changed.")
    return _("Seconded. It is changed when the owner of the new mailbox agrees.")


def _note(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Refused(_("The note is empty or too long."))
    corresponding.note(case, form.cleaned_data["body"], staff=staff)
    return _("Noted.")


def _fulfil(case: RightsRequest, _request: HttpRequest, staff: Subject) -> str:
    if case.kind not in fulfilling.FULFILS or not case.is_open:
        raise Refused(_("Nothing is done by one button for this request."))
    way = fulfilling.fulfil(case, staff=staff)
    if way.ends_case:
        cases.close(case, RequestState.FULFILLED, staff=staff)
    return _("Done.")


def _release(case: RightsRequest, _request: HttpRequest, staff: Subject) -> str:
    restricting.release(case, staff=staff)
    return _("The values may be used again.")


def _notice(case: RightsRequest, request: HttpRequest) -> Any:
    notice = case.notices.filter(pk=request.POST.get("notice") or None).first()
    if notice is None:
        raise Refused(_("There is no such notice."))
    return notice


def _answered(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    notice, answer = _notice(case, request), request.POST.get("answer", "")
    if answer not in notice.Answer.values:
        raise Refused(_("Choose what the recipient answered."))
    notifying.record_answer(notice, answer, staff=staff)
    return _("The answer is kept.")


def _told(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    notifying.told_by_hand(_notice(case, request), staff=staff)
    return _("Noted.")


def _tell(case: RightsRequest, request: HttpRequest, _staff: Subject) -> str:
    notice = _notice(case, request)
    if notifying.is_unreachable(notice):
        raise Refused(_("Enter the address of its privacy desk in the register of recipients first."))
    notifying.tell_again(notice)
    return _("The notice is on its way.")


_ACTIONS: dict[str, Callable[[RightsRequest, HttpRequest, Subject], str]] = {
    "sort": _sort,
    "ask": _ask,
    "check": _check,
    "second": _second,
    "second_correction": _second_correction,
    "note": _note,
    "fulfil": _fulfil,
    "release": _release,
    "answered": _answered,
    "told": _told,
    "tell": _tell,
}
_DANGEROUS = frozenset({_check, _second, _second_correction, _fulfil})
