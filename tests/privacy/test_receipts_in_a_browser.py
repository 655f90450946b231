"""The page that checks receipts does so in a real browser, with the network cut, and says false of anything that was changed."""

import json
import re

import pytest

from privacy.internal.ledger import building
from privacy.internal.ledger.keys import SigningKey
from tests.privacy.test_receipts import choose
from tests.support.browser import NEEDS_BROWSER

pytestmark = [pytest.mark.browser, NEEDS_BROWSER, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def receipts_at_hand(settings, live_server):
    """Both files of one choice, with their proof, as the store makes them; and one that is still waiting."""
    from privacy.internal import receipt_terms, receipts, sealing

    settings.BASE_URL = live_server.url
    for _ in range(3):
        choose()
    choice = choose(locale="ko")
    building.extend()
    waiting = choose()
    return {
        "json": sealing.sealed(receipts.document(choice)),
        "jsonld": sealing.sealed(receipt_terms.document(choice)),
        "waiting": sealing.sealed(receipts.document(waiting)),
    }


def outcome(page, text):
    """What the page says of a text."""
    page.locator("textarea").fill(text)
    page.locator("[data-run]").click()
    page.locator("[data-outcome]:not([hidden])").wait_for()
    return page.locator("[data-outcome]:not([hidden])").get_attribute("data-outcome")


def test_offline_a_receipt_is_true_and_a_changed_one_is_false(visit, live_server, receipts_at_hand, tmp_path):
    visitor = visit(locale="ko-KR")
    page = visitor.page
    page.goto(f"{live_server.url}/ko/privacy/receipts/verify/", wait_until="networkidle")
    assert visitor.elsewhere(live_server.url) == []
    visitor.context.set_offline(True)
    seen = len(visitor.requests)

    for form in ("json", "jsonld"):
        assert outcome(page, json.dumps(receipts_at_hand[form], ensure_ascii=False, indent=4)) == "true", form
        assert page.locator(".check--good").count() == 4
        assert re.search("[가-힣]", page.locator("[data-claims] tbody").inner_text())
    assert outcome(page, json.dumps(receipts_at_hand["waiting"])) == "waiting"

    text = json.dumps(receipts_at_hand["json"])
    position = receipts_at_hand["json"]["ledger"]["entries"][0]["position"]
    for good, bad in (
        ('"given"', '"refused"'),
        ("marketing.communications.email", "marketing.communications.sms"),
        (f'"position": {position}', f'"position": {position - 1}'),
        (receipts_at_hand["json"]["ledger"]["head"]["root_hash"], "0" * 64),
        (receipts_at_hand["json"]["proof"]["proofValue"], "z" + "1" * 64),
        (receipts_at_hand["json"]["ledger"]["entries"][0]["nonce"], "0" * 32),
    ):
        assert good in text, good
        assert outcome(page, text.replace(good, bad)) == "false", good
        assert page.locator(".check--bad").count() >= 1
        assert outcome(page, text) == "true"
    assert outcome(page, text[:-40]) == "unreadable"
    assert outcome(page, "{}") == "unreadable"

    file = tmp_path / "receipt.jsonld"
    file.write_text(json.dumps(receipts_at_hand["jsonld"]), encoding="utf-8")
    page.locator("textarea").fill("")
    page.locator("input[type=file]").set_input_files(file)
    page.locator('[data-outcome="true"]:not([hidden])').wait_for()

    page.locator("[data-compare] button").click()
    page.locator('[data-comparison="unreachable"]:not([hidden])').wait_for()
    assert [u for u in visitor.requests[seen:] if "/privacy/ledger/" not in u] == []
    visitor.context.set_offline(False)
    choose()
    building.extend()
    page.locator("[data-compare] button").click()
    page.locator('[data-comparison="grew"]:not([hidden])').wait_for()
    assert [said for said in visitor.complaints if "ERR_INTERNET_DISCONNECTED" not in said] == []


def test_a_receipt_that_somebody_else_signed_is_false(visit, live_server, settings, receipts_at_hand):
    page = visit().page
    page.goto(f"{live_server.url}/privacy/receipts/verify/")
    settings.LEDGER_SIGNING_KEY = "somebody else's"
    from privacy.internal import sealing
    from privacy.internal.ledger import keys

    own = keys.SigningKey(settings.LEDGER_SIGNING_KEY)
    assert isinstance(own, SigningKey)
    document = {name: value for name, value in receipts_at_hand["json"].items() if name != "proof"}
    options = {**receipts_at_hand["json"]["proof"], "verificationMethod": f"https://elsewhere.example/#{own.public.id}"}
    options.pop("proofValue")
    signature = keys.base58(own.sign(sealing._message(document, options)))
    assert outcome(page, json.dumps({**document, "proof": {**options, "proofValue": signature}})) == "false"


def test_a_browser_that_lacks_the_algorithm_says_so(visit, live_server, receipts_at_hand):
    visitor = visit()
    visitor.page.add_init_script(
        "const real = crypto.subtle.importKey.bind(crypto.subtle);"
        "crypto.subtle.importKey = (format, key, how, ...rest) => how.name === 'Ed25519'"
        " ? Promise.reject(new DOMException('no', 'NotSupportedError')) : real(format, key, how, ...rest);"
    )
    visitor.page.goto(f"{live_server.url}/privacy/receipts/verify/")
    assert outcome(visitor.page, json.dumps(receipts_at_hand["json"])) == "unable"
    assert "137" in visitor.page.locator('[data-outcome="unable"]').inner_text()


def test_without_a_script_the_page_says_what_to_do(visit, live_server):
    visitor = visit(java_script_enabled=False)
    visitor.page.goto(f"{live_server.url}/privacy/receipts/verify/")
    assert visitor.page.locator("[data-tool]").is_hidden()
    assert "JavaScript" in visitor.page.locator("main").inner_text()
