"""A person's own cases: how far they are, what was written, and how to confirm who asks; for guests by a link that expires."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from privacy import permission
from privacy.cards import without_card_numbers
from privacy.case_forms import AgainForm, CodeForm, ContestForm, OrderForm
from privacy.gate import collecting, subject_of
from privacy.internal import whereabouts
from privacy.internal.desk import cases, corresponding, identifying, notifying, receiving, restricting
from privacy.internal.step_up import ask_for_password
from privacy.models import RecipientNotice, RequestMessage, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind, RequestState
from privacy.models.verification import Identifier

UNPROCESSABLE, GONE = 422, 410
# Letters that ask for a new code, from one case within an hour.
_MOST_AGAIN = 3


def own_case(person: Subject, pk: uuid.UUID) -> RightsRequest:
    """A case of this person, opened by them or confirmed to be theirs; 404 for everybody else's."""
    case = get_object_or_404(RightsRequest, pk=pk)
    family = whereabouts.family(person)
    if case.subject_id not in family and not {one.pk for one in cases.people_of(case)} & set(family):
        raise Http404
    return case


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One's own case, signed in."""
    found = own_case(subject_of(request), pk)
    return _case_page(request, found, reverse("privacy:case", args=[pk]), signed_in=True)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def case_by_link(request: HttpRequest, link: str) -> HttpResponse:
    """The same by the link from a letter of the desk: whoever reads that mailbox needs no account."""
    found = cases.opened_by_link(link)
    if found is None:
        return render(request, "privacy/case_gone.html", status=GONE)
    return _case_page(request, found, reverse("privacy:case_by_link", args=[link]), signed_in=False)


def _case_page(request: HttpRequest, found: RightsRequest, address: str, *, signed_in: bool) -> HttpResponse:
    forms: dict[str, Any] = {"code": CodeForm(), "order": OrderForm(), "again": AgainForm()}
    status = 200
    if request.method == "POST":
        does = {"code": _code, "order": _order, "again": _again, "letter": _letter, "revoke": _revoke}
        if request.POST.get("do") == "sign_in" and signed_in:
            return _sign_in(request, found, address)
        do = does.get(request.POST.get("do", ""))
        if do is None:
            raise Http404
        made = do(request, found)
        if made is None:
            return redirect(address)
        forms, status = {**forms, **made}, UNPROCESSABLE
    return render(request, "privacy/case.html", {**_shown(found), **forms, "signed_in": signed_in}, status=status)


def _shown(found: RightsRequest) -> dict[str, Any]:
    letters: list[dict[str, Any]] = [
        {"at": letter.received_at, "ours": False, "heading": letter.heading, "body": letter.body}
        for letter in found.messages.all()
    ]
    letters += [
        {"at": reply.written_at, "ours": True, "heading": reply.heading, "body": reply.body}
        for reply in found.replies.all()
    ]
    # What the desk does for itself, and what stands elsewhere on the page.
    left_out = ("noted", "reminded", "wrote", "sorted", "corrected", "refused", "proposed")
    return {
        "case": found,
        "letters": sorted(letters, key=lambda letter: letter["at"]),
        "steps": found.steps.exclude(kind__in=left_out),
        "needs_proof": found.is_open and identifying.needs_proof(found.kind),
        "is_confirmed": identifying.identity_is_confirmed(found, found.kind),
        "can_ask_again": corresponding.letter_to_answer(found) is not None,
        "restricted": restricting.in_force(found),
        "items": [(item, corresponding.named(item, get_language() or "en")) for item in found.corrections.all()],
        "named_orders": found.verifications.filter(identifier=Identifier.ORDER).count(),
        "status": cases.status_of(found),
    }


# --- what is done on the page: each answers with forms to show again, or with nothing when it went well ----------------------


def _code(request: HttpRequest, found: RightsRequest) -> Mapping[str, Any] | None:
    form = CodeForm(request.POST)
    if not form.is_valid():
        return {"code": form}
    try:
        confirmed = identifying.confirm_by_code(found, form.cleaned_data["code"])
    except identifying.TooManyTries:
        form.add_error("code", _("This code can no longer be used. Ask for a new one below."))
        return {"code": form}
    if confirmed is None:
        form.add_error("code", _("This is not the code from our letter. Please look again."))
        return {"code": form}
    messages.success(request, _("Thank you. It is confirmed that you ask."))
    return None


def _order(request: HttpRequest, found: RightsRequest) -> Mapping[str, Any] | None:
    form = OrderForm(request.POST)
    if not form.is_valid():
        return {"order": form}
    try:
        identifying.name_order(found, form.cleaned_data["number"])
    except identifying.TooManyTries:
        form.add_error("number", _("Too many numbers were named here. Please write to us instead."))
        return {"order": form}
    messages.success(
        request, _("Noted. If the order was placed with your confirmed address, it belongs to this request now.")
    )
    return None


def _again(request: HttpRequest, found: RightsRequest) -> Mapping[str, Any] | None:
    hour = timezone.now() - dt.timedelta(hours=1)
    if found.is_open and found.replies.filter(template="confirm", written_at__gt=hour).count() < _MOST_AGAIN:
        corresponding.write(found, corresponding.draft(found, "confirm"), staff=None, asks_identity=True)
        messages.success(request, _("A new letter with a link and a code is on its way to your mailbox."))
    else:
        messages.error(request, _("We sent you several letters within the hour. Please wait a little, then ask again."))
    return None


