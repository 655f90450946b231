"""The buttons of a case's page: what each does, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from privacy.internal.desk import (
    cases,
    correcting,
    corresponding,
    fulfilling,
    identifying,
    notifying,
    restricting,
    sorting,
)
from privacy.internal.desk_forms import CheckForm, NoteForm, PostedForm, SortForm
from privacy.internal.whereabouts import subjects_with_email
from privacy.models import RightsRequest, Subject
from privacy.models.request import RequestState


class Refused(Exception):
    """An action was not done; the text is a sentence for staff."""


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
        raise Refused(" ".join(str(text) for texts in form.errors.values() for text in texts))
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
    check = case.verifications.filter(pk=request.POST.get("check", "")).first()
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


def _posted(case: RightsRequest, request: HttpRequest, staff: Subject) -> str:
    key = request.POST.get("letter", "")
    reply = case.replies.filter(pk=key, to_letter__isnull=True).first() if key.isdigit() else None
    if reply is None:
        raise Refused(_("There is no such letter on paper."))
    form = PostedForm(request.POST, reply=reply)
    if not form.is_valid():
        raise Refused(" ".join(str(text) for texts in form.errors.values() for text in texts))
    if reply.sent_at is not None:
        raise Refused(_("It was posted already."))
    corresponding.posted(reply, form.cleaned_data["day"], staff=staff)
    return _("Noted. The letter is in the case as posted.")


def _notice(case: RightsRequest, request: HttpRequest) -> Any:
    notice = case.notices.filter(pk=request.POST.get("notice", "")).first()
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


ACTIONS: dict[str, Callable[[RightsRequest, HttpRequest, Subject], str]] = {
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
    "posted": _posted,
}
# Recipients answer when they like, a note can be wanted later, and the answer that ends a case is posted after it.
AFTERWARDS = frozenset({_note, _answered, _told, _tell, _posted})
DANGEROUS = frozenset({_check, _second, _second_correction, _fulfil})
