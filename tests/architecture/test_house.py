"""The house stays the house it was drawn as: positions, access, reading that writes nothing, fresh files, quiet strings."""

import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.permissions import IsAuthenticated

from privacy.declaration import Origin, personal, personal_fields
from privacy.internal import datamap, positions
from privacy.internal.checks import personal_values_stand_in_personal_records

ROOT = Path(settings.BASE_DIR)
OURS = ("accounts", "catalogue", "cookies", "marketing", "orders", "privacy")


def every_pattern(resolver=None, prefix=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_pattern(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def test_every_model_has_taken_a_position():
    assert [m._meta.label for m in apps.get_models() if positions.position_of(m) is None] == []


def test_every_reason_is_a_sentence():
    for model in apps.get_models():
        why = getattr(model, "no_personal_data", None)
        assert why is None or (len(why) >= 6 and why.endswith(".")), model


def test_the_checks_find_nothing_in_this_tree():
    assert [str(m) for m in checks.run_checks(databases=None) if m.id and m.id.startswith("privacy.")] == []


@pytest.mark.django_db
def test_the_database_has_the_triggers_and_grants_that_the_models_ask_for():
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert [str(m) for m in found if m.id and m.id.startswith("privacy.")] == []


def test_a_planted_undeclared_column_is_found():
    from orders.models import DeliveryAddress

    field = models.CharField(max_length=20)
    field.set_attributes_from_name("second_phone")
    field.model = DeliveryAddress
    DeliveryAddress._meta.local_fields.append(field)
    DeliveryAddress._meta._expire_cache()
    try:
        found = list(personal_values_stand_in_personal_records())
    finally:
        DeliveryAddress._meta.local_fields.remove(field)
        DeliveryAddress._meta._expire_cache()
    assert [m.id for m in found] == ["privacy.E004"]


def test_a_declaration_needs_a_purpose():
    with pytest.raises(ValueError, match="purpose"):
        personal(models.TextField(), "user.name", purposes=[], keep="account")


def test_every_address_has_a_rule_of_access():
    """A page is open because it says so, or it asks for a sign-in; the open ones are listed by what they begin with."""
    open_to_all = (
        "healthz", "readyz", "favicon.ico", "robots.txt", "sitemap.xml", ".well-known/", "media/", "api/v1/products",
        "api/v1/basket/", "api/v1/orders/", "api/v1/reviews/", "api/v1/schema/", "api/v1/privacy-requests/",
        "api/v1/marketing/", "marketing/texts/incoming/", "reviews/photographs/",
        "payments/", "parcels/", "products/", "search/", "basket/", "checkout/", "orders/", "privacy/", "cookies/",
        "marketing/", "events/", "surveys/", "accounts/", "preferences/",
    )  # fmt: skip
    unruled = []
    for route, callback in every_pattern():
        if route.startswith("admin/"):
            continue
        login_required = getattr(callback, "login_required", True)
        view = getattr(callback, "cls", None)
        if view is not None and IsAuthenticated in view.permission_classes:
            continue  # the API has its own way to ask who it is
        plain = re.sub(r"[\^$]|\(\?P<\w+>[^)]*\)", "", route)
        if not login_required and plain and not plain.startswith(open_to_all):
            unruled.append(route)
    assert unruled == []


def test_no_personal_value_shows_in_the_name_of_a_record():
    for model in apps.get_models():
        if not model.__module__.startswith(OURS):
            continue
        values = {f.attname: f"SECRET{i}" for i, f in enumerate(personal_fields(model, origin=Origin.PERSON))}
        if values:
            record = model(pk=1)
            record.__dict__.update(values)
            assert "SECRET" not in str(record), model
            assert "SECRET" not in repr(record), model


def test_the_data_map_is_fresh():
    assert datamap.path().read_text(encoding="utf-8") == datamap.markdown(), "run manage.py data_map"


@pytest.mark.django_db
def test_migrations_are_complete_and_nothing_of_a_declaration_is_in_them():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    for app in OURS:
        for file in (ROOT / app / "migrations").glob("0*.py"):
            assert "purposes" not in file.read_text(encoding="utf-8"), file


@pytest.mark.django_db
def test_reading_a_page_writes_nothing(client):
    """Every page that can be opened without arguments, read as a stranger: not one statement that changes a row."""
    writes = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|COPY)\b", re.IGNORECASE)
    opened = 0
    names = [
        "home", "catalogue:list", "catalogue:search", "orders:basket", "orders:checkout", "orders:lookup",
        "privacy:centre", "privacy:policy", "privacy:transparency", "privacy:write", "privacy:receipt_verify",
        "cookies:page", "account_login", "account_signup", "account_reset_password", "marketing:subscribe", "marketing:texts",
        "events:list", "surveys:list",
        "preferences", "healthz", "robots", "sitemap", "security_txt", "gpc",
    ]  # fmt: skip
    for name in names:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse(name))
        opened += response.status_code == 200
        assert response.status_code in (200, 302), (name, response.status_code)
        assert [q["sql"] for q in queries if writes.match(q["sql"])] == [], name
    assert opened >= 15


def test_files_stay_small_enough_to_read_in_one_go():
    long = {
        str(path.relative_to(ROOT)): lines
        for app in (*OURS, "kmall24", "tests")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_templates_hold_no_inline_script_style_or_handler():
    found = []
    for template in ROOT.glob("*/templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        # Mail programs drop every sheet and keep what stands at a tag; no page of the store shows these.
        if template.parent.name == "mail":
            text = re.sub(r"\sstyle=", " ", text)
        if re.search(r"<script(?![^>]*\bsrc=)(?![^>]*ld\+json)|<style|\sstyle=|\son[a-z]+=|javascript:", text):
            found.append(str(template.relative_to(ROOT)))
    assert found == []


def test_tasks_take_ids_only():
    from celery import current_app

    for name, task in current_app.tasks.items():
        if name.split(".")[0] in OURS:
            for parameter in inspect.signature(task.run).parameters.values():
                assert parameter.name.endswith(("_id", "_ids", "_key")), (name, parameter.name)
