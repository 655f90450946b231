"""The sandbox starts without Django, alone on its books, or says why not; the settings choose the provider."""

import os
import subprocess
import sys

from orders.payment.registry import provider
from orders.payment.sandbox import SandboxProvider
from tests.support.payment_sandbox import ROOT


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAYMENT_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=kept | environment, capture_output=True, text=True, timeout=60
    )


def test_the_sandbox_needs_no_django():
    script = (
        "import sys, orders.payment.sandbox_server.__main__, orders.payment.sandbox;"
        "sys.exit(','.join(name for name in sys.modules if name.split('.')[0] in {'django', 'djmoney', 'kmall24'}))"
    )
    assert run("-c", script).stderr.strip() == ""


def test_without_a_key_it_says_what_to_set(tmp_path):
    ended = run("-m", "orders.payment.sandbox_server", "--state", str(tmp_path / "state"))
    assert ended.returncode == 2
    assert "set PAYMENT_SANDBOX_KEY" in ended.stderr


def test_two_on_one_state_and_a_taken_port_are_refused_in_a_sentence(payment_sandbox, tmp_path):
    secrets = {"PAYMENT_SANDBOX_KEY": "k", "PAYMENT_WEBHOOK_SECRET": "s"}
    start = ("-m", "orders.payment.sandbox_server", "--state")
    second = run(*start, str(payment_sandbox.state), "--port", "0", **secrets)
    assert (second.returncode, second.stdout) == (1, "")
    assert "Another payment sandbox already uses" in second.stderr
    taken = run(*start, str(tmp_path / "other"), "--port", payment_sandbox.url.rsplit(":", 1)[1], **secrets)
    assert taken.returncode == 1
    assert "cannot use port" in taken.stderr
    assert "Traceback" not in second.stderr + taken.stderr


def test_the_settings_choose_the_provider(settings):
    settings.PAYMENT_PROVIDER = "orders.payment.sandbox.SandboxProvider"
    assert isinstance(provider(), SandboxProvider)
