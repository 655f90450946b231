"""The number and the security code of a card are nowhere once the page has answered."""

import json
import re
import sqlite3
import stat

import requests

CODE = "917"
NUMBERS = [
    "4242 4242 4242 4242",
    "4000-0025-0000-3155",
    "4000000000000002",
    "4000 0000 0000 0259",
    "4000 0000 0000 5126",
    "4111 1111 1111 1111",
    "4242 4242 4242 4241",
]


def leaves(value):
    """Every single value in a cell, whether or not it is wrapped in JSON."""
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str) and value[:1] in {"{", "["}:
        value = json.loads(value)
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield str(value)


def test_no_number_and_no_code_in_books_ledger_or_log(payment_sandbox, listening_shop, new_intent, type_card):
    for number in NUMBERS:
        intent = new_intent()
        type_card(intent, number)
        requests.post(f"{intent.pay_url}/challenge", data={"decision": "approve"}, timeout=10, allow_redirects=False)
    wrong_places = {"cardholder": NUMBERS[0], "line1": NUMBERS[1], "postal_code": NUMBERS[2]}
    type_card(new_intent(), "", **wrong_places)
    bare = NUMBERS[2]
    requests.get(f"{payment_sandbox.url}/pay/{bare}?card_number={bare}", timeout=10)
    requests.request("DELETE", f"{payment_sandbox.url}/{bare}", timeout=10)
    for _paid in range(4):
        listening_shop.next_webhook("payment.succeeded")
    payment_sandbox.kill()

    files = [path for path in payment_sandbox.state.iterdir() if path.is_file()]
    assert {"sandbox.sqlite3", "sandbox.sqlite3-wal", "ledger.jsonl"} <= {path.name for path in files}
    for path in [*files, payment_sandbox.log_path]:
        digits = re.sub(rb"[ \-]", b"", path.read_bytes())
        assert not [number for number in NUMBERS if re.sub(r"\D", "", number).encode() in digits], path.name

    books = sqlite3.connect(payment_sandbox.state / "sandbox.sqlite3")
    tables = [row[0] for row in books.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    values = {
        leaf
        for table in tables
        for row in books.execute(f"SELECT * FROM {table}")
        for cell in row
        for leaf in leaves(cell)
    }
    books.close()
    assert {"4242", "Kim Haneul"} <= values, "the search must be able to find what is kept"
    assert CODE not in values
    for text in (payment_sandbox.log(), (payment_sandbox.state / "ledger.jsonl").read_text()):
        assert "security_code" not in text
        assert not re.search(rf'[=:"]\s*{CODE}\b', text)


def test_the_books_are_for_their_owner_alone(payment_sandbox):
    assert stat.S_IMODE(payment_sandbox.state.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in payment_sandbox.state.iterdir())
