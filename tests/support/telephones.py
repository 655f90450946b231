"""A telephone for tests: it reads what the sandbox took for it, and its owner says yes as people do, with the code."""

from __future__ import annotations

import re
import time
from typing import Any

from django.test import Client
from django.urls import reverse

from marketing.carriers import sandbox
from marketing.models import PushDevice, TextNumber
from privacy.outbox import deliver_due
from tests.support.pages import answer

NUMBER = "+821012345678"
TOKEN = "fcm:9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def received(address: str = NUMBER) -> list[str]:
    """The words of every message that the sandbox took for an address."""
    deliver_due()
    return [parcel.content.decode() for parcel in sandbox.taken if parcel.to == address]


def code(address: str = NUMBER) -> str:
    """The code in the last of them."""
    return re.findall(r"\b(\d{6})\b", received(address)[-1])[-1]


def name_number(client: Client, typed: str = "010-1234-5678", url: str = "", **values: Any) -> Any:
    """Name a number on the page; the answer leads to the page that takes the code."""
    return answer(client, url or reverse("marketing:texts"), {"phone": typed, **values})


def text_reader(
    typed: str = "010-1234-5678", *, client: Client | None = None, url: str = "", at_night: bool = False
) -> TextNumber:
    """Somebody who gets our text messages."""
    client = client or Client()
    page = name_number(client, typed, url).url
    number = TextNumber.objects.latest("created_at")
    assert (
        answer(client, page, {"code": code(number.phone), **({"at_night": "on"} if at_night else {})}).status_code
        == 200
    )
    number.refresh_from_db()
    return number


def register(client: Client, token: str = TOKEN, **values: Any) -> Any:
    """An application registers its device."""
    asked = client.options("/api/v1/marketing/devices/").json()
    body = {"device": token, "notice": asked["notice"]["token"], **values}
    return client.post("/api/v1/marketing/devices/", body, content_type="application/json")


def send_back(client: Client, ticket: str, typed: str, **values: Any) -> Any:
    """An application sends the code back that came as a push message."""
    asked = client.options("/api/v1/marketing/devices/").json()
    body = {"ticket": ticket, "code": typed, "notice": asked["notice"]["token"], **values}
    return client.post("/api/v1/marketing/devices/confirm/", body, content_type="application/json")


def push_reader(token: str = TOKEN, *, client: Client | None = None, at_night: bool = False) -> PushDevice:
    """Somebody who gets our push messages."""
    client = client or Client()
    ticket = register(client, token).json()["ticket"]
    assert send_back(client, ticket, code(token), at_night=at_night).status_code == 200
    return PushDevice.objects.get(device=token, confirmed_at__isnull=False)


def reply(client: Client, words: str, number: str = NUMBER, *, signature: str | None = None) -> Any:
    """Somebody answers a text message, and the provider passes it on."""
    body, signed = sandbox.answered(number, words, time.time())
    return client.post(
        reverse("incoming_text"),
        body,
        content_type="application/json",
        headers={"Kmall24-Signature": signed if signature is None else signature},
    )
