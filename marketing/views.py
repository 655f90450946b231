"""The pages for news: ask, confirm, choose, leave. Opening a link changes nothing; its button does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.queries import owns_email
from marketing import queries
from marketing.domain import choosing, subscribing
from marketing.forms import SubscribeForm
from marketing.models.reached import ASKED_BY, channel_of_record
from marketing.models.subscription import BY_EMAIL
from privacy.answers import STALE
from privacy.errors import StaleNotice
from privacy.gpc import asks_for_privacy
from privacy.models import Subject
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.notice import Notice, ShownNotice

UNPROCESSABLE = 422
SAVED = gettext_lazy("Your choices are saved and hold from now on.")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for news. The answer is the same whether or not the address is known."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        is_own = request.user.is_authenticated and owns_email(request.user, email)
        subscribing.ask(
            email,
            owner=request.user.subject if is_own else None,
            locale=(get_language() or "en").split("-")[0],
            notice=form.shown,
            fields=form.notice_shown.fields.values(),
        )
        return redirect("marketing:asked")
    return render(request, "marketing/subscribe.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


@login_not_required
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Look into your mailbox."""
    return render(request, "marketing/asked.html")


def _question() -> Notice:
    """What the button says yes to, and what can be ticked beside it: each by itself, and never ticked before."""
    return Notice(SubscribeForm.collects, asks=BY_EMAIL, opt_out_box=False)


def _ticked(request: HttpRequest) -> set[str]:
    asked = {purpose.value for purposes in ASKED_BY.values() for purpose in purposes}
    return set(request.POST.getlist("also")) & asked


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """The question, in the words that are kept as evidence, and the button that says yes."""
    notice = _question()
    if request.method == "POST":
        try:
            shown = notice.answered(request.POST.get("notice", ""))
        except StaleNotice:
            messages.error(request, STALE)
            return redirect("marketing:confirm", token=token)
        if subscribing.confirm(token, notice=shown, also=_ticked(request), under_gpc=asks_for_privacy(request)):
            return render(request, "marketing/confirmed.html", {"token": token})
        return render(request, "marketing/unknown.html", status=404)
    (_news, asked), *others = notice.questions
    context = {"notice": notice, "token": token, "asked": asked, "others": others}
    return render(request, "marketing/confirm.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def choices(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """Everything that may be sent to one person, seen and changed without an account, by the link in every message.

    For a link that is not known the page looks as for somebody who permits nothing.
    """
    holder = queries.holder_of(token)
    ways = choosing.BY_MAIL
    if holder is not None:
        ways = choosing.ways_of(holder.subject, always=[channel_of_record(holder)])
    if request.method == "POST":
        shown = _shown(request, ways)
        if shown is None:
            return redirect("marketing:choices", token=token)
        if not subscribing.choose(token, ways, _ticked(request), notice=shown, under_gpc=asks_for_privacy(request)):
            return render(request, "marketing/unknown.html", status=404)
        messages.success(request, SAVED)
        return redirect("marketing:choices", token=token)
    return render(request, "marketing/choices.html", {**_boxes(holder and holder.subject, ways), "token": token})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_choices(request: HttpRequest) -> HttpResponse:
    """The same for whoever is signed in."""
    subject = request.user.subject
    ways = choosing.ways_of(subject)
    if request.method == "POST":
        shown = _shown(request, ways)
        if shown is not None:
            with transaction.atomic():
                choosing.choose(
                    subject,
                    ways,
                    _ticked(request),
                    notice=shown,
                    surface="web.account",
                    under_gpc=asks_for_privacy(request),
                )
            messages.success(request, SAVED)
        return redirect("marketing:own_choices")
    return render(request, "marketing/choices.html", _boxes(subject, ways))


def _asking(ways: Sequence[choosing.Way]) -> Notice:
    return Notice(asks=choosing.questions_of(ways), opt_out_box=False)


def _shown(request: HttpRequest, ways: Sequence[choosing.Way]) -> ShownNotice | None:
    """The questions that were answered; None when they are not those in force any more, which the page then says."""
    try:
        return _asking(ways).answered(request.POST.get("notice", ""))
    except StaleNotice:
        messages.error(request, STALE)
        return None


def _boxes(subject: Subject | None, ways: Sequence[choosing.Way]) -> dict[str, object]:
    notice = _asking(ways)
    permitted = choosing.permitted_among(subject, ways) if subject is not None else set()
    return {
        "notice": notice,
        "boxes": [(purpose, words, purpose in permitted) for purpose, words in notice.questions],
        "has_number": any(channel == ContactChannel.SMS for _purpose, channel in ways),
    }


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def leave(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """No more news: by the page's button, or by a mail program's one click (RFC 8058).

    A one-click POST brings no cookie and follows no redirect. The token in the address is what entitles to it, so a
    token against forged forms would add nothing. The answer is the same for a link that is not known any more.
    """
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        subscribing.leave(token, method=ConsentMethod.ONE_CLICK if one_click else ConsentMethod.FORM)
        if one_click:
            return HttpResponse("", content_type="text/plain; charset=utf-8")
        return render(request, "marketing/left.html")
    return render(request, "marketing/leave.html", {"token": token})
