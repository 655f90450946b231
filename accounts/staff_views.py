"""The pages on which those who work here set their second factor up, read their recovery codes, and take it off."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import wraps

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import second_factor as door
from accounts.domain import second_factor
from accounts.staff_forms import SetUpForm
from privacy.staff import ask_for_password

UNPROCESSABLE = 422
View = Callable[[HttpRequest], HttpResponse]


def _for_staff(view: View) -> View:
    """Staff only, after the password was typed lately; with a factor already set up, after its code as well."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        back_to = request.get_full_path() if request.method == "GET" else reverse("accounts:second_factor")
        if step := ask_for_password(request, back_to):
            return step
        if second_factor.has_second_factor(request.user) and not door.shown_in(request):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back_to})}")
        return view(request)

    return never_cache(page)


@require_safe
@_for_staff
def overview(request: HttpRequest) -> HttpResponse:
    """Whether a code is asked for, and the recovery codes that are left."""
    context = {
        "has_factor": second_factor.has_second_factor(request.user),
        "codes": second_factor.unused_codes(request.user),
        "next": _next(request),
    }
    return render(request, "accounts/second_factor/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@_for_staff
def add(request: HttpRequest) -> HttpResponse:
    """Show the secret as a picture and as text, and take the first code."""
    if second_factor.has_second_factor(request.user):
        return redirect("accounts:second_factor")
    form = SetUpForm(request.POST if request.method == "POST" else None, account=request.user)
    if form.is_valid() and form.moment is not None:
        if second_factor.set_up(request.user, form.secret, form.moment):
            record_authentication(request, request.user, "mfa", type="totp")
            messages.success(request, _("From now on your sign-in asks for a code."))
        following = _next(request)
        return redirect(
            f"{reverse('accounts:second_factor')}?{urlencode({'next': following})}"
            if following
            else "accounts:second_factor"
        )
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, form.secret)).encode()
    context = {
        "form": form,
        "picture": f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}",
        "secret": " ".join(form.secret[i : i + 4] for i in range(0, len(form.secret), 4)),
        "next": _next(request),
    }
    return render(request, "accounts/second_factor/add.html", context, status=UNPROCESSABLE if form.errors else 200)


@require_POST
@_for_staff
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in place of the old ones."""
    second_factor.renew_codes(request.user)
    messages.success(request, _("These are your new recovery codes. The old ones open nothing any more."))
    return redirect("accounts:second_factor")


@require_http_methods(["GET", "HEAD", "POST"])
@_for_staff
def take_off(request: HttpRequest) -> HttpResponse:
    """Ask, then take the factor off; every session ends, and where one is asked for a new one is set up next."""
    if request.method == "POST":
        second_factor.take_off(request.user)
        messages.success(request, _("Your second factor is taken off. Please sign in again."))
        return redirect("account_login")
    return render(request, "accounts/second_factor/take_off.html")


def _next(request: HttpRequest) -> str:
    """The staff page that somebody was on the way to; only ever one of our own."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own else ""
