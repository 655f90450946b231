"""The same receipt in the terms of the W3C Data Privacy Vocabulary (DPV 2), as JSON-LD."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from privacy.declaration import Category, Purpose
from privacy.internal import receipts
from privacy.internal.policy import Policy, Words
from privacy.internal.receipts import Choice
from privacy.models import ConsentEvent
from privacy.models.consent import ConsentMethod, ConsentState

CONFORMS_TO = "https://w3id.org/dpv/schema/dpv-27560"

# Nothing has to be fetched to read it.
CONTEXT: dict[str, Any] = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "ledger": {"@id": "urn:kmall24:ledger", "@type": "@json"},
    "proof": {"@id": "https://w3id.org/security#proof", "@type": "@json"},
}

PURPOSES: dict[Purpose, tuple[str, ...]] = {
    Purpose.PAYMENT: ("dpv:PaymentManagement",),
    Purpose.FRAUD_DETECTION: ("dpv:FraudPreventionAndDetection",),
    Purpose.FINANCE: ("dpv:LegalCompliance", "dpv:PaymentManagement"),
    Purpose.SERVICE: ("dpv:CustomerOrderManagement",),
    Purpose.AUTHENTICATION: ("dpv:IdentityAuthentication",),
    Purpose.NOTIFICATION: ("dpv:CommunicationManagement",),
    Purpose.DELIVERY: ("dpv:DeliveryOfGoods",),
    Purpose.SUPPORT: ("dpv:CommunicationForCustomerCare",),
    Purpose.IMPROVE: ("dpv:ImproveExistingProductsAndServices",),
    Purpose.STATISTICS: ("dpv:ImproveExistingProductsAndServices",),
    Purpose.MARKETING_EMAIL: ("dpv:DirectMarketing",),
    Purpose.MARKETING_SMS: ("dpv:DirectMarketing",),
    Purpose.MARKETING_PUSH: ("dpv:DirectMarketing",),
    Purpose.MARKETING_AT_NIGHT: ("dpv:DirectMarketing",),
    Purpose.SURVEY_INVITATION: ("dpv:DirectMarketing", "dpv:ImproveExistingProductsAndServices"),
    Purpose.ADVERTISING: ("dpv:Advertising",),
    Purpose.THIRD_PARTY_PROMOTION: ("dpv:DirectMarketing", "dpv:Advertising"),
    Purpose.PERSONALISE: ("dpv:Personalisation", "dpv:ProvideProductRecommendations"),
    Purpose.LEGAL: ("dpv:LegalCompliance",),
}

# Only where the extension has a word for it; the rest is said in the reader's language.
CATEGORIES: dict[Category, str] = {
    Category.EMAIL: "pd:EmailAddress",
    Category.NAME: "pd:Name",
    Category.PHONE: "pd:TelephoneNumber",
    Category.ADDRESS: "pd:PhysicalAddress",
    Category.CITY: "pd:City",
    Category.COUNTRY: "pd:Country",
    Category.BROWSING_HISTORY: "pd:BrowsingBehavior",
    Category.COOKIE_ID: "pd:DeviceBased",
    Category.INTERESTS: "pd:Interest",
    Category.DEMOGRAPHIC: "pd:Demographic",
}

STATES: dict[ConsentState, str] = {
    ConsentState.REQUESTED: "dpv:ConsentRequested",
    ConsentState.GIVEN: "dpv:ConsentGiven",
    ConsentState.REFUSED: "dpv:ConsentRefused",
    ConsentState.WITHDRAWN: "dpv:ConsentWithdrawn",
    ConsentState.EXPIRED: "dpv:ConsentExpired",
    ConsentState.INVALIDATED: "dpv:ConsentInvalidated",
}


def document(choice: Choice) -> dict[str, Any]:
    """The receipt as JSON-LD, not signed yet."""
    plain = receipts.document(choice)
    with translation.override(choice.locale):
        words = choice.policy.words(choice.locale)
        return {
            "@context": CONTEXT,
            "@id": f"urn:uuid:{plain['record_id']}",
            "@type": ["dpv:ConsentRecord", "dpv:ConsentReceipt"],
            "dct:conformsTo": {"@id": CONFORMS_TO},
            "dct:identifier": plain["record_id"],
            "dpv:hasIdentifier": plain["record_id"],
            "dct:created": _moment(choice.first),
            "dct:creator": {"@id": _party(receipts.OPERATOR)},
            "dct:language": words.locale,
            "dpv:hasDataSubject": {"@type": ["dpv:DataSubject"], "dpv:hasIdentifier": plain["pii_principal_id"]},
            "dpv:hasNotice": [
                {
                    "@id": receipts.address("privacy:policy_version", choice.policy.version),
                    "@type": ["dpv:PrivacyNotice"],
                    "dpv:hasIdentifier": choice.policy.version,
                }
            ],
            "dpv:hasProcess": [_process(event, choice.policy, words) for event in choice.events],
            "dpv:hasEntity": [_entity(party) for party in plain["party_identification"]],
            "ledger": plain["ledger"],
        }


def _process(event: ConsentEvent, stated: Policy, words: Words) -> dict[str, Any]:
    operator = {"@id": _party(receipts.OPERATOR)}
    asked = words.data.get("question", {}).get(event.purpose) or words.of("purpose", event.purpose)
    recipients = [{"@id": _party(key)} for key in receipts.recipients_of(event.purpose, stated)]
    return {
        "@id": f"urn:uuid:{event.pk}",
        "@type": ["dpv:Process"],
        "dpv:hasPurpose": [
            {
                "@type": ["dpv:Purpose"],
                "dct:identifier": event.purpose,
                "skos:broader": [{"@id": term} for term in PURPOSES[Purpose(event.purpose)]],
                "skos:prefLabel": asked,
            }
        ],
        "dpv:hasPersonalData": [_category(Category(key), words) for key in receipts.categories_of(event, stated)],
        "dpv:hasProcessing": [{"@id": "dpv:Collect"}, {"@id": "dpv:Store"}, {"@id": "dpv:Use"}],
        "dpv:hasDataController": [operator],
        "dpv:hasDataSource": [{"@id": "dpv:DataSubjectDataSource"}],
        "dpv:hasStorageCondition": [
            {"@type": ["dpv:StorageLocation"], "dpv:hasLocation": {"@id": "loc:KR"}},
            {"@type": ["dpv:StorageDuration"], "dpv:hasDuration": _kept(event, stated)},
        ],
        "dpv:hasRecipient": [operator, *recipients],
        "dpv:hasJurisdiction": {"@id": f"loc:{receipts.jurisdiction_of(event)}"},
        "dpv:hasLegalBasis": [{"@id": "dpv:Consent"}, {"@id": "eu-gdpr:A6-1-a"}],
        "dpv:hasConsentStatus": [_status(event)],
    }


def _category(category: Category, words: Words) -> dict[str, Any]:
    said = {
        "@type": ["dpv:PersonalData"],
        "dct:identifier": str(category),
        "skos:prefLabel": words.data["category"].get(str(category), str(category)),
    }
    return {**said, "skos:broader": {"@id": CATEGORIES[category]}} if category in CATEGORIES else said


def _kept(event: ConsentEvent, stated: Policy) -> dict[str, Any]:
    periods = [stated.retention[keep].period for keep in receipts.retention_of(event, stated)]
    ends = [stated.retention[keep].counts_from for keep in receipts.retention_of(event, stated)]
    if not periods or not all(periods):
        return {"@type": ["dpv:UntilEventDuration"], "rdf:value": "permission.withdrawn"}
    return {
        "@type": ["dpv:TemporalDuration"],
        "rdf:value": periods[0] if len(periods) == 1 else periods,
        "dct:description": ends[0] if len(ends) == 1 else ends,
    }


def _status(event: ConsentEvent) -> dict[str, Any]:
    length = receipts.validity_of(event)
    duration = {"@type": ["dpv:TemporalDuration"], "rdf:value": length}
    notice: dict[str, Any] = {
        "@type": ["dpv:ConsentNotice"],
        "dpv:hasIdentifier": event.text_digest or event.policy_version,
    }
    if event.shown_at:
        notice["dct:date"] = {"@type": "xsd:dateTime", "@value": receipts.instant(event.shown_at)}
    by_person = event.acted_by_id is None and event.method not in (ConsentMethod.CLOCK, ConsentMethod.GPC)
    return {
        "@type": [STATES[ConsentState(event.state)], *(["dpv:ExpressedConsent"] if by_person else [])],
        "dpv:isIndicatedAtTime": _moment(event),
        "dpv:isIndicatedBy": str(event.acted_by_id or event.subject_id or event.pk),
        "dpv:hasIndicationMethod": event.method,
        "dpv:isExercisedAt": receipts.withdrawal_address(event),
        "dpv:hasDuration": duration if length else {"@type": ["dpv:UntilEventDuration"], "rdf:value": "withdrawal"},
        "dpv:hasNotice": notice,
    }


def _entity(party: dict[str, Any]) -> dict[str, Any]:
    kind = {"PII controller": "dpv:DataController", "PII processor": "dpv:DataProcessor"}
    return {
        "@id": _party(party["party_id"]),
        "@type": ["dpv:LegalEntity", kind.get(party["party_type"], "dpv:ThirdParty")],
        "dpv:hasName": party["party_name"],
        "dpv:hasAddress": party["party_address"],
        "dpv:hasContact": party["party_contact"],
    }


def _moment(event: ConsentEvent) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": receipts.instant(event.received_at)}


def _party(key: str) -> str:
    return f"urn:kmall24:party:{key}"
