"""Hostile letters before a member of staff in a real browser: no script runs, nothing is asked of anybody else."""

from __future__ import annotations

import time
from email.message import EmailMessage
from email.mime.text import MIMEText

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from accounts.models import User
from privacy.internal.desk import receiving
from privacy.models import LetterAttachment, RequestMessage, RightsRequest
from tests.support.browser import NEEDS_BROWSER
from tests.support.staff import PASSWORD

pytestmark = [NEEDS_BROWSER, pytest.mark.django_db(transaction=True)]

_SCRIPT = "<script>window.broken=1;fetch('http://evil.example/s')</script>"
HOSTILE = [
    _SCRIPT,
    "<img src=x onerror=window.broken=1><img src='http://evil.example/pixel.gif'>",
    "<svg/onload=window.broken=1><svg><use href='http://evil.example/x.svg#a'/></svg>",
    "<a href='javascript:window.broken=1'>click</a> javascript:window.broken=1",
    "<style>@import 'http://evil.example/a.css';body{background:url(http://evil.example/b)}</style>",
    "<link rel=stylesheet href=http://evil.example/c.css><meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "</textarea></dd></td></title><script>window.broken=1</script><iframe src=http://evil.example/></iframe>",
    "{{ settings.SECRET_KEY }} {% debug %} ${7*7} <%= 7*7 %>",
    "\u202egnp.exe \u2066 hidden",
    "x" * 50_000,
    "&#60;script&#62;window.broken=1&#60;/script&#62;",
]


def hostile_mails():
    for number, attack in enumerate(HOSTILE):
        message = EmailMessage()
        message["From"] = f'"{attack[:60].replace(chr(34), "")}" <mina{number}@example.com>'
        message["Subject"] = " ".join(attack[:200].split())
        message["Message-ID"] = f"<{number}@example.com>"
        message.set_content(attack)
        name = attack[:80].replace("\n", " ")
        message.add_attachment(attack.encode(), maintype="text", subtype="html", filename=f"{name}.html")
        message.add_attachment(b"<svg onload=window.broken=1>", maintype="image", subtype="svg+xml", filename="a.svg")
        yield message.as_bytes()
    page = EmailMessage()
    page["From"], page["Subject"] = "html@example.com", "A page"
    page.set_content(f"<html><body onload=window.broken=1>{''.join(HOSTILE[:7])}</body></html>", subtype="html")
    yield page.as_bytes()
    seven = MIMEText("", "plain")
    seven["From"] = "seven@example.com"
    seven.replace_header("Content-Type", 'text/html; charset="utf-7"')
    seven.set_payload("+ADw-script+AD4-window.broken=1+ADw-/script+AD4-")
    yield seven.as_bytes()


@pytest.fixture
def staff(visit, live_server):
    """A browser of somebody who signed in by password just now."""
    account = User.objects.create_superuser("boss@example.com", PASSWORD)
    session = SessionStore()
    session["_auth_user_id"] = str(account.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = account.get_session_auth_hash()
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(account.pk)
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session.save()
    visitor = visit(accept_downloads=True)
    visitor.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": live_server.url}]
    )
    return visitor


def unharmed(visitor, live_server):
    assert visitor.page.evaluate("window.broken") is None
    assert visitor.elsewhere(live_server.url) == []


def state_a_reason(page):
    page.locator("[name=category]").select_option("letter")
    page.locator("[name=reason]").fill("Answering a hostile letter of this test")


def test_hostile_letters_run_nothing_and_ask_for_nothing(staff, live_server, tmp_path):
    for raw in hostile_mails():
        receiving.receive_mail(raw)
    page = staff.page
    for name in ("rightsrequest", "requestmessage", "letterattachment", "unreadablemail"):
        page.goto(live_server.url + reverse(f"admin:privacy_{name}_changelist"))
        unharmed(staff, live_server)
    for case in RightsRequest.objects.all():
        page.goto(live_server.url + reverse("admin:privacy_rightsrequest_change", args=[case.pk]))
        unharmed(staff, live_server)
    # Every letter whole, as staff read it.
    for message in RequestMessage.objects.all():
        page.goto(live_server.url + reverse("admin:look_reveal", args=["privacy.requestmessage", message.pk]))
        state_a_reason(page)
        page.locator(".submit-row input[type=submit]").click()
        page.wait_for_selector(".look__values")
        unharmed(staff, live_server)
        assert message.body[:40].strip() in page.locator(".look__values").inner_text() or not message.body.strip()
        # A huge line stays inside the page.
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), message.heading[:40]
    for file in LetterAttachment.objects.all()[:4]:
        page.goto(live_server.url + reverse("admin:privacy_letterattachment_take", args=[file.pk]))
        state_a_reason(page)
        with page.expect_download() as taken:
            page.locator(".submit-row input[type=submit]").click()
        assert taken.value.suggested_filename.endswith(".do-not-open")
        unharmed(staff, live_server)
    assert [said for said in staff.complaints if "Content Security Policy" in said] == []


def test_what_this_test_looks_for_would_be_seen(staff, live_server):
    """A planted page that does what the letters try: the browser tells of it."""
    staff.page.goto(live_server.url + reverse("admin:index"))
    staff.page.evaluate("window.broken = 1; new Image().src = 'http://evil.invalid/pixel'")
    staff.page.wait_for_timeout(200)
    with pytest.raises(AssertionError):
        unharmed(staff, live_server)
    assert staff.elsewhere(live_server.url) or staff.complaints
