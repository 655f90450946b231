"""Consent receipts: what a person chose, as ISO/IEC TS 27560 asks it to be written down, provable without the store's help.

A receipt is of one choice: the consent events that one answer made. It holds the mandatory fields of TS 27560, the rows of
evidence byte for byte with their way to a signed head of the ledger, and a signature over all of it. The words are those of
the policy's version under which the person chose, in the language in which they read it.
"""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from privacy.declaration import Category
from privacy.internal import policy
from privacy.internal.ledger import proofs
from privacy.internal.policy import Policy, Words
from privacy.models import ConsentEvent, Recipient, Subject
from privacy.models.consent import ConsentState, ContactChannel

# Where the fields come from; the number is the edition's.
SCHEMA = "ISO/IEC TS 27560:2023"
OPERATOR = "operator"
# A guest's link works for so long; the receipt itself is good for ever.
LINK_DAYS = 30
_SALT = "privacy.receipt"
# What one answer writes, it writes within moments.
_ONE_ANSWER = dt.timedelta(seconds=10)
# What a choice about a channel is about where the policy's statements name no category for the purpose.
_OF_CHANNEL = {
    ContactChannel.EMAIL: (Category.EMAIL,),
    ContactChannel.SMS: (Category.PHONE,),
    ContactChannel.PUSH: (Category.COOKIE_ID,),
    ContactChannel.COOKIE: (Category.COOKIE_ID, Category.BROWSING_HISTORY),
}


class LinkExpired(Exception):
    """The link was right once; its time is over."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The events of one answer, in the order of their purposes."""

    events: tuple[ConsentEvent, ...]

    @property
    def first(self) -> ConsentEvent:
        """The event that the receipt is named after."""
        return self.events[0]

    @property
    def locale(self) -> str:
        """The language in which the person read what they answered."""
        return self.first.locale or policy.SOURCE_LOCALE

    @property
    def policy(self) -> Policy:
        """The version under which they chose."""
        return policy.load(self.first.policy_version)


def token_for(events: Iterable[ConsentEvent]) -> str:
    """What a link to the receipt of these events carries. Whoever has it can read the receipt, so it expires."""
    packed = b"".join(event.pk.bytes for event in events)
    return signing.TimestampSigner(salt=_SALT).sign(base64.urlsafe_b64encode(packed).decode().rstrip("="))


def is_link(token: str) -> bool:
    """Whether this store made the token and its time is not over; asks nothing of the database."""
    try:
        signing.TimestampSigner(salt=_SALT).unsign(token, max_age=dt.timedelta(days=LINK_DAYS))
    except signing.BadSignature:
        return False
    return True


def choice_of_token(token: str) -> Choice | None:
    """The choice that a link names; None for a forged or damaged one, `LinkExpired` for an old one."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        text = signer.unsign(token, max_age=dt.timedelta(days=LINK_DAYS))
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        keys = [uuid.UUID(bytes=packed[at : at + 16]) for at in range(0, len(packed), 16)]
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError):
        return None
    return _choice(ConsentEvent.objects.filter(pk__in=keys).select_related("subject"))


def choice_of(subject: Subject, event_id: uuid.UUID) -> Choice | None:
    """The choice that an event of this person belongs to, or None when they have no such event."""
    event = events_of(subject).filter(pk=event_id).first()
    if event is None:
        return None
    near = events_of(subject).filter(
        received_at__gt=event.received_at - _ONE_ANSWER, received_at__lt=event.received_at + _ONE_ANSWER
    )
    return _choice(other for other in near if _answer(other) == _answer(event))


def last_choices(subject: Subject, number: int) -> list[Choice]:
    """The choices that a person made last, the newest first."""
    answers: list[list[ConsentEvent]] = []
    for event in events_of(subject)[: number * len(ContactChannel)]:
        for answer in answers:
            if _answer(event) == _answer(answer[0]) and answer[0].received_at - event.received_at < _ONE_ANSWER:
                answer.append(event)
                break
        else:
            answers.append([event])
    return [choice for events in answers[:number] if (choice := _choice(events))]


def events_of(subject: Subject) -> QuerySet[ConsentEvent]:
    """The choices of a person, those included that they made as a guest."""
    own = Q(subject=subject) | Q(subject__merged_into=subject)
    return ConsentEvent.objects.filter(own).select_related("subject").order_by("-received_at")


def _answer(event: ConsentEvent) -> tuple[object, ...]:
    """What the events of one answer have in common, besides their moment."""
    return (event.subject_id, event.surface, event.method, event.text_digest, event.shown_at)


def _choice(events: Iterable[ConsentEvent]) -> Choice | None:
    ordered = sorted(events, key=lambda event: (event.purpose, event.channel, event.received_at))
    return Choice(tuple(ordered)) if ordered else None


def document(choice: Choice) -> dict[str, Any]:
    """The receipt as plain JSON, with the names of TS 27560, not signed yet."""
    with translation.override(choice.locale):
        words = choice.policy.words(choice.locale)
        purposes = [_purpose(event, choice.policy, words) for event in choice.events]
        return {
            "schema_version": SCHEMA,
            "record_id": str(choice.first.pk),
            "pii_principal_id": principal_of(choice),
            "pii_processing": {
                "privacy_notice": address("privacy:policy_version", choice.policy.version),
                "language": words.locale,
                "purposes": purposes,
            },
            "party_identification": _parties(choice.policy, words, purposes),
            "event": [_event(event) for event in choice.events],
            "ledger": ledger_of(choice),
        }


def principal_of(choice: Choice) -> str:
    """The random key under which the store knows the person; for somebody it does not know, the record's own."""
    return str(choice.first.subject_id or choice.first.pk)


