"""Checked from outside: GoAccess, reading the web server's own access log, counts the same pages as the store does."""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.conf import settings as store_settings
from django.db import connection
from django.http import HttpResponse

from cookies import consent, inventory, question
from cookies.domain.aggregate import aggregate
from cookies.models import HourlyCount
from cookies.traffic import store
from tests.cookies.conftest import CHROME
from tests.orders.shop import variant

PROJECT = Path(__file__).resolve().parents[2]
GOACCESS = shutil.which("goaccess")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
# Written down here and not asked of the store: what is compared must not come from one source.
TEMPLATES = {
    "/": "/",
    "/ko/": "/",
    "/products/": "/products/",
    "/ko/products/": "/products/",
    "/products/tea-1/": "/products/<slug:slug>/",
    "/search/?q=tea": "/search/",
    "/search/?q=nothing+at+all": "/search/",
    "/basket/": "/basket/",
    "/cookies/": "/cookies/",
    "/privacy/policy/": "/privacy/policy/",
}
# Answered, but no page that anybody saw: neither of the two counts them.
NO_PAGES = ("/nowhere/", "/robots.txt", "/healthz", "/api/v1/", "/static/kmall24/css/base.css")


@pytest.mark.skipif(
    GOACCESS is None,
    reason="GoAccess is not installed: `make browser` brings it by apt. THE CHECK FROM OUTSIDE IS LEFT OUT.",
)
@pytest.mark.django_db(transaction=True)
def test_goaccess_counts_the_same_pages_in_the_servers_own_log(valkey, tmp_path):
    variant(stock=5)
    draw = random.Random(20261123)
    with _web_server(tmp_path) as address:
        for agent in (CHROME, GOOGLE, IPHONE, CHROME):
            _visit(address, agent, draw.choices([*TEMPLATES, *NO_PAGES], k=25))
    aggregate()

    counted = {c.value: c.count for c in HourlyCount.objects.filter(dimension="page")}
    assert counted == _as_goaccess_counts(tmp_path / "access.log")
    assert sum(counted.values()) > 40
    assert HourlyCount.objects.get(dimension="robot", value="listed").count > 10
    assert len(store.senders()) == 2, (
        "both processes of the web server have handed over what they had when it was stopped"
    )


def _visit(address: str, agent: str, paths: list[str]) -> None:
    """One browser, whose owner has permitted the traffic log."""
    answer = HttpResponse()
    consent.remember(answer, {inventory.TRAFFIC}, question.shown(question.token()), under_gpc=False)
    with requests.Session() as browser:
        browser.cookies.update({name: cookie.value for name, cookie in answer.cookies.items()})
        for path in paths:
            status = browser.get(address + path, headers={"User-Agent": agent}, timeout=30).status_code
            assert path not in TEMPLATES or status == 200, (path, status)


def _as_goaccess_counts(log: Path) -> dict[str, int]:
    command = [
        GOACCESS,
        str(log),
        "--log-format=COMBINED",
        "--no-query-string",
        "--ignore-crawlers",
        "--no-global-config",
    ]
    report = subprocess.run([*command, "-o", "json"], capture_output=True, text=True, check=True, timeout=60)
    pages: Counter[str] = Counter()
    templates = {path.partition("?")[0]: template for path, template in TEMPLATES.items()}
    for row in json.loads(report.stdout)["requests"]["data"]:
        if row["method"] == "GET" and row["data"] in templates:
            pages[templates[row["data"]]] += row["hits"]["count"]
    return dict(pages)


@contextmanager
def _web_server(folder: Path) -> Iterator[str]:
    """The store under gunicorn with two processes and an access log, which it otherwise never writes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = connection.settings_dict
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgres://{database['USER']}@/{database['NAME']}?host={database['OPTIONS']['host']}",
        "REDIS_URL": store_settings.REDIS_URL,
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "gunicorn", "kmall24.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--access-logfile", str(folder / "access.log"), "--no-control-socket"]
    with open(folder / "web.log", "wb") as log:
        server = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_open(address, server, folder / "web.log")
        yield address
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_until_open(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if requests.get(f"{address}/healthz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(re.sub(r"\s+", " ", log.read_text(errors="replace"))[-2000:])
