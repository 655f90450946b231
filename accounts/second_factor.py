"""What staff still have to show before a staff page opens: a second factor, and in this session its code."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.domain.second_factor import has_second_factor


def shown_in(request: HttpRequest) -> bool:
    """Whether this session's owner typed a code, at the sign-in or since."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def step_before(request: HttpRequest) -> HttpResponse | None:
    """Where to go before a staff page opens; None when nothing is missing.

    Whoever has a second factor types its code, whatever the settings say: a session from before it was set up is not enough.
    Whoever has none is led to set one up, where `STAFF_SECOND_FACTOR` asks for it.
    """
    if shown_in(request):
        return None
    if has_second_factor(request.user):
        page = "mfa_reauthenticate"
    elif settings.STAFF_SECOND_FACTOR:
        page = "accounts:second_factor_add"
    else:
        return None
    # A form that was sent cannot be sent again by a redirect; its page can be opened again.
    back_to = request.path if request.method == "GET" else reverse("admin:index")
    return redirect(f"{reverse(page)}?{urlencode({'next': back_to})}")