def _letter(request: HttpRequest, found: RightsRequest) -> Mapping[str, Any] | None:
    form = AgainForm(request.POST)
    if not form.is_valid():
        return {"again": form}
    # The door is opened for whom the case is about, and this browser is not tied to them.
    with collecting(
        surface=AgainForm.surface, subject=found.subject, fields=[RequestMessage.body], notice=form.shown
    ) as collection:
        if form.cleaned_data["no_marketing"]:
            permission.refuse(found.subject, method=ConsentMethod.FORM, notice=form.shown, surface=collection.surface)
        RequestMessage.objects.create(
            request=found,
            body=without_card_numbers(form.cleaned_data["body"]),
            letter_digest=f"form:{uuid.uuid4()}",
            received_at=timezone.now(),
        )
    messages.success(request, _("Your letter is with the privacy desk."))
    return None


def _revoke(request: HttpRequest, found: RightsRequest) -> Mapping[str, Any] | None:
    if cases.close(found, RequestState.REVOKED, staff=None):
        messages.success(request, _("Your request is taken back. Nothing more is done."))
    return None


def _sign_in(request: HttpRequest, found: RightsRequest, address: str) -> HttpResponse:
    if step := ask_for_password(request, address):
        return step
    if identifying.confirm_by_sign_in(found, subject_of(request)):
        messages.success(request, _("Thank you. It is confirmed that you ask."))
    else:
        messages.error(request, _("This request did not come from your account or one of its confirmed addresses."))
    return redirect(address)


# --- from a letter, without the case ----------------------------------------------------------------------------------------


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm(request: HttpRequest, link: str) -> HttpResponse:
    """The page that a letter leads to. Opening it changes nothing, since machines open links; the button confirms, once."""
    asked = identifying.asked_by_link(link)
    if request.method == "POST" and identifying.confirm_by_link(link) is not None:
        return render(request, "privacy/confirmed.html", {"case": asked.request if asked else None})
    waits = asked is not None and asked.is_waiting and asked.request.is_open
    context = {"case": asked.request if asked is not None and waits else None}
    return render(request, "privacy/confirm.html", context, status=200 if waits else GONE)


@login_not_required
@require_POST
@never_cache
def confirm_by_code(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The code typed where the request was written, by somebody who has the number of the case from that page."""
    found = RightsRequest.objects.filter(pk=pk).first()
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            if found is not None and identifying.confirm_by_code(found, form.cleaned_data["code"]) is not None:
                return render(request, "privacy/confirmed.html", {"case": found})
            form.add_error("code", _("This is not the code from our letter. Please look again."))
        except identifying.TooManyTries:
            form.add_error("code", _("This code can no longer be used. Open the link in our letter instead."))
    return render(request, "privacy/code.html", {"code": form, "pk": pk}, status=UNPROCESSABLE)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def contest(request: HttpRequest, key: str) -> HttpResponse:
    """A value that its owner sees is wrong: it becomes a case, and the value is not used until that ends."""
    person = subject_of(request)
    place = next(
        (p for p in whereabouts.places_of(person, empty=True) if p.key == key and p.correctable), None
    )  # only of one's own
    if place is None or isinstance(place.record, restricting.OF_THE_DESK):
        raise Http404
    known = EmailAddress.objects.filter(user=request.user.pk, verified=True).order_by("-primary").first()
    form = ContestForm(request.POST or None, initial={"sender": known.email if known else ""})
    if request.method == "POST" and form.is_valid():
        with form.collecting(request) as collection:
            found = receiving.receive_form(
                collection,
                kind=RequestKind.RECTIFICATION,
                sender=form.cleaned_data["sender"],
                body=f"[{place.record._meta.verbose_name}: {place.field.verbose_name}]\n"
                + without_card_numbers(form.cleaned_data["body"]),
                locale=(get_language() or "en").split("-")[0],
            )
            restricting.contest(found, [place])
        messages.success(request, _("We look into it. Until then the value is not used and not handed on."))
        return redirect("privacy:case", found.pk)
    context = {"form": form, "place": place, "record": place.record._meta.verbose_name}
    return render(request, "privacy/contest.html", context, status=UNPROCESSABLE if form.errors else 200)


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def recipient_answer(request: HttpRequest, link: str) -> HttpResponse:
    """A firm that was told of a correction says what it did: on the page, or by machine with the field `answer`."""
    notice = notifying.notice_of_link(link)
    if notice is None:
        raise Http404
    by_machine = "application/json" in request.headers.get("Accept", "")
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in RecipientNotice.Answer.values:
            detail = _("Say what you did: %(words)s.") % {"words": ", ".join(RecipientNotice.Answer.values)}
            if by_machine:
                problem = {"type": "about:blank", "title": "Unknown answer", "status": UNPROCESSABLE, "detail": detail}
                return JsonResponse(problem, status=UNPROCESSABLE, content_type="application/problem+json")
            messages.error(request, detail)
        else:
            notifying.record_answer(notice, answer, staff=None)
            notice.refresh_from_db()
        if by_machine:
            return JsonResponse({"answer": notice.answer})
    context = {"notice": notice, "answers": RecipientNotice.Answer.choices}
    return render(request, "privacy/recipient_answer.html", context)


def cases_of(person: Subject) -> list[RightsRequest]:
    """The last cases of a person and of the guests that are the same."""
    return list(RightsRequest.objects.filter(subject__in=whereabouts.family(person)).order_by("-received_at")[:20])
