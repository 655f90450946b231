"""Each scan of the code finds what it is for, and leaves alone what only looks like it."""

import ast
import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core import checks as django_checks
from django.db import OperationalError, connections

from privacy.internal import checks, database, kept
from privacy.internal.checks import (
    a_release_knows_what_it_does_not_keep,
    cookies_are_declared,
    edges,
    forms_ask_and_nothing_else_does,
    letters_go_through_the_door,
    no_value_runs_out,
    personal_values_stand_in_personal_records,
    staff_see_masks,
    tasks_take_ids,
    the_code_keeps_what_the_policy_states,
    the_database_agrees,
    uses,
)
from privacy.internal.checks.source import Module, Source
from privacy.internal.checks.vocabulary import is_key_of_a_row, tells


def ids(check, text, path="orders/views/x.py"):
    """What a check says of one file."""
    return [message.id for message in check(source=Source([Module.of(path, text)]))]


def in_a_view(*lines):
    return "def view(request):\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "billingEmail",
        "e_mail",
        "home_phone",
        "buyer_name",
        "birth_date",
        "kakao_id",
        "postal_code",
        "ip_address",
    ],
)
def test_a_name_that_tells(name):
    assert tells(name)


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "order_number",
        "mail_sent_at",
        "email_verified",
        "message_id",
        "address",
        "city",
        "page",
        "contact_id",
        "token",
    ],
)
def test_a_name_that_does_not(name):
    assert not tells(name)


def test_a_key_of_a_row_is_told_from_a_number_from_elsewhere():
    assert all(map(is_key_of_a_row, ["recipient_id", "order_id", "address_id", "customer_ids"]))
    assert not any(map(is_key_of_a_row, ["kakao_id", "national_id", "device_id"]))


@pytest.mark.parametrize(
    "line",
    [
        'logger.info("To %s", order.contact.email)',
        'logger.warning(f"No answer for {address.recipient}")',
        'logging.getLogger(__name__).error("x", extra={"email": 1})',
        "print(form.cleaned_data)",
        'logger.debug("%s", request.POST)',
        'logger.info("%s", locals())',
    ],
)
def test_a_log_line_with_a_value(line):
    assert ids(no_value_runs_out, in_a_view(line)) == ["privacy.E017"]


@pytest.mark.parametrize(
    "line",
    [
        'logger.info("Order %s was paid", order.pk)',
        'logger.warning("Refused: %s", type(error).__name__)',
        'logger.info("%s letters", len(emails))',
        'logger.info("To %s", masked(contact.email, Category.EMAIL))',
        'logger.info("State %s", order.state)',
        'logger.exception("The effect %s failed", row.key)',
        "figure.log(email)",
    ],
)
def test_a_log_line_without_one(line):
    assert ids(no_value_runs_out, in_a_view(line)) == []


def test_a_value_is_known_under_another_name():
    renamed = in_a_view("who = order.contact.email", "what = 'for ' + who.strip()", "logger.info(what)")
    assert ids(no_value_runs_out, renamed) == ["privacy.E017"]
    found = in_a_view("order = find(contact.email)", "logger.info('%s', order)")
    assert ids(no_value_runs_out, found) == []


def test_a_line_may_say_that_it_shows_a_value_on_purpose():
    said = in_a_view("# Shown on purpose: whoever starts the store must learn it.", "print(email)")
    assert ids(no_value_runs_out, said) == []
    assert ids(no_value_runs_out, in_a_view("# on purpose:", "print(email)")) == ["privacy.E017"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('return JsonResponse({"email": x})', ["privacy.E021"]),
        ('return JsonResponse({"to": order.contact.email})', ["privacy.E021"]),
        ('return JsonResponse({"ok": True})', []),
        ('rows = orders.values("pk", "contact__email")', ["privacy.E021"]),
        ('rows = orders.values("pk", "state")', []),
        ('link = "/thanks?email=" + x', ["privacy.E021"]),
        ('link = "/thanks?page=" + x', []),
        ('request.session["seen"] = contact.email', ["privacy.E026"]),
        ('request.session["orders"] = [order.pk]', []),
        ('cache.set(f"seen:{contact.email}", 1)', ["privacy.E026"]),
        ('cache.set("rates", rates)', []),
        ('enqueue("x.y", key="k", email=x)', ["privacy.E026"]),
        ('enqueue("x.y", key=f"k:{order.pk}", order_id=order.pk)', []),
        ('variant.options = {"email": 1}', ["privacy.E026"]),
        ('variant.options = {"size": 1}', []),
    ],
)
def test_answers_addresses_sessions_caches_and_queues(line, found):
    assert ids(no_value_runs_out, in_a_view(line)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from django.core.mail import send_mail\n", ["privacy.E018"]),
        ("import smtplib\n", ["privacy.E018"]),
        ("from email.message import EmailMessage\n", []),
        ("from privacy.mail import send_letter\n", []),
    ],
)
def test_mails(text, found):
    assert ids(letters_go_through_the_door, text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (in_a_view('response.set_cookie("visitor", "1")'), ["privacy.E019"]),
        (in_a_view('response.set_cookie("basket", "1")'), []),
        ('NAME = "basket"\n' + in_a_view('response.set_signed_cookie(NAME, "1")'), []),
        (in_a_view("response.set_cookie(name, '1')"), ["privacy.E019"]),
        (in_a_view('response["Set-Cookie"] = "a=b"'), ["privacy.E019"]),
        (in_a_view('response["Vary"] = "Cookie"'), []),
    ],
)
def test_cookies(text, found):
    assert ids(cookies_are_declared, text) == found


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ("order_id: int", []),
        ("email: str", ["privacy.E020"]),
        ("kakao_id: str", ["privacy.E020"]),
        ("**values", ["privacy.E020"]),
    ],
)
def test_parameters_of_tasks(parameters, found):
    assert ids(tasks_take_ids, f"@shared_task(name='x.y')\ndef run({parameters}):\n    pass\n") == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('who = request.POST["email"]', ["privacy.E022"]),
        ('who = request.GET.get("phone", "")', ["privacy.E022"]),
        ('photo = request.FILES["x"]', ["privacy.E022"]),
        ('page = request.GET.get("page")', []),
    ],
)
def test_values_read_by_hand(line, found):
    assert ids(forms_ask_and_nothing_else_does, in_a_view(line)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<input type="email" name="x">', ["x"]),
        ('<input name="buyer_name">', ["buyer_name"]),
        ('<textarea name="t" autocomplete="billing street-address"></textarea>', ["t"]),
        ('<a href="/next?email={{ x }}">', ["email"]),
        ('<input type="hidden" name="email" value="{{ x }}">', []),
        ('<input type="search" name="q">', []),
    ],
)
def test_inputs_of_templates(text, found):
    assert [name for _place, name in edges.inputs_written_by_hand(iter([("x.html", text)]))] == found


