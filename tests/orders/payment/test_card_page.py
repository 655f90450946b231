"""What the shopper meets on the provider's page, over real HTTP."""

from urllib.parse import urlsplit

import pytest
import requests

from orders.payment.provider import ProviderRefused
from tests.support.payment_sandbox import PaymentSandbox

CHALLENGE = "4000 0025 0000 3155"
DECLINED = "4000 0000 0000 0002"
SLOW = "4000 0000 0000 0259"
CLOSED_WINDOW = "4000 0000 0000 5126"


def page(url: str) -> requests.Response:
    return requests.get(url, allow_redirects=False, timeout=10)


def answer_bank(intent, decision: str) -> requests.Response:
    return requests.post(f"{intent.pay_url}/challenge", data={"decision": decision}, allow_redirects=False, timeout=10)


def test_a_good_card_pays_returns_to_the_shop_and_tells_it(
    payment_sandbox, listening_shop, wish, new_intent, type_card
):
    intent = new_intent()
    assert intent.state == "requires_payment"
    answer = type_card(intent)
    assert (answer.status_code, answer.headers["Location"]) == (303, wish.return_url)

    paid = payment_sandbox.provider().retrieve(intent.id)
    assert (paid.state, paid.amount, paid.currency, paid.reference) == ("succeeded", 12000, "KRW", "KM-2026-0001")
    card = paid.instrument
    assert (card.brand, card.last4, card.expiry_month, card.expiry_year) == ("visa", "4242", 8, 2039)
    assert card.holder == "Kim Haneul"
    assert card.billing_address.lines == ("511 Yeongdong-daero", "Seoul")

    heard = listening_shop.next_webhook()
    event = payment_sandbox.provider().read_webhook(heard.body, heard.headers)
    assert (event.kind, event.intent_id) == ("payment.succeeded", intent.id)
    assert set(heard.event) == {"id", "kind", "intent", "amount", "currency", "reference", "account", "created"}


def test_a_second_click_pays_once(payment_sandbox, listening_shop, new_intent, type_card):
    intent = new_intent()
    assert [type_card(intent).status_code for _click in range(2)] == [303, 303]
    assert [line["event"] for line in payment_sandbox.ledger()] == ["intent.created", "payment.succeeded"]


def test_after_a_decline_another_card_pays_the_same_intent(payment_sandbox, listening_shop, new_intent, type_card):
    intent = new_intent()
    declined = type_card(intent, DECLINED)
    assert declined.status_code == 402
    assert "The bank declined this card" in declined.text
    after = payment_sandbox.provider().retrieve(intent.id)
    assert (after.state, after.instrument) == ("requires_payment", None)
    assert listening_shop.next_webhook().event["kind"] == "payment.failed"

    assert type_card(intent).status_code == 303
    assert payment_sandbox.provider().retrieve(intent.id).state == "succeeded"
    assert listening_shop.next_webhook().event["kind"] == "payment.succeeded"


def test_five_refusals_close_the_payment(payment_sandbox, listening_shop, new_intent, type_card):
    intent = new_intent()
    for _attempt in range(5):
        type_card(intent, DECLINED)
    assert payment_sandbox.provider().retrieve(intent.id).state == "failed"
    type_card(intent)
    assert payment_sandbox.provider().retrieve(intent.id).state == "failed"
    assert "Too many cards were refused" in page(intent.pay_url).text


def test_3d_secure_approved_pays(payment_sandbox, listening_shop, wish, new_intent, type_card):
    intent = new_intent()
    asked = type_card(intent, CHALLENGE)
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/pay/{intent.id}/challenge")
    waiting = payment_sandbox.provider().retrieve(intent.id)
    assert (waiting.state, waiting.instrument) == ("requires_action", None)
    assert "3155" in page(f"{intent.pay_url}/challenge").text
    approved = answer_bank(intent, "approve")
    assert (approved.status_code, approved.headers["Location"]) == (303, wish.return_url)
    assert payment_sandbox.provider().retrieve(intent.id).state == "succeeded"


def test_3d_secure_refused_charges_nothing_and_may_be_tried_again(
    payment_sandbox, listening_shop, new_intent, type_card
):
    intent = new_intent()
    type_card(intent, CHALLENGE)
    assert answer_bank(intent, "refuse").headers["Location"] == f"/pay/{intent.id}"
    assert "not confirmed with the bank" in page(intent.pay_url).text
    answer_bank(intent, "approve")
    assert payment_sandbox.provider().retrieve(intent.id).state == "requires_payment"
    assert type_card(intent).status_code == 303