def _purpose(event: ConsentEvent, stated: Policy, words: Words) -> dict[str, Any]:
    notice = address("privacy:policy_version", stated.version)
    return {
        "privacy_notice": notice,
        "language": words.locale,
        "purpose": words.data.get("question", {}).get(event.purpose) or words.of("purpose", event.purpose),
        "purpose_type": event.purpose,
        "channel": event.channel,
        "lawful_basis": stated.legal_basis(event.purpose),
        "pii_information": [
            {"pii_type": words.data["category"].get(key, key), "pii_category": key, "pii_optional": True}
            for key in categories_of(event, stated)
        ],
        "pii_controllers": [OPERATOR],
        "collection_method": str(event.get_method_display()),
        "processing_method": ["collect", "store", "use"],
        "storage_locations": ["KR"],
        "retention_period": _retention(event, stated, words),
        "jurisdiction": jurisdiction_of(event),
        "recipient_third_parties": recipients_of(event.purpose, stated),
        "withdrawal_method": withdrawal_address(event),
        "privacy_rights": address("privacy:centre"),
    }


def categories_of(event: ConsentEvent, stated: Policy) -> list[str]:
    """The kinds of data that the policy states for the purpose, or those that the channel itself is."""
    said = sorted({s.category for s in stated.statements if event.purpose in s.purposes})
    return said or [str(category) for category in _OF_CHANNEL[ContactChannel(event.channel)]]


def retention_of(event: ConsentEvent, stated: Policy) -> list[str]:
    """The ids of the times that the policy states for the purpose's data; empty where only the choice itself is kept."""
    return sorted({keep for s in stated.statements if event.purpose in s.purposes for keep in s.retention})


def _retention(event: ConsentEvent, stated: Policy, words: Words) -> str:
    kept = [words.of("retention", keep) for keep in retention_of(event, stated)]
    return " ".join(kept) or _("Until you change your choice.")


def jurisdiction_of(event: ConsentEvent) -> str:
    """The law that the person is under as far as the store knows, or else its own."""
    law = event.subject.jurisdiction if event.subject else ""
    return law if law.isalpha() and law != "other" else "KR"


def recipients_of(purpose: str, stated: Policy) -> list[str]:
    """Who else receives data for a purpose."""
    return sorted(recipient.id for recipient in stated.recipients.values() if purpose in recipient.receives)


def withdrawal_address(event: ConsentEvent) -> str:
    """The page on which the person can change their mind."""
    if event.channel == ContactChannel.COOKIE:
        try:
            return address("cookies:page")
        except NoReverseMatch:
            pass
    return address("privacy:centre")


def _event(event: ConsentEvent) -> dict[str, Any]:
    return {
        "event_id": str(event.pk),
        "purpose_type": event.purpose,
        "channel": event.channel,
        "event_time": instant(event.received_at),
        "validity_duration": validity_of(event) or _("until withdrawn"),
        "entity_id": str(event.acted_by_id or event.subject_id or event.pk),
        "event_type": event.method,
        "event_state": event.state,
        "notice_shown_at": instant(event.shown_at) if event.shown_at else "",
        "notice_sha256": event.text_digest,
    }


def validity_of(event: ConsentEvent) -> str:
    """How long the choice holds by itself (ISO 8601); empty when it holds until it is changed."""
    if event.state != ConsentState.GIVEN:
        return ""
    stated = policy.load(event.policy_version)
    return stated.rule(event.purpose, event.channel, event.subject.jurisdiction if event.subject else "").expires


def _parties(stated: Policy, words: Words, purposes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    operator = {
        "party_id": OPERATOR,
        "party_name": settings.OPERATOR_NAME,
        "party_address": settings.OPERATOR_ADDRESS,
        "party_contact": settings.PRIVACY_MAILBOX,
        "party_url": settings.BASE_URL,
        "party_type": "PII controller",
    }
    named = {row.pk: row for row in Recipient.objects.all()}
    others = []
    for key in sorted({party for purpose in purposes for party in purpose["recipient_third_parties"]}):
        recipient, row = stated.recipients[key], named.get(key)
        others.append(
            {
                "party_id": key,
                "party_name": (row.name if row else "") or words.of("recipient", key),
                "party_address": row.country if row else recipient.country,
                "party_contact": (row.desk if row else "") or settings.PRIVACY_MAILBOX,
                "party_type": {"processor": "PII processor", "group": "PII controller"}.get(
                    recipient.kind, "third party"
                ),
            }
        )
    return [operator, *others]


def ledger_of(choice: Choice) -> dict[str, Any]:
    """The proof that the events stand in the ledger. Within the first minute there is none yet, and `waiting` says so."""
    head, found = proofs.entered(ConsentEvent._meta.db_table, [event.pk for event in choice.events])
    there = {entered.record for entered in found}
    return {
        "head": head.as_data() if head and found else None,
        "entries": [entered.as_data() for entered in found],
        "waiting": [str(event.pk) for event in choice.events if event.pk not in there],
    }


def instant(moment: dt.datetime) -> str:
    """A moment to the microsecond, as the evidence has it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def address(name: str, *args: str) -> str:
    """A page of this store, to be found from anywhere."""
    return f"{settings.BASE_URL}{reverse(name, args=args)}"