def test_columns_of_the_staffs_pages():
    raw = "class OrderAdmin:\n    def buyer(self, order):\n        return order.contact.email\n"
    assert ids(staff_see_masks, raw, "orders/admin.py") == ["privacy.E027"]
    masked = raw.replace("order.contact.email", "masked(order.contact.email, Category.EMAIL)")
    assert ids(staff_see_masks, masked, "orders/admin.py") == []


def test_what_the_code_names_is_read_through_constants():
    source = Source(
        [
            Module.of("orders/names.py", 'POINT = "web.checkout"\n'),
            Module.of("orders/x.py", "from orders.names import POINT\n\ncollecting(surface=POINT)\n"),
            Module.of(
                "orders/y.py",
                "from privacy.declaration import Purpose\nfrom privacy.gate import disclose\n\n"
                'disclose(x, to="courier", purpose=Purpose.DELIVERY)\n',
            ),
        ]
    )
    assert [point.key for point in uses.surfaces(source)] == ["web.checkout"]
    (handed,) = uses.hand_overs(source)
    assert (handed.to, handed.purpose) == ("courier", "essential.service.operations.delivery")


def test_a_record_without_a_personal_field_is_found(monkeypatch):
    from accounts.models import Profile
    from privacy.internal.checks import models as of_models

    monkeypatch.setattr(of_models, "personal_fields", lambda model, **_: [])
    monkeypatch.setattr(apps, "get_models", lambda: [Profile])
    assert "privacy.E003" in [m.id for m in personal_values_stand_in_personal_records()]


def test_a_statement_that_is_kept_must_leave_the_list(monkeypatch):
    # A statement of the test's own, as the store keeps all that its policy states.
    known, dropped = {"recipient stranger": "share.processors"}, "recipient stranger"
    unkept = kept.unkept()
    monkeypatch.setattr(kept, "unkept", lambda: unkept | set(known))
    known |= kept.listed()
    monkeypatch.setattr(kept, "listed", lambda: known | {"recipient mailer": "share.processors"})
    assert [m.id for m in the_code_keeps_what_the_policy_states()] == ["privacy.W014"]
    monkeypatch.setattr(kept, "listed", lambda: {key: at for key, at in known.items() if key != dropped})
    (found,) = the_code_keeps_what_the_policy_states()
    assert (found.id, dropped in found.msg) == ("privacy.W013", True)


def test_a_release_is_told_what_the_policy_states_and_nothing_keeps():
    found = [m.id for m in a_release_knows_what_it_does_not_keep()]
    assert found == ["privacy.W015"] * len(kept.listed())
    said = [m.id for m in django_checks.run_checks(tags=["privacy"], include_deployment_checks=True)]
    assert set(said) <= {"privacy.W015"}


@pytest.mark.django_db
def test_a_trigger_that_the_database_lacks_is_found(monkeypatch):
    asked_for = list(database.gate_triggers())
    assert list(the_database_agrees(databases=["default"])) == []
    missing = dataclasses.replace(next(t for t in asked_for if t.name == "privacy_gate"), table="catalogue_product")
    monkeypatch.setattr(database, "gate_triggers", lambda: [*asked_for, missing])
    assert [m.id for m in the_database_agrees(databases=["default"])] == ["privacy.E010"]


def test_a_database_that_is_away_is_said_and_stops_nothing(monkeypatch):
    def away():
        raise OperationalError("nobody answers")

    monkeypatch.setattr(connections["default"], "cursor", away)
    assert [m.id for m in the_database_agrees(databases=["default"])] == ["privacy.W010"]


def test_every_check_that_is_written_stands_at_the_door():
    """A module of checks that nothing imports finds nothing, and nobody would see it."""
    folder = Path(checks.__file__).parent
    written = {
        f"privacy.internal.checks.{path.stem}.{node.name}"
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and any("register" in ast.unparse(d) for d in node.decorator_list)
    }
    asked = "from django.conf import settings; import django; django.setup(); "
    asked += "from django.core.checks.registry import registry as r; "
    asked += "print(*[f'{c.__module__}.{c.__name__}' for c in r.get_checks(include_deployment_checks=True)])"
    # In a process of its own: here, other tests have imported what they please.
    answer = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert len(written) > 20
    assert written - set(answer.stdout.split()) == set()
