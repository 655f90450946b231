"""Staff sign in with a password and a code; each code counts once, and the secret stands nowhere as it is."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.domain import second_factor
from accounts.domain.sealing import NotSealedHere, seal, unseal
from accounts.models import User
from privacy.models import Effect
from tests.support.staff import PASSWORD, signed_in, works_as

pytestmark = pytest.mark.django_db
ADDRESS = "desk@example.com"
ADD, OVERVIEW, CODE = "/accounts/second-factor/add/", "/accounts/second-factor/", "/accounts/second-factor/code/"


@pytest.fixture(autouse=True)
def _asked_for(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser(ADDRESS, PASSWORD)


class App:
    """The app on somebody's telephone."""

    def __init__(self, secret: str, clock: Any) -> None:
        self.secret, self.clock = secret, clock

    def code(self, later: int = 0) -> str:
        return format_hotp_value(hotp_value(self.secret, int(self.clock()) // 30 + later))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The time that codes are made from, to be moved by hand."""
    now = [1_795_000_000.0]
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now[0])

    def read(forward: float = 0) -> float:
        now[0] += forward
        return now[0]

    return read


def set_up(account: User, clock: Any) -> App:
    """The account has a factor, whose last code lies a minute back."""
    app = App(second_factor.new_secret(), clock)
    moment = second_factor.moment_of(app.secret, app.code())
    assert moment is not None
    assert second_factor.set_up(account, app.secret, moment)
    clock(60)
    return app


def password(browser: Client) -> Any:
    return browser.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD, "next": "/admin/"})


def test_who_works_here_is_led_to_set_one_up_before_any_staff_page_opens(staff: User) -> None:
    browser = signed_in(staff)
    for page in ("/admin/", reverse("admin:orders_order_changelist"), reverse("admin:look_find")):
        answer = browser.get(page)
        assert answer.status_code == 302
        assert answer["Location"].startswith(ADD)
    assert browser.post("/admin/logout/").status_code in (200, 302)


def test_setting_up_shows_a_picture_and_takes_a_code_of_now(staff: User, clock: Any) -> None:
    browser = signed_in(staff)
    page = browser.get(f"{ADD}?next=/admin/")
    assert "data:image/svg+xml" in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0")
    form = page.context["form"]
    app = App(form.secret, clock)
    sent = {"proposal": form["proposal"].value(), "next": "/admin/"}
    wrong = browser.post(ADD, {**sent, "code": "000000" if app.code() != "000000" else "111111"})
    assert wrong.status_code == 422
    # The picture stays the one that was scanned.
    assert wrong.context["form"].secret == app.secret
    done = browser.post(ADD, {**sent, "code": app.code()})
    assert done["Location"] == f"{OVERVIEW}?next=%2Fadmin%2F"
    codes = browser.get(done["Location"])
    assert len(codes.context["codes"]) == 10
    assert 'href="/admin/"' in codes.content.decode()
    assert browser.get("/admin/").status_code == 200
    assert Effect.objects.filter(kind="accounts.letter", ids__letter="second_factor_added").count() == 1


def test_the_secret_of_another_account_or_an_old_page_is_not_taken(staff: User, clock: Any) -> None:
    other = signed_in(User.objects.create_superuser("other@example.com", PASSWORD))
    theirs = other.get(ADD).context["form"]
    answer = signed_in(staff).post(
        ADD, {"proposal": theirs["proposal"].value(), "code": App(theirs.secret, clock).code()}
    )
    assert answer.status_code == 422
    assert answer.context["form"].secret != theirs.secret
    assert not Authenticator.objects.exists()


