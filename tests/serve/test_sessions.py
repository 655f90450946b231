"""A database that goes away while a session is kept is an outage; only a session that is gone is the asker's affair."""

from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse

pytestmark = pytest.mark.django_db


def ask(rf, when):
    """A request with a session that stands, of which something is noted after `when` has happened."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["orders"] = ["first"]
    session.create()

    def view(request):
        request.session["orders"] = ["first", "second"]
        when()
        return HttpResponse("placed")

    request = rf.post("/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session.session_key
    return SessionMiddleware(view)(request)


def test_what_is_noted_in_a_session_is_kept(rf):
    assert ask(rf, lambda: None).content == b"placed"
    assert Session.objects.get().get_decoded() == {"orders": ["first", "second"]}


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_went_away_is_an_outage_and_no_bad_request(rf, monkeypatch, away):
    def fails(*_args, **_said):
        raise away("the connection was closed")

    with pytest.raises(away):
        ask(rf, lambda: monkeypatch.setattr(Session, "save", fails))


def test_a_session_that_is_gone_is_still_told_as_one(rf):
    with pytest.raises(SessionInterrupted):
        ask(rf, lambda: Session.objects.all().delete())