def test_a_slow_payment_is_processing_when_the_shopper_returns(tmp_path, wish, type_card):
    sandbox = PaymentSandbox(tmp_path, "--slow-seconds", "3600").start()
    try:
        intent = sandbox.provider().create_intent(wish)
        assert type_card(intent, SLOW).headers["Location"] == wish.return_url
        waiting = sandbox.provider().retrieve(intent.id)
        assert (waiting.state, waiting.instrument.last4) == ("processing", "0259")
        assert "Do not pay again" in page(intent.pay_url).text
        with pytest.raises(ProviderRefused, match="it is processing"):
            sandbox.provider().cancel(intent.id)
    finally:
        sandbox.stop()


def test_a_slow_payment_settles_by_itself(payment_sandbox, listening_shop, new_intent, type_card):
    intent = new_intent()
    type_card(intent, SLOW)
    assert listening_shop.next_webhook().event["kind"] == "payment.succeeded"
    assert payment_sandbox.provider().retrieve(intent.id).state == "succeeded"


def test_a_closed_window_never_leads_back_and_only_the_webhook_tells(
    payment_sandbox, listening_shop, wish, new_intent, type_card
):
    intent = new_intent()
    assert type_card(intent, CLOSED_WINDOW).headers["Location"] == f"/pay/{intent.id}"
    end = page(intent.pay_url)
    assert "close the window" in end.text
    assert "<a " not in end.text
    assert listening_shop.next_webhook().event["kind"] == "payment.succeeded"


def test_the_way_back_is_a_link_that_changes_nothing(payment_sandbox, wish, new_intent):
    intent = new_intent()
    assert f'<a href="{wish.cancel_url}">' in page(intent.pay_url).text
    assert payment_sandbox.provider().retrieve(intent.id).state == "requires_payment"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("card_number", "", "Type the card number."),
        ("card_number", "4242 4242 4242 4241", "This is no card number."),
        ("card_number", "4111 1111 1111 1111", "takes only the test cards"),
        ("expiry", "13 / 39", "Type the expiry date as month / year"),
        ("expiry", "01 / 20", "This card has expired."),
        ("security_code", "12", "The security code has 3 digits."),
        ("cardholder", " ", "Type the name on the card."),
        ("cardholder", "4242-4242-4242-4242", "A card number does not belong here."),
        ("line2", "flat 4242424242424242", "A card number does not belong here."),
        ("country", "ZZ", "Choose the country"),
        ("postal_code", "<b>", "Use letters, digits"),
        ("line1", "x" * 121, "This is too long."),
        ("line1", "a\x00b", "This holds a character that cannot be used."),
    ],
)
def test_a_mistake_gets_the_fields_own_message_and_no_card_value_comes_back(
    payment_sandbox, new_intent, type_card, field, value, message
):
    intent = new_intent()
    form = {"number": value} if field == "card_number" else {field: value}
    answer = type_card(intent, **form)
    assert answer.status_code == 422
    error = answer.text.split(f'id="{field}-error">')[1].split("</p>")[0]
    assert message in error
    typed = [line for line in answer.text.splitlines() if "<input" in line]
    assert not any("4242" in line or "917" in line for line in typed)
    assert payment_sandbox.provider().retrieve(intent.id).state == "requires_payment"


def test_full_width_digits_are_a_card_number_too(payment_sandbox, listening_shop, new_intent, type_card):
    assert type_card(new_intent(), "４２４２ ４２４２ ４２４２ ４２４２").status_code == 303


def test_the_page_speaks_korean(payment_sandbox, new_intent):
    text = page(new_intent(locale="ko-KR").pay_url).text
    assert '<html lang="ko">' in text
    assert "₩12,000 결제하기" in text
    assert "대한민국" in text


def test_nothing_a_shop_sends_becomes_markup(payment_sandbox, new_intent, type_card):
    attack = '"><script>alert(1)</script>'
    intent = new_intent(reference=attack, locale=attack[:30])
    refused = type_card(intent, DECLINED, cardholder=attack, line1=attack)
    for text in (page(intent.pay_url).text, refused.text):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert '<html lang="en">' in text


def test_the_policy_allows_our_style_and_the_way_back_to_the_shop_only(payment_sandbox, wish, new_intent):
    policy = page(new_intent().pay_url).headers["Content-Security-Policy"]
    shop = urlsplit(wish.return_url)
    assert f"form-action 'self' {shop.scheme}://{shop.netloc}" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page(f"{payment_sandbox.url}/static/sandbox.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/pay/pi_none", "/pay/pi_none/challenge", "/pay/%00", "/static/../server.py", "/x"])
def test_an_unknown_address_is_not_found(payment_sandbox, path):
    assert page(payment_sandbox.url + path).status_code == 404
