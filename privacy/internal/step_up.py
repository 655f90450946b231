"""What is dangerous asks staff for their password again when it was typed too long ago."""

from __future__ import annotations

import time

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

# Minutes are a compromise: long enough to answer a letter, too short for a desk that somebody left unlocked.
PASSWORD_HOLDS = 15 * 60  # seconds


def password_is_recent(request: HttpRequest) -> bool:
    """Whether this session's owner typed the password lately, at the sign-in or since."""
    typed = [
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record.get("method") == "password"
    ]
    return bool(typed) and 0 <= time.time() - max(typed) < PASSWORD_HOLDS


def ask_for_password(request: HttpRequest, back_to: str) -> HttpResponse | None:
    """The way to the password page, which leads back to `back_to`; None when the password was typed lately.

    Ask before a form is shown and again when it is sent. `back_to` is a page of our own without a value in it.
    """
    if password_is_recent(request):
        return None
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back_to})}")
