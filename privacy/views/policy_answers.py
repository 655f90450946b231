"""A change of the policy before it takes effect: its notice is closed, and those whose data it touches answer yes or no."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from privacy.answers import STALE
from privacy.errors import StaleNotice
from privacy.gate import subject_of
from privacy.gpc import asks_for_privacy
from privacy.internal import answering, policy, reading
from privacy.models import Subject
from privacy.templatetags.policy import SEEN_COOKIE


@login_not_required
@require_POST
def seen(request: HttpRequest, version: str) -> HttpResponse:
    """Close the notice of a coming version in this browser. The cookie says which one, and ends when it takes effect."""
    coming = policy.upcoming()
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = reverse("home")
    response = HttpResponseRedirect(target)
    if coming is not None and coming.version == version:
        begins = timezone.make_aware(dt.datetime.combine(coming.effective, dt.time()))
        response.set_cookie(
            SEEN_COOKIE,
            version,
            max_age=max(1, int((begins - timezone.now()).total_seconds())),
            httponly=True,
            samesite="Lax",
            secure=settings.SECURE_ORIGIN,
        )
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, version: str) -> HttpResponse:
    """Yes or no to each change that touches one's own data. What is left open is not permitted."""
    after = _asking(version)
    wanted = (request.POST if request.method == "POST" else request.GET).get("lang")
    questions = answering.Questions(subject_of(request), after, reading.language_for(wanted, after))
    if request.method == "POST":
        words = {"yes": True, "no": False}
        said = {
            one.change.id: words[chosen]
            for number, one in enumerate(questions.asked)
            if (chosen := request.POST.get(f"answer_{number}", "")) in words
        }
        try:
            kept = answering.answer(
                questions, said, request.POST.get("notice", ""), under_gpc=asks_for_privacy(request)
            )
        except StaleNotice:
            messages.error(request, STALE)
        else:
            if kept:
                messages.success(request, _("Your answers are kept. You can change them at any time."))
            else:
                messages.info(request, _("You answered nothing, so nothing new is permitted."))
        return redirect(f"{reverse('privacy:policy_answer', args=[version])}?lang={questions.language.tag}")
    teller = questions.teller
    return render(
        request,
        "privacy/policy_answer.html",
        {
            "questions": [
                (one, questions.teller.row(one.change), questions.teller.question(one.change))
                for one in questions.asked
            ],
            "notice": questions.token(),
            "chosen": questions.language,
            "choices": [reading.LANGUAGES[locale] for locale in reading.LANGUAGES if locale in after.locales],
            "day": reading.day(after.effective, reading.language_for(None, after)),
            "before": teller.found.before.version,
            "after": after.version,
            "has_begun": after.version <= policy.current().version,
        },
    )


def _asking(version: str) -> policy.Policy:
    """The version in force or one that comes; an older one asks nothing any more."""
    if version not in policy.versions() or version < policy.current().version:
        raise Http404("There is no such version of the policy, or it asks nothing any more.")
    return policy.load(version)


def waiting_answers(person: Subject) -> list[dict[str, object]]:
    """What the privacy centre says of versions that ask this person something and have no answer yet."""
    return [
        {
            "version": version.version,
            "day": reading.day(version.effective, reading.language_for(None, version)),
            "open": sum(one.said is None for one in asked),
        }
        for version, asked in answering.waiting(person)
    ]