def test_reading_the_page_writes_nothing(staff: User, django_assert_num_queries: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    browser = signed_in(staff)
    with CaptureQueriesContext(connection) as asked:
        browser.get(ADD)
    assert [q["sql"] for q in asked if re.match(r"\s*(INSERT|UPDATE|DELETE)", q["sql"])] == []


def test_a_password_alone_opens_nothing_afterwards(staff: User, clock: Any) -> None:
    app = set_up(staff, clock)
    browser = Client()
    assert password(browser)["Location"].startswith(CODE)
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/accounts/profile/").status_code == 302
    assert browser.post(CODE, {"code": app.code()}).status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_it_is_asked_of_who_has_one_even_where_the_store_asks_nobody(staff: User, clock: Any, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    assert signed_in(staff).get("/admin/").status_code == 200
    set_up(staff, clock)
    assert password(Client())["Location"].startswith(CODE)


def test_a_session_from_before_types_the_code_first(staff: User, clock: Any) -> None:
    browser = signed_in(staff)
    app = set_up(staff, clock)
    answer = browser.get("/admin/")
    assert answer["Location"].startswith("/accounts/second-factor/code/again/")
    assert browser.get(answer["Location"]).status_code == 200
    assert browser.post(answer["Location"], {"code": app.code(), "next": "/admin/"})["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_a_code_counts_once_in_every_process(staff: User, clock: Any, settings: Any) -> None:
    app = set_up(staff, clock)
    first, second = Client(), Client()
    for browser in (first, second):
        password(browser)
    code = app.code()
    assert first.post(CODE, {"code": code}).status_code == 302
    # Another process remembers nothing in its memory.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert second.post(CODE, {"code": code}).status_code == 200
    assert second.get("/admin/").status_code == 302
    # Nor does an earlier one, which the tolerance for clocks would let in.
    assert second.post(CODE, {"code": app.code(-1)}).status_code == 200
    clock(30)
    assert second.post(CODE, {"code": app.code()}).status_code == 302


def test_a_recovery_code_counts_once_and_renewed_ones_replace_the_old(staff: User, clock: Any) -> None:
    app = set_up(staff, clock)
    one, two, *_ = second_factor.unused_codes(staff)
    for code, status in ((one, 302), (one, 200)):
        browser = Client()
        password(browser)
        assert browser.post(CODE, {"code": code}).status_code == status
    browser = Client()
    password(browser)
    browser.post(CODE, {"code": app.code()})
    assert browser.post("/accounts/second-factor/codes/")["Location"] == OVERVIEW
    assert two not in second_factor.unused_codes(staff)
    assert len(second_factor.unused_codes(staff)) == 10


def test_nothing_of_it_can_be_read_in_the_database(staff: User, clock: Any) -> None:
    app = set_up(staff, clock)
    codes = second_factor.unused_codes(staff)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        rows = " ".join(row[0] for row in cursor.fetchall())
    for value in (app.secret, *codes):
        assert value not in rows


def test_no_staff_page_shows_it() -> None:
    assert Authenticator not in admin.site._registry
    with pytest.raises(NoReverseMatch):
        reverse("admin:mfa_authenticator_changelist")


def test_a_sealed_secret_opens_with_a_former_key_and_with_no_other(settings: Any) -> None:
    sealed = seal("JBSWY3DPEHPK3PXP")
    former = settings.SECOND_FACTOR_KEY
    settings.SECOND_FACTOR_KEY = "another key of this installation"
    with pytest.raises(NotSealedHere, match="SECOND_FACTOR_KEY_FALLBACKS"):
        unseal(sealed)
    settings.SECOND_FACTOR_KEY_FALLBACKS = [former]
    assert unseal(sealed) == "JBSWY3DPEHPK3PXP"
    for broken in ("", "no base64!", sealed[:-8] + "AAAAAAA="):
        with pytest.raises(NotSealedHere):
            unseal(broken)


def test_guessing_ends_soon(staff: User, clock: Any) -> None:
    set_up(staff, clock)
    browser = Client()
    password(browser)
    answers = [browser.post(CODE, {"code": f"{number:06}"}).content.decode() for number in range(8)]
    assert "Too many" in answers[-1]


def test_a_lost_device_is_answered_by_a_superuser_and_never_by_the_desk(staff: User, clock: Any, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    set_up(staff, clock)
    asks = {"action": "take_second_factor_off", "_selected_action": [staff.pk]}
    changelist = reverse("admin:accounts_user_changelist")
    works_as("privacy officer", "officer@example.com").post(changelist, asks)
    assert second_factor.has_second_factor(staff)
    signed_in(User.objects.create_superuser("chief@example.com", PASSWORD)).post(changelist, asks)
    assert not Authenticator.objects.filter(user=staff).exists()
    assert Effect.objects.filter(ids__letter="second_factor_removed").count() == 1


def test_the_last_administrator_has_the_console(staff: User, clock: Any) -> None:
    app = set_up(staff, clock)
    browser = Client()
    password(browser)
    browser.post(CODE, {"code": app.code()})
    said = StringIO()
    call_command("take_off_second_factor", ADDRESS, stdout=said)
    assert ADDRESS not in said.getvalue()
    assert not second_factor.has_second_factor(staff)
    assert browser.get("/admin/").status_code == 302  # signed out everywhere
    with pytest.raises(CommandError, match="no second factor"):
        call_command("take_off_second_factor", ADDRESS)
    with pytest.raises(CommandError, match="No account"):
        call_command("take_off_second_factor", "nobody@example.com")


def test_whoever_moves_to_another_telephone_takes_it_off_themselves(staff: User, clock: Any) -> None:
    app = set_up(staff, clock)
    browser = Client()
    password(browser)
    browser.post(CODE, {"code": app.code()})
    assert browser.get("/accounts/second-factor/take-off/").status_code == 200
    assert browser.post("/accounts/second-factor/take-off/")["Location"] == reverse("account_login")
    assert not second_factor.has_second_factor(staff)
    assert password(browser)["Location"] == "/admin/"
    assert browser.get("/admin/")["Location"].startswith(ADD)


def test_the_pages_are_for_staff_and_lead_to_no_other_site(staff: User, clock: Any) -> None:
    shopper = signed_in(User.objects.create_user("shopper@example.com", PASSWORD))
    assert shopper.get(OVERVIEW).status_code == 403
    assert shopper.get(ADD).status_code == 403
    assert Client().get(ADD)["Location"].startswith("/accounts/login/")
    app = set_up(staff, clock)
    browser = Client()
    password(browser)
    browser.post(CODE, {"code": app.code()})
    assert browser.get(f"{OVERVIEW}?next=https://evil.example/").context["next"] == ""


def test_an_idle_desk_does_not_set_one_up(staff: User) -> None:
    browser = signed_in(staff, seconds_ago=3600)
    assert browser.get(ADD)["Location"].startswith("/accounts/reauthenticate/")


def test_a_shopper_is_not_asked_for_anything(staff: User) -> None:
    User.objects.create_user("shopper@example.com", PASSWORD)
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": "shopper@example.com", "password": PASSWORD})
    assert answer["Location"] == reverse("accounts:home")
