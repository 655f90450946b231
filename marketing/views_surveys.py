"""The pages of surveys: those that are open for everybody, and the one behind the link of an order."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketing.domain import surveys, tickets
from marketing.forms_surveys import AnonymousSurveyForm, InvitedSurveyForm, OrderSurveyForm
from marketing.models import Survey

UNPROCESSABLE = 422


@login_not_required
@require_safe
def survey_list(request: HttpRequest) -> HttpResponse:
    """What everybody is asked at the moment."""
    now = timezone.now()
    asked = Survey.objects.filter(
        released=True, kind=Survey.Kind.ANONYMOUS, opens_at__lte=now, closes_at__gt=now
    ).order_by("closes_at")
    return render(request, "marketing/surveys/list.html", {"surveys": asked[:30]})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """A survey for everybody. Nothing of who answers is read, and nothing of it kept."""
    survey = get_object_or_404(Survey, slug=slug, released=True, kind=Survey.Kind.ANONYMOUS)
    if not survey.is_open:
        return render(request, "marketing/surveys/closed.html", {"survey": survey}, status=410)
    form = AnonymousSurveyForm(request.POST if request.method == "POST" else None, survey=survey)
    if request.method == "POST" and form.is_valid():
        # The same page sent twice is counted once, and thanked for each time.
        with suppress(surveys.AnsweredBefore):
            surveys.answer_anonymously(survey, form.said(), ticket=form.cleaned_data["ticket"])
        return redirect("surveys:thanks", slug=slug)
    context = {"survey": survey, "form": form}
    return render(request, "marketing/surveys/answer.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_invited(request: HttpRequest, slug: str, ticket: str) -> HttpResponse:
    """An anonymous survey behind a letter of invitation: the link counts once, and leads to nobody."""
    survey = Survey.objects.filter(slug=slug, released=True, kind=Survey.Kind.INVITED).first()
    if survey is None or not tickets.is_genuine(survey, ticket):
        return render(request, "marketing/surveys/unknown.html", status=404)
    if tickets.is_spent(ticket):
        return redirect("surveys:thanks", slug=slug)
    if not survey.is_open:
        return render(request, "marketing/surveys/closed.html", {"survey": survey}, status=410)
    form = InvitedSurveyForm(request.POST if request.method == "POST" else None, survey=survey)
    if request.method == "POST" and form.is_valid():
        with suppress(surveys.AnsweredBefore):
            surveys.answer_anonymously(survey, form.said(), ticket=ticket)
        return redirect("surveys:thanks", slug=slug)
    context = {"survey": survey, "form": form}
    return render(request, "marketing/surveys/answer.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_about_order(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """The survey behind the link of an order. Opening it changes nothing."""
    invitation = surveys.invitation_of(slug, key)
    if invitation is None or invitation.order.subject is None:
        return render(request, "marketing/surveys/unknown.html", status=404)
    survey = invitation.survey
    if invitation.answered_on is not None:
        return redirect("surveys:thanks", slug=slug)
    if not survey.is_open:
        return render(request, "marketing/surveys/closed.html", {"survey": survey}, status=410)
    form = OrderSurveyForm(request.POST if request.method == "POST" else None, survey=survey)
    if request.method == "POST" and form.is_valid():
        try:
            with form.collecting(request, subject=invitation.order.subject) as collection:
                surveys.answer_about_order(invitation, form.said(), subject=collection.subject)
        except surveys.AnsweredBefore:
            pass  # the same page sent twice is answered once, and thanked for each time
        return redirect("surveys:thanks", slug=slug)
    context = {"survey": survey, "form": form, "order": invitation.order}
    return render(request, "marketing/surveys/answer.html", context, status=UNPROCESSABLE if form.errors else 200)


@login_not_required
@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank you."""
    return render(request, "marketing/surveys/thanks.html", {"survey": get_object_or_404(Survey, slug=slug)})
