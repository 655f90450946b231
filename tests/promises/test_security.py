"""security: how a password is kept, what a browser is told, what each role of the staff may open, what the store's role may do."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.domain import roles
from accounts.models import User
from orders.models import DeliveryAddress
from privacy.models import Look
from tests.orders.shop import ADDRESS, CONTACT, buy, variant
from tests.support.people import letter
from tests.support.staff import PASSWORD, WHY, open_form, reveal, signed_in

_ASK = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
names = sys.argv[1].split(",")
print(json.dumps({n: getattr(settings, n) for n in names} | {"hash": identify_hasher(make_password("x")).algorithm}))
"""
_ASKED = [
    "DEBUG", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_CONTENT_TYPE_NOSNIFF", "SECURE_REFERRER_POLICY",
    "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SECURE",
    "CSRF_COOKIE_HTTPONLY", "COOKIE_CONSENT_SECURE", "X_FRAME_OPTIONS", "CSRF_TRUSTED_ORIGINS",
]  # fmt: skip


def real_settings(**environment: str) -> dict:
    """The store's own settings, as a process outside of these tests reads them."""
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("SECURE_", "DEBUG", "DJANGO_", "BASE_URL"))}
    done = subprocess.run(
        [sys.executable, "-c", _ASK, ",".join(_ASKED)],
        cwd=settings.BASE_DIR,
        env=clean | {"DJANGO_SETTINGS_MODULE": "kmall24.settings", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


class TestSettings:
    def test_behind_https_every_cookie_is_for_https_alone_and_out_of_reach_of_scripts(self):
        real = real_settings(BASE_URL="https://kmall24.example")
        assert real["hash"] == "argon2"
        for name in (
            "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY",
            "COOKIE_CONSENT_SECURE", "SECURE_SSL_REDIRECT", "SECURE_CONTENT_TYPE_NOSNIFF",
        ):  # fmt: skip
            assert real[name] is True, name
        assert real["SECURE_HSTS_SECONDS"] >= 31_536_000
        assert real["SESSION_COOKIE_SAMESITE"] == "Lax"
        assert real["X_FRAME_OPTIONS"] == "DENY"
        assert real["CSRF_TRUSTED_ORIGINS"] == ["https://kmall24.example"]
        assert real["DEBUG"] is False

    def test_on_a_machine_without_tls_the_store_can_still_be_used(self):
        real = real_settings(BASE_URL="http://127.0.0.1:8000")
        assert real["SESSION_COOKIE_SECURE"] is real["SECURE_SSL_REDIRECT"] is False
        assert real["SESSION_COOKIE_HTTPONLY"] is True

    def test_the_basket_cookie_follows_and_the_log_strikes_out(self, store, client, settings):
        settings.SESSION_COOKIE_SECURE = True
        cookie = client.post("/basket/add/", {"variant": variant().pk}).cookies["basket"]
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert all("redact" in handler["filters"] for handler in settings.LOGGING["handlers"].values())


def strict(response) -> None:
    policy = {words[0]: words[1:] for part in response["Content-Security-Policy"].split(";") if (words := part.split())}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "*" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.fixture
def superuser(django_user_model: type[User]) -> Client:
    browser = Client()
    browser.force_login(django_user_model.objects.create_superuser("boss@example.com", PASSWORD))
    return browser


class TestPages:
    @pytest.mark.parametrize(
        "path", ["/", "/products/", "/checkout/", "/privacy/policy/", "/cookies/", "/accounts/login/", "/no/such/page/"]
    )
    def test_tell_the_browser_to_run_nothing_of_anybody_elses(self, store, client, path):
        strict(client.get(path))

    def test_of_the_staff_say_the_same(self, store, client, superuser):
        order = buy(client, variant())
        for path in ("/admin/", "/admin/orders/order/", f"/admin/orders/order/{order.pk}/change/"):
            response = superuser.get(path)
            assert response.status_code == 200
            strict(response)

    def test_of_the_staff_are_closed_to_shoppers(self, store, client, django_user_model):
        assert client.get("/admin/orders/order/").status_code == 302
        client.force_login(django_user_model.objects.create_user("shopper@example.com", PASSWORD))
        assert client.get("/admin/orders/order/", follow=True).status_code == 403

    def test_hidden_behind_a_sign_in_stay_hidden(self, db, client):
        for name in ("accounts:home", "accounts:addresses", "accounts:profile", "orders:history"):
            response = client.get(reverse(name))
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("account_login"))


@pytest.fixture
def works_as(store, django_user_model):
    def sign_in(role: str) -> Client:
        account = django_user_model.objects.create_user("desk@example.com", PASSWORD, is_staff=True)
        account.groups.add(Group.objects.get(name=role))
        browser = Client()
        browser.force_login(account)
        return browser

    roles.install_roles()
    return sign_in


# What each role can open; every other list in the admin is closed to it.
OPEN_TO = {
    roles.CATALOGUE_EDITOR: {"catalogue"},
    # Of privacy only the outbox, which carries ids (below).
    roles.ORDER_DESK: {"orders", "catalogue", "privacy"},
    roles.PRIVACY_OFFICER: {"privacy", "accounts", "account", "orders", "marketing", "cookies"},
    # Of the orders only offers (tests/orders/test_offers.py).
    roles.MARKETER: {"marketing", "cookies", "catalogue", "orders"},
}


class TestRoles:
    @pytest.mark.parametrize("role", roles.ROLES)
    def test_open_their_own_rooms_and_no_other(self, works_as, role):
        from django.contrib import admin

        browser, seen = works_as(role), set()
        for model in admin.site._registry:
            app = model._meta.app_label
            status = browser.get(reverse(f"admin:{app}_{model._meta.model_name}_changelist")).status_code
            assert status in (200, 403), model
            if status == 200:
                seen.add(app)
        assert seen == OPEN_TO[role]

    def test_the_order_desk_opens_the_outbox_and_nothing_else_of_privacy(self, works_as):
        from django.contrib import admin

        browser = works_as(roles.ORDER_DESK)
        rooms = [m._meta.model_name for m in admin.site._registry if m._meta.app_label == "privacy"]
        lists = {name: browser.get(reverse(f"admin:privacy_{name}_changelist")).status_code for name in rooms}
        assert [name for name, status in lists.items() if status != 403] == ["effect"]

    def test_a_catalogue_editor_opens_no_order_and_no_request(self, works_as, client):
        order, case = buy(client, variant()), letter().request
        browser = works_as(roles.CATALOGUE_EDITOR)
        for page in (
            reverse("admin:orders_order_change", args=[order.pk]),
            reverse("admin:orders_deliveryaddress_change", args=[order.delivery_address.pk]),
            reverse("admin:privacy_rightsrequest_change", args=[case.pk]),
            reverse("admin:privacy_rightsrequest_correct", args=[case.pk]),
            reverse("admin:accounts_user_changelist"),
        ):
            assert browser.get(page).status_code == 403, page
            assert browser.post(page, {}).status_code == 403, page

    @pytest.mark.parametrize("role", roles.ROLES)
    def test_nobody_but_a_superuser_hands_out_rights(self, works_as, role):
        account = User.objects.create_user("other@example.com", PASSWORD)
        browser = works_as(role)
        page = reverse("admin:accounts_user_change", args=[account.pk])
        browser.post(page, {"is_staff": "on", "is_superuser": "on", "groups": [g.pk for g in Group.objects.all()]})
        account.refresh_from_db()
        assert not account.is_staff
        assert not account.is_superuser
        assert not account.groups.exists()
        for page in (reverse("admin:auth_group_changelist"), reverse("admin:auth_group_add")):
            assert browser.get(page).status_code == 403

    def test_lists_show_personal_values_masked(self, store, client, superuser):
        from django.contrib import admin

        buy(client, variant())
        letter(sender="somebody@example.com")
        hidden = [
            CONTACT["email"],
            "somebody@example.com",
            *(v for n, v in ADDRESS.items() if n not in ("country", "state")),
        ]
        opened = 0
        for model in admin.site._registry:
            page = superuser.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
            opened += page.status_code == 200
            for value in hidden:
                assert value not in page.content.decode(), (model, value)
        assert opened >= 15
        assert DeliveryAddress.objects.get().street == ADDRESS["street"]


@pytest.fixture
def address(store, client) -> DeliveryAddress:
    return buy(client, variant()).delivery_address


class TestStepUp:
    def test_a_password_typed_long_ago_is_asked_for_again_before_anything_is_shown(
        self, address: DeliveryAddress
    ) -> None:
        account = User.objects.create_superuser("boss@example.com", PASSWORD)
        browser = signed_in(account, seconds_ago=16 * 60)
        answer = reveal(browser, address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        assert not Look.objects.exists()
        asked = browser.post(
            answer["Location"],
            {"password": PASSWORD, "next": f"/admin/looks/reveal/orders.deliveryaddress/{address.pk}/"},
        )
        assert asked.status_code == 302
        assert ADDRESS["street"] in reveal(browser, address).content.decode()

    def test_a_wrong_password_opens_nothing(self, address: DeliveryAddress) -> None:
        browser = signed_in(User.objects.create_superuser("boss@example.com", PASSWORD), seconds_ago=16 * 60)
        assert browser.post(reverse("account_reauthenticate"), {"password": "guessed"}).status_code == 200
        assert reveal(browser, address).status_code == 302
        assert not Look.objects.exists()

    def test_a_session_that_was_taken_over_by_other_means_has_typed_no_password(self, address: DeliveryAddress) -> None:
        browser = Client()
        browser.force_login(User.objects.create_superuser("boss@example.com", PASSWORD))
        for answer in (
            reveal(browser, address),
            browser.get(reverse("admin:look_find")),
            open_form(browser, address),
            browser.post(
                reverse("admin:look_export", args=["orders.deliveryaddress"]), {**WHY, "chosen": [address.pk]}
            ),
        ):
            assert answer.status_code == 302
            assert answer["Location"].startswith(reverse("account_reauthenticate"))
        assert not Look.objects.exists()

    def test_a_sign_in_counts_as_the_password_that_it_was(self, address: DeliveryAddress, client: Client) -> None:
        User.objects.create_superuser("boss@example.com", PASSWORD)
        client.post(reverse("account_login"), {"login": "boss@example.com", "password": PASSWORD})
        assert ADDRESS["street"] in reveal(client, address).content.decode()


@pytest.mark.django_db
def test_signing_out_everywhere_ends_the_sessions_of_all_devices(django_user_model):
    account = django_user_model.objects.create_user("mina@example.com", PASSWORD)
    here, there, somebody_else = Client(), Client(), Client()
    here.force_login(account)
    there.force_login(account)
    somebody_else.force_login(django_user_model.objects.create_user("other@example.com", PASSWORD))
    assert here.post(reverse("accounts:sign_out_everywhere")).status_code == 302
    for browser, status in ((here, 302), (there, 302), (somebody_else, 200)):
        assert browser.get(reverse("accounts:home")).status_code == status


@pytest.mark.django_db
def test_a_new_password_ends_the_other_sessions(django_user_model):
    account = django_user_model.objects.create_user("mina@example.com", PASSWORD)
    browser = Client()
    browser.force_login(account)
    account.set_password("another-long-and-odd-42")
    account.save()
    assert browser.get(reverse("accounts:home")).status_code == 302


@pytest.mark.django_db
class TestTheStoresRole:
    def ask(self, sql: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def test_is_nobodys_superior_and_owns_no_table(self):
        rights = "rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication"
        assert self.ask(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") is False
        assert self.ask("SELECT current_user = session_user") is True
        assert self.ask("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == 0
        member = (
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
        )
        assert self.ask(member) == 0

    def test_cannot_become_the_owner_nor_build_nor_tear_down(self):
        owner = self.ask("SELECT tableowner FROM pg_tables WHERE tablename = 'privacy_collection'")
        assert owner != settings.DATABASES["default"]["USER"]
        for sql in (
            f'SET ROLE "{owner}"',
            f'SET SESSION AUTHORIZATION "{owner}"',
            f'GRANT "{owner}" TO CURRENT_USER',
            f"ALTER ROLE \"{owner}\" PASSWORD 'x'",
            "ALTER ROLE CURRENT_USER SUPERUSER",
            "CREATE ROLE stranger",
            "CREATE TABLE public.planted (x int)",
            "CREATE FUNCTION public.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "DROP TABLE privacy_collection CASCADE",
            "ALTER TABLE privacy_collection OWNER TO CURRENT_USER",
            "GRANT UPDATE ON privacy_collection TO CURRENT_USER",
            "COPY privacy_collection TO PROGRAM 'true'",
            "COPY privacy_collection TO '/tmp/planted'",
            "SELECT pg_read_file('/etc/passwd')",
            "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                self.ask(sql)


def test_djangos_own_check_of_a_deployment_asks_only_about_other_domains():
    """Behind https nothing is left but two questions about subdomains, which whoever runs the domain answers."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--tag", "security"],
        cwd=settings.BASE_DIR,
        env={n: v for n, v in os.environ.items() if not n.startswith(("SECURE_", "DJANGO_SETTINGS"))}
        | {"DJANGO_SETTINGS_MODULE": "kmall24.settings", "BASE_URL": "https://kmall24.example"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(re.findall(r"security\.\w+", done.stderr)) == {"security.W005", "security.W021"}, done.stderr
