"""The pages on which a visitor says what the store should remember, and has it forgotten."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.domain.interests import keep_interests
from accounts.queries import interests_of
from cookies import preferences
from kmall24.preferring import shaping
from kmall24.preferring.forms import InterestsForm, PreferencesForm
from kmall24.preferring.middleware import SESSION_KEY

UNPROCESSABLE = 422


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Currency and interests. Who declined preference cookies can choose a currency for this visit all the same."""
    remembered = preferences.of(request)
    initial = {"currency": getattr(request, "currency", ""), "interests": list(remembered.interests)}
    if request.method == "POST" and "forget" in request.POST:
        response = redirect("preferences")
        preferences.remember(request, response, preferences.NOTHING)
        request.session.pop(SESSION_KEY, None)
        messages.success(request, _("Forgotten. Your browser keeps nothing of it."))
        return response
    in_account = request.user.is_authenticated
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=initial, in_account=in_account)
    if request.method == "POST" and form.is_valid():
        response = redirect("preferences")
        if preferences.remember(request, response, replace(remembered, **form.values())):
            messages.success(request, _("Saved in your browser."))
        else:
            _for_this_visit(request, form.cleaned_data["currency"])
            messages.success(
                request,
                _("Prices are shown so for this visit. To have it remembered, permit preference cookies."),
            )
        return response
    return render(
        request,
        "preferences.html",
        {"form": form, "permitted": preferences.permitted(request), "viewed": remembered.viewed},
        status=UNPROCESSABLE if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def interests(request: HttpRequest) -> HttpResponse:
    """What the owner of an account likes; asked only where it may be used, so the permission comes first."""
    if not preferences.permitted(request):
        return render(request, "interests.html", {"permitted": False, "permission": shaping.stop()})
    sent = request.method == "POST"
    form = InterestsForm(request.POST if sent else None, initial={"interests": interests_of(request.user)})
    if sent and form.is_valid():
        with form.collecting(request):
            keep_interests(request.user, form.cleaned_data["interests"])
        response = redirect("interests")
        # One place for it: what this browser remembered of the same is forgotten.
        preferences.remember(request, response, replace(preferences.of(request), interests=()))
        messages.success(request, _("Saved in your account."))
        return response
    context = {"form": form, "permitted": True, "permission": shaping.stop()}
    return render(request, "interests.html", context, status=UNPROCESSABLE if form.errors else 200)


def _for_this_visit(request: HttpRequest, currency: str) -> None:
    if currency:
        request.session[SESSION_KEY] = currency
        request.session.set_expiry(0)
    else:
        request.session.pop(SESSION_KEY, None)
