"""Every sentence that the card page shows, in English and Korean."""

from __future__ import annotations

from functools import cache
from typing import Any

from babel import Locale

LANGUAGES = ("en", "ko")
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
COUNTRY_CODES = frozenset(
    code
    for code in map(str, Locale("en").territories)
    if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
)

_TEXTS: dict[str, tuple[str, str]] = {
    "page_title": ("Pay by card", "카드 결제"),
    "error_prefix": ("Error", "오류"),
    "provider": ("Payment sandbox", "결제 샌드박스"),
    "sandbox": (
        "This is a sandbox. No money moves. Never type a real card; use a test card from the list.",
        "테스트용 결제 화면입니다. 실제로 결제되지 않습니다. 실제 카드 번호를 입력하지 말고 아래 테스트 카드를 사용하세요.",
    ),
    "pay_to": ("Payment to", "결제처"),
    "reference": ("Reference", "주문 번호"),
    "card_heading": ("Card details", "카드 정보"),
    "billing_heading": ("Billing address", "청구지 주소"),
    "card_number": ("Card number", "카드 번호"),
    "expiry": ("Expiry date", "유효 기간"),
    "expiry_hint": ("Month / year, for example 08 / 30", "월 / 년, 예: 08 / 30"),
    "security_code": ("Security code", "보안 코드 (CVC)"),
    "security_code_hint": ("3 digits on the back of the card", "카드 뒷면의 숫자 3자리"),
    "cardholder": ("Name on the card", "카드 소유자 이름"),
    "country": ("Country or region", "국가 또는 지역"),
    "country_choose": ("Choose a country", "국가를 선택하세요"),
    "postal_code": ("Postal code", "우편번호"),
    "line1": ("Address", "주소"),
    "line2": ("City, state, flat or floor", "상세 주소"),
    "optional": ("optional", "선택"),
    "pay": ("Pay {amount}", "{amount} 결제하기"),
    "cancel": ("Return to {merchant} without paying", "결제하지 않고 {merchant}(으)로 돌아가기"),
    "promise": (
        "{merchant} never sees the card number or the security code.",
        "{merchant}에는 카드 번호와 보안 코드가 전달되지 않습니다.",
    ),
    "test_cards": ("Test cards", "테스트 카드"),
    "test_cards_hint": (
        "Any name, any address, any three digits, any date in the future.",
        "이름, 주소, 보안 코드 3자리, 미래의 유효 기간은 자유롭게 입력하세요.",
    ),
    "test_approve": ("Succeeds", "결제 성공"),
    "test_challenge": ("Asks for 3-D Secure", "3-D Secure 인증 필요"),
    "test_decline": ("Declined", "결제 거절"),
    "test_slow": ("Slow: succeeds a moment later", "지연: 잠시 후 결제 성공"),
    "test_closed_window": ("Succeeds, never returns to the shop", "결제 성공, 쇼핑몰로 돌아가지 않음"),
    "summary": (
        "Please correct the marked fields and type the card again.",
        "표시된 항목을 고치고 카드 정보를 다시 입력하세요.",
    ),
    "number_missing": ("Type the card number.", "카드 번호를 입력하세요."),
    "number_wrong": ("This is no card number. Check the digits.", "올바른 카드 번호가 아닙니다. 숫자를 확인하세요."),
    "number_not_test": (
        "This sandbox takes only the test cards in the list. Never type a real card here.",
        "목록에 있는 테스트 카드만 사용할 수 있습니다. 실제 카드 번호를 입력하지 마세요.",
    ),
    "expiry_missing": ("Type the expiry date.", "유효 기간을 입력하세요."),
    "expiry_wrong": (
        "Type the expiry date as month / year, for example 08 / 30.",
        "유효 기간을 월 / 년으로 입력하세요. 예: 08 / 30",
    ),
    "expiry_past": ("This card has expired. Use another one.", "유효 기간이 지난 카드입니다. 다른 카드를 사용하세요."),
    "code_missing": ("Type the security code.", "보안 코드를 입력하세요."),
    "code_wrong": ("The security code has 3 digits.", "보안 코드는 숫자 3자리입니다."),
    "cardholder_missing": ("Type the name on the card.", "카드 소유자 이름을 입력하세요."),
    "line1_missing": ("Type the billing address.", "청구지 주소를 입력하세요."),
    "country_missing": ("Choose the country of the billing address.", "청구지 국가를 선택하세요."),
    "postal_code_wrong": ("Use letters, digits, spaces and hyphens only.", "영문, 숫자, 공백, 하이픈만 사용하세요."),
    "too_long": ("This is too long. Shorten it.", "너무 깁니다. 줄여 주세요."),
    "card_number_here": (
        "A card number does not belong here. Type it in the card number field only.",
        "여기에는 카드 번호를 입력할 수 없습니다. 카드 번호 칸에만 입력하세요.",
    ),
    "unprintable": (
        "This holds a character that cannot be used. Type it again.",
        "사용할 수 없는 문자가 있습니다. 다시 입력하세요.",
    ),
    "card_declined": (
        "The bank declined this card. Nothing was charged. Try again with another card.",
        "은행에서 카드를 거절했습니다. 결제되지 않았습니다. 다른 카드로 다시 시도하세요.",
    ),
    "authentication_refused": (
        "The payment was not confirmed with the bank. Nothing was charged. Try again, or use another card.",
        "은행 인증이 완료되지 않았습니다. 결제되지 않았습니다. 다시 시도하거나 다른 카드를 사용하세요.",
    ),
    "challenge_title": ("Confirm with your bank", "은행 본인 인증"),
    "challenge_text": (
        "The bank asks whether it is you who pays {amount} to {merchant} with the card ending in {last4}.",
        "{last4}(으)로 끝나는 카드로 {merchant}에 {amount}을(를) 결제하시겠습니까? 은행에서 본인 여부를 확인합니다.",
    ),
    "approve": ("Approve", "승인"),
    "refuse": ("Refuse", "거부"),
    "succeeded_title": ("The payment is complete", "결제가 완료되었습니다"),
    "succeeded_text": ("{amount} was paid to {merchant}.", "{merchant}에 {amount}이(가) 결제되었습니다."),
    "closed_window_text": (
        "{amount} was paid to {merchant}. This card does not lead back: close the window, the shop is told.",
        "{amount} 결제 완료. 이 카드는 쇼핑몰로 돌아가지 않습니다. 창을 닫으면 쇼핑몰에 자동 통보됩니다.",
    ),
    "requires_capture_title": ("The payment is approved", "결제가 승인되었습니다"),
    "requires_capture_text": (
        "Your bank holds {amount} for {merchant}, who will take it when your order is confirmed.",
        "은행이 {merchant}을(를) 위해 {amount}을(를) 확보해 두었으며, 주문이 확정되면 결제됩니다.",
    ),
    "processing_title": ("The bank is still working on it", "은행에서 처리 중입니다"),
    "processing_text": (
        "The payment was sent and will be confirmed in a moment. Do not pay again.",
        "결제 요청을 보냈으며 곧 확인됩니다. 다시 결제하지 마세요.",
    ),
    "failed_title": ("This payment is closed", "결제가 종료되었습니다"),
    "failed_text": (
        "Too many cards were refused. Nothing was charged. Return to the shop to start again.",
        "카드가 여러 번 거절되었습니다. 결제되지 않았습니다. 쇼핑몰로 돌아가 다시 시작하세요.",
    ),
    "cancelled_title": ("This payment was cancelled", "결제가 취소되었습니다"),
    "cancelled_text": (
        "Nothing was charged. Return to the shop to start again.",
        "결제되지 않았습니다. 쇼핑몰로 돌아가 다시 시작하세요.",
    ),
    "expired_title": ("This payment has expired", "결제 시간이 지났습니다"),
    "expired_text": (
        "Nothing was charged. Return to the shop to start again.",
        "결제되지 않았습니다. 쇼핑몰로 돌아가 다시 시작하세요.",
    ),
    "back": ("Return to {merchant}", "{merchant}(으)로 돌아가기"),
    "missing_title": ("There is no such payment", "결제를 찾을 수 없습니다"),
    "missing_text": (
        "Check the address, or return to the shop and start again.",
        "주소를 확인하거나 쇼핑몰로 돌아가 다시 시작하세요.",
    ),
}


def language_of(locale: Any) -> str:
    """One of our languages for whatever locale a shop names; English when in doubt."""
    first = locale.replace("_", "-").split("-")[0].lower() if isinstance(locale, str) else ""
    return first if first in LANGUAGES else "en"


def say(language: str, key: str, **values: str) -> str:
    return _TEXTS[key][LANGUAGES.index(language)].format(**values)


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name of every country, in the order of the language's own alphabet as far as code points give it."""
    names = Locale(language).territories
    return tuple(sorted(((code, names.get(code, code)) for code in COUNTRY_CODES), key=lambda entry: entry[1]))
