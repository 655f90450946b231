"""Attempts to let a value run out beside the doors: queues, caches, sessions, logs, mail, files, addresses, cookies."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from accounts.models import User
from cookies import inventory
from orders.models import Order
from privacy.declaration import personal_fields
from privacy.internal.checks import (
    cookies_are_declared,
    letters_go_through_the_door,
    no_value_runs_out,
    tasks_take_ids,
)
from privacy.mail import send_letter
from privacy.models import Effect, RequestMessage
from privacy.outbox import enqueue
from privacy.photographs import PhotographsField
from privacy.redaction import JsonFormatter, RedactionFilter
from privacy.tasks import relay
from tests.hostile_operator.ways import code, found_in, refused, way
from tests.orders.shop import ADDRESS, CONTACT, buy, variant
from tests.support.people import letter
from tests.support.staff import PASSWORD, open_form, reveal, superuser

BY = "Queues, caches, logs, letters and files"
EMAIL = "mina.secret@example.com"


@way(BY, "`enqueue()`")
def put_an_address_into_the_outbox(message: RequestMessage) -> None:
    for ids in ({"request_id": EMAIL}, {"request_id": "Mina Kim"}, {"request_id": "+82 10 1234 5678"}):
        with refused("not an id"):
            enqueue("privacy.acknowledge", key="a", **ids)
    assert not Effect.objects.exists()


@way(BY, "`enqueue()`")
def put_an_address_into_the_name_of_an_effect(message: RequestMessage) -> None:
    with refused("made of ids"):
        enqueue("privacy.acknowledge", key=f"acknowledge:{EMAIL}", request_id=str(message.request_id))


@way(BY, "tasks that take ids")
def send_a_task_an_address() -> None:
    for sent in ({"args": [EMAIL]}, {"kwargs": {"email": EMAIL}}):
        with pytest.raises(TypeError):
            relay.apply_async(**sent)


@way(BY, "check `privacy.E020`")
def write_a_task_that_takes_an_address() -> None:
    planted = "from celery import shared_task\n@shared_task\ndef write_to(email):\n    print(len(email))\n"
    assert found_in(tasks_take_ids, code("orders/tasks.py", planted)) == {"privacy.E020"}


@way(BY, "check `privacy.E026`")
def queue_a_value() -> None:
    planted = "def tell(contact):\n    relay.delay(contact.email)\n"
    assert found_in(no_value_runs_out, code("orders/domain/tell.py", planted)) == {"privacy.E026"}


@way(BY, "check `privacy.E026`")
def cache_a_value() -> None:
    planted = "from django.core.cache import cache\ndef keep(contact):\n    cache.set('buyer', contact.email)\n"
    assert found_in(no_value_runs_out, code("orders/domain/keep.py", planted)) == {"privacy.E026"}


@way(BY, "check `privacy.E026`")
def remember_a_value_in_the_session() -> None:
    planted = "def keep(request, contact):\n    request.session['buyer'] = contact.email\n"
    assert found_in(no_value_runs_out, code("orders/views/keep.py", planted)) == {"privacy.E026"}


def _declared_columns() -> set[tuple[str, str]]:
    return {(m._meta.db_table, str(f.column)) for m in apps.get_models() for f in personal_fields(m)}


def _tables_that_hold(values: list[str]) -> set[str]:
    """Every "table.column" of the database in which one of these stands, the declared ones left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables "
            "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        columns = [column for column in cursor.fetchall() if column not in _declared_columns()]
        assert len(columns) > 300
        pattern, found = "|".join(map(re.escape, values)), set()
        for table, column in columns:
            cursor.execute(f'SELECT 1 FROM "{table}" WHERE "{column}"::text ~ %s LIMIT 1', [pattern])
            found |= {f"{table}.{column}"} if cursor.fetchone() else set()
    return found


@way(BY, "scan of every table, cache, session and cookie after a whole visit")
def find_a_value_of_a_buyer_anywhere_that_does_not_declare_it(store: None, client: Client) -> None:
    User.objects.create_user(EMAIL, PASSWORD)
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    order = buy(client, variant())
    boss = superuser()
    reveal(boss, order.delivery_address)
    open_form(boss, order.delivery_address)
    values = [EMAIL, CONTACT["email"], ADDRESS["street"], ADDRESS["recipient"], "16502530000"]
    assert _tables_that_hold(values) == set()
    elsewhere = [str(getattr(cache, "_cache", {})), str(dict(client.session)), str(client.cookies)]
    assert [v for v in values for text in elsewhere if v in text] == []
    # The scan sees what it looks for: one value where none belongs.
    Order.objects.update(language=EMAIL[:12])
    assert _tables_that_hold([EMAIL[:12]]) == {"orders_order.language"}


