"""Staff for tests: signed in by their password just now, or a while ago, and looking at what they must give a reason for."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.domain import roles
from accounts.models import User

PASSWORD = "long-enough-and-odd-42"
WHY = {"category": "letter", "reason": "Answering the letter of case 4711"}


def signed_in(account: User, *, seconds_ago: float = 0) -> Client:
    """A browser whose session was opened with the password so many seconds ago."""
    browser = Client()
    browser.force_login(account)
    session = browser.session
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(account.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - seconds_ago}]
    session.save()
    return browser


def superuser(email: str = "boss@example.com", **signed: Any) -> Client:
    """The one who may do everything."""
    return signed_in(User.objects.create_superuser(email, PASSWORD), **signed)


def works_as(role: str, email: str = "desk@example.com", **signed: Any) -> Client:
    """A member of staff of one role."""
    roles.install_roles()
    account = User.objects.create_user(email, PASSWORD, is_staff=True)
    account.groups.add(Group.objects.get(name=role))
    return signed_in(account, **signed)


def reveal(browser: Client, record: Any, **why: str) -> Any:
    """Look at one record whole."""
    address = reverse("admin:look_reveal", args=[record._meta.label_lower, record.pk])
    return browser.post(address, {**WHY, **why})


def open_form(browser: Client, record: Any, **why: str) -> Any:
    """Open the form that changes a record."""
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_edit"
    return browser.post(reverse(name, args=[record.pk]), {**WHY, **why})
