"""The sandbox courier over real HTTP, in its own process: same key same parcel, signed scans, and nothing lost by a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from orders.courier import s10
from orders.courier.provider import CourierRefused, CourierUnavailable, ParcelWish, ScanRefused, ScanState
from orders.courier.sandbox import SandboxCourier
from orders.payment import signature
from orders.payment.provider import Forgotten
from tests.support.payment_sandbox import ROOT, Shop

KEY, SECRET = "key-of-the-courier", "secret-of-the-courier"
ADDRESS = {"recipient": "Mina Kim", "phone": "+16502530000", "street": "1600 Amphitheatre Pkwy", "country": "US"}


class Courier:
    """The process, started and stopped by the test."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, 0
        self.start()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "orders.courier.sandbox_server",
            "--port",
            str(self.port),
            "--retry-seconds",
            "0.05",
        ]
        environment = {**os.environ, "COURIER_SANDBOX_KEY": KEY, "COURIER_WEBHOOK_SECRET": SECRET}
        self.process = subprocess.Popen(
            [*command, "--state", str(self.state)],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.url = self.process.stdout.readline().removeprefix("listening on ").strip()
        self.port = int(self.url.rsplit(":", 1)[1])

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)
        self.process.stdout.close()

    def client(self, key: str = KEY) -> SandboxCourier:
        return SandboxCourier(self.url, key, SECRET)

    def move(self, number: str, state: str) -> None:
        answer = requests.post(
            f"{self.url}/sandbox/parcels/{number}/scan",
            json={"state": state}, headers={"Authorization": f"Bearer {KEY}"}, timeout=10,
        )  # fmt: skip
        answer.raise_for_status()


@pytest.fixture
def courier(tmp_path: Path) -> Iterator[Courier]:
    running = Courier(tmp_path)
    yield running
    running.end()


def wish(key: str = "parcel-1", webhook_url: str = "", **address: str) -> ParcelWish:
    return ParcelWish({**ADDRESS, **address}, 300, (("Tea", 1, "0902", "12.50"),), "USD", webhook_url, key)


def test_the_same_key_is_the_same_parcel_and_another_key_another(courier):
    first, again, other = (courier.client().register(wish(key)) for key in ("a", "a", "b"))
    assert first.tracking_number == again.tracking_number != other.tracking_number
    assert s10.is_valid(first.tracking_number)


def test_a_wish_that_cannot_be_delivered_and_a_wrong_key_are_refused(courier):
    with pytest.raises(CourierRefused, match="recipient"):
        courier.client().register(wish(recipient=""))
    with pytest.raises(CourierRefused, match="key"):
        courier.client("wrong").register(wish())


@pytest.mark.parametrize("number", ["EE123456784KR", "EE12345678KR", "ee123456785kr", "123456785", "", None, 7])
def test_a_number_whose_check_digit_is_wrong_is_no_number(monkeypatch, number):
    right = {"tracking_number": "EE123456785KR", "label": "JVBERg=="}
    monkeypatch.setattr(SandboxCourier, "_call", lambda *_about: right | {"tracking_number": number})
    with pytest.raises(CourierUnavailable, match="do not understand"):
        SandboxCourier("http://127.0.0.1:9", KEY, SECRET).register(wish())
    monkeypatch.setattr(SandboxCourier, "_call", lambda *_about: right)
    assert SandboxCourier("http://127.0.0.1:9", KEY, SECRET).register(wish()).tracking_number == "EE123456785KR"


def test_scans_are_told_signed_and_told_again_until_the_shop_says_yes(courier, listening_shop: Shop):
    listening_shop.status = 503
    made = courier.client().register(wish(webhook_url=listening_shop.url + "/parcels/webhook/"))
    assert json.loads(listening_shop.heard.get(timeout=20).body)["state"] == "registered"
    listening_shop.status = 200
    courier.move(made.tracking_number, "delivered")
    told = []
    while "delivered" not in told:
        heard = listening_shop.heard.get(timeout=20)
        scan = courier.client().read_webhook(heard.body, heard.headers)
        assert scan.tracking_number == made.tracking_number
        told.append(scan.state.value)


def test_a_forged_changed_or_old_scan_proves_nothing(courier):
    body = json.dumps({"id": "1", "tracking_number": "EE100000008KR", "state": "delivered", "at": time.time()}).encode()
    good = {signature.HEADER: signature.sign(SECRET, body, int(time.time()))}
    assert courier.client().read_webhook(body, good).state is ScanState.DELIVERED
    for forged_body, headers in (
        (body, {}),
        (body + b" ", good),
        (body, {signature.HEADER: signature.sign("another", body, int(time.time()))}),
        (body, {signature.HEADER: signature.sign(SECRET, body, int(time.time()) - 3600)}),
        (b"{}", {signature.HEADER: signature.sign(SECRET, b"{}", int(time.time()))}),
    ):
        with pytest.raises(ScanRefused):
            courier.client().read_webhook(forged_body, headers)


def test_killed_it_knows_its_parcels_and_its_ledger_names_nobody(courier):
    made = courier.client().register(wish())
    courier.move(made.tracking_number, "handed_over")
    courier.end(signal.SIGKILL)
    with pytest.raises(CourierUnavailable):
        courier.client().register(wish("b"))
    courier.start()
    assert [scan.state for scan in courier.client().scans(made.tracking_number)] == ["registered", "handed_over"]
    assert courier.client().register(wish()).tracking_number == made.tracking_number
    assert "Mina" not in (courier.state / "ledger.jsonl").read_text()
    with pytest.raises(CourierRefused):
        courier.client().withdraw(made.tracking_number)


def test_it_forgets_where_a_parcel_went_once_that_has_arrived_and_keeps_its_books(courier):
    made = courier.client().register(wish())
    number = made.tracking_number
    assert "Mina" in "".join(file.read_text() for file in courier.state.rglob("*.json*"))
    assert courier.client().forget(number) is Forgotten.STILL_NEEDED
    courier.move(number, "delivered")
    assert [courier.client().forget(number) for _ in range(2)] == [Forgotten.FORGOTTEN, Forgotten.NOT_HELD]
    assert courier.client().forget("EE000000000KR") is Forgotten.NOT_HELD
    left = "".join(file.read_text() for file in courier.state.rglob("*") if file.is_file())
    assert not any(value in left for value in ADDRESS.values() if len(value) > 2)
    assert [scan.state for scan in courier.client().scans(number)] == ["registered", "delivered"]