def _logged(write: Any) -> str:
    """What the store's own handler makes of a line."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactionFilter())
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        write()
    finally:
        root.removeHandler(handler)
    return out.getvalue()


@way(BY, "filter of the log; check `privacy.E017`")
def log_a_line_with_an_address() -> None:
    line = _logged(
        lambda: logging.getLogger("orders").warning("could not write to %s, call %s", EMAIL, "+82 10 1234 5678")
    )
    assert json.loads(line)["message"] == "could not write to [e-mail], call [number]"
    planted = (
        "import logging\nlogger = logging.getLogger(__name__)\ndef f(contact):\n    logger.info('%s', contact.email)\n"
    )
    assert found_in(no_value_runs_out, code("orders/domain/f.py", planted)) == {"privacy.E017"}


@way(BY, "filter of the log; page for errors that knows nothing")
def let_an_exception_quote_a_value(boss: Client, message: RequestMessage, monkeypatch: Any) -> None:
    def breaks(*_args: Any, **_kwargs: Any) -> None:
        raise ValueError(" ".join([EMAIL, "lives", "at", ADDRESS["street"]]))

    monkeypatch.setattr("privacy.internal.looking.write_down", breaks)
    boss.raise_request_exception = False
    answers: list[Any] = []
    line = _logged(lambda: answers.append(reveal(boss, message)))
    assert answers[0].status_code == 500
    assert "ValueError" in line
    for text in (line, answers[0].content.decode()):
        assert EMAIL not in text
        assert ADDRESS["street"] not in text


@way(BY, "check `privacy.E018`")
def send_a_letter_past_the_door() -> None:
    for planted in (
        "from django.core.mail import send_mail\n",
        "import smtplib\n",
        "def tell(user):\n    user.email_user('Hello', 'Hello')\n",
    ):
        assert found_in(letters_go_through_the_door, code("orders/domain/tell.py", planted)) == {"privacy.E018"}


@way(BY, "`EmailMessage`, which takes no line break in a header")
def smuggle_a_second_recipient_into_the_head_of_a_letter(db: None) -> None:
    message = letter(sender="mina@example.com\nBcc: thief@example.com")
    with refused("[Nn]ewlines|newline"):
        send_letter(
            message,
            "sender",
            purpose="essential.service.operations.support",
            template="privacy/mail/reply.txt",
            locale="en",
            context={"heading": "Hello", "body": "Hello"},
        )


@way(BY, "pictures are made anew and kept without a name")
def name_a_file_after_a_person_and_leave_the_place_in_it() -> None:
    sent, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = EMAIL
    exif[0x8825] = {1: "N", 2: (37.0, 30.0, 0.0)}
    Image.new("RGB", (40, 40)).save(sent, "JPEG", exif=exif, comment=EMAIL.encode())
    assert EMAIL.encode() in sent.getvalue()
    (kept,) = PhotographsField().clean([SimpleUploadedFile(f"{EMAIL}.jpg", sent.getvalue(), "image/jpeg")])
    plain = base64.b64decode(kept)
    assert EMAIL.encode() not in plain
    assert EMAIL not in kept
    assert not Image.open(io.BytesIO(plain)).getexif()


@way(BY, "check `privacy.E021`; filter of the log")
def put_a_value_into_the_address_of_a_page() -> None:
    planted = "def link(contact):\n    return '/track?email=' + contact.email\n"
    assert "privacy.E021" in found_in(no_value_runs_out, code("orders/domain/link.py", planted))
    line = _logged(
        lambda: logging.getLogger("django.server").info('"GET /track?email=%s HTTP/1.1" 200', "mina%40example.com")
    )
    assert "mina" not in line


@way(BY, "check `privacy.E021`")
def answer_a_request_of_the_api_with_a_value_that_nothing_declares() -> None:
    planted = (
        "from django.http import JsonResponse\n"
        "def show(request, contact):\n"
        "    return JsonResponse({'email': contact.email})\n"
    )
    assert found_in(no_value_runs_out, code("orders/views/show.py", planted)) == {"privacy.E021"}


@way(BY, "check `privacy.E019`; a real browser in `tests/journeys/`")
def set_a_cookie_that_is_not_declared(db: None) -> None:
    planted = "def page(request, response):\n    response.set_cookie('_ga', '1')\n"
    assert found_in(cookies_are_declared, code("orders/views/page.py", planted)) == {"privacy.E019"}
    assert not any(cookie.is_named("_ga") for cookie in inventory.cookies())
