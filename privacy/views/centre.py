"""The privacy centre: what is held about a person, and what they permit."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from privacy import permission, queries
from privacy.answers import STALE
from privacy.errors import StaleNotice
from privacy.gate import subject_of
from privacy.gpc import asks_for_privacy
from privacy.internal import handed, looking
from privacy.keeping import kept_apart
from privacy.models import Subject
from privacy.models.consent import ConsentMethod, ConsentState
from privacy.notice import Notice, ShownNotice
from privacy.page_forms import ChoicesForm
from privacy.views.policy_answers import waiting_answers
from privacy.views.receipts import choices_made
from privacy.views.requests import cases_of


def _choices(request: HttpRequest, data: object = None) -> tuple[ChoicesForm, Notice]:
    notice = Notice(asks=[purpose for purpose, _ in queries.CHOICES], opt_out_box=False)
    questions = [(f"allow_{i}", purpose, words) for i, (purpose, words) in enumerate(notice.questions)]
    permitted = queries.given(subject_of(request)) if request.user.is_authenticated else set()
    form = ChoicesForm(
        data,
        questions=questions,
        given={name for name, purpose, _ in questions if purpose in permitted},
        initial={"notice": notice.token()},
    )
    return form, notice


@login_not_required
@require_safe
@never_cache
def centre(request: HttpRequest) -> HttpResponse:
    """Everything about one's own data on one page; for guests the way to write to the desk."""
    context: dict[str, object] = {}
    if request.user.is_authenticated:
        subject = subject_of(request)
        context = {
            "held": queries.held(subject),
            "kept_apart": kept_apart(subject),
            "choices": _choices(request)[0],
            "looks": looking.seen_of(subject),
            "handed_over": handed.handed_over(subject),
            "policy_changes": waiting_answers(subject),
            "choices_made": choices_made(subject),
            "requests": cases_of(subject),
        }
    return render(request, "privacy/centre.html", context)


@require_http_methods(["POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Change what may be sent. Yes is recorded with the words that were shown; no takes effect at once."""
    subject = subject_of(request)
    form, notice = _choices(request, request.POST)
    if not form.is_valid():
        messages.error(request, _("Your choices could not be read. Please choose again."))
        return redirect("privacy:centre")
    try:
        shown = notice.answered(form.cleaned_data["notice"])
    except StaleNotice:
        messages.error(request, STALE)
        return redirect("privacy:centre")
    with transaction.atomic():
        _apply(form, subject, shown, under_gpc=asks_for_privacy(request))
    messages.success(request, _("Your choices are saved and hold from now on."))
    return redirect("privacy:centre")


def _apply(form: ChoicesForm, subject: Subject, shown: ShownNotice, *, under_gpc: bool) -> None:
    """Record what changed: a tick is a yes, a tick taken away a withdrawal, a box seen and left empty a refusal."""
    before, ways = queries.choices_of(subject), dict(queries.CHOICES)
    method, surface = ConsentMethod.FORM, "web.account"
    for name, purpose, _words in form.questions:
        way, state = (purpose, ways[purpose]), before.get(purpose)
        if form.cleaned_data[name]:
            if state != ConsentState.GIVEN:
                permission.grant(subject, *way, method=method, notice=shown, surface=surface, under_gpc=under_gpc)
        elif state == ConsentState.GIVEN:
            permission.withdraw(subject, [way], method=method, notice=shown, surface=surface)
        elif state not in (ConsentState.REFUSED, ConsentState.WITHDRAWN):
            permission.refuse(subject, [way], method=method, notice=shown, surface=surface)
