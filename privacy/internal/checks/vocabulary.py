"""The words by which a value about a person usually goes, so that one with such a name is asked for its declaration."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One of these as a word of a name is enough. `address` is not: it is a page's as often as a person's.
_ALONE = _words(
    """
    email mail emails phone phones telephone mobile cellphone msisdn fax tel street postcode zip zipcode town
    district province birth birthday birthdate dob age gender sex passport ssn rrn nationality citizenship
    ethnicity religion marital salary income iban cardholder cvv cvc pan recipient sender author buyer customer
    shopper subscriber addressee consignee applicant nickname surname username firstname lastname fullname
    forename kakao kakaotalk wechat whatsapp telegram instagram facebook twitter tiktok weibo naver geolocation
    latitude longitude biometric fingerprint selfie useragent occupation employer education hobby hobbies
    interests health medical allergy allergies disability diagnosis passwd
    """
)
# Who a name, an address or a number is of.
_PEOPLE = _words(
    """
    customer buyer shopper client guest person people user member subscriber author sender recipient receiver
    holder owner contact reviewer visitor employee applicant winner participant attendee child spouse mother
    father parent friend billing shipping delivery home personal private cardholder bearer gift invoice account
    profile signup
    """
)
_ROLES = _words("recipient sender author buyer customer shopper subscriber addressee consignee applicant address")
_OF_SOMEBODY = _words("name names address photo picture portrait image location city country")
# Pairs and triples of words that mean a person only together.
_TOGETHER = tuple(
    tuple(phrase.split())
    for phrase in """
    first name|last name|full name|given name|family name|middle name|maiden name|nick name|real name|legal name|pen name
    |e mail|cell number|home address|postal code|postal address|mailing address|street address|address line
    |zip code|ip address|remote addr|remote address|user agent|card number|security code|card expiry|account number
    |bank account|national id|resident number|resident registration|tax id|driving licence|driver license|line id
    |social security|device id|advertising id|cookie id|mother tongue|place of birth|date of birth|marital status
    |blood type|household size|phone number|customs code|clearance code
    """.replace("\n", "").split("|")
    if phrase.strip()
)
# Words that turn a telling name into something else: when a mail was sent says nothing of whom it went to.
_ABOUT = _words(
    """
    at on count total sent digest hash template subject heading verified confirmed enabled kind type status label
    help max min limit length host port backend key keys token locale language url path version pattern
    """
)
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words_of(name: str) -> tuple[str, ...]:
    """The words of an identifier, however it is written: `billingEmail`, `billing_email`, `billing-email`, `email2`."""
    return tuple(part.lower() for part in _PARTS.findall(name) if not part.isdigit())


def is_key_of_a_row(name: str) -> bool:
    """Whether a name that ends in "id" is that of a row, such as recipient_id, and not a number from elsewhere: kakao_id."""
    words = words_of(name)
    return bool(words) and (any(word in _PEOPLE | _ROLES for word in words[:-1]) or not tells(name))


def tells(name: str) -> bool:
    """Whether a value of this name is usually one about a person."""
    words = words_of(name)
    if not words or words[-1] in _ABOUT or words[0] in ("is", "has", "masked", "n"):
        return False
    if any(word in _ALONE for word in words):
        return True
    if words[-1] in _OF_SOMEBODY and any(word in _PEOPLE for word in words):
        return True
    return any(words[i : i + len(t)] == t for t in _TOGETHER for i in range(len(words) - len(t) + 1))
