"""The foundation's own records: who, what was collected, what was permitted, what left, what was asked for."""

from privacy.models.collection import Collection
from privacy.models.consent import ConsentEvent, Preference
from privacy.models.copy import Copy
from privacy.models.correction import Correction, ProposedAddress, RecipientNotice, Restriction
from privacy.models.disclosure import Disclosure, LegalOrder
from privacy.models.effect import Effect
from privacy.models.erasure_notice import ErasureNotice
from privacy.models.journal import JournalMark
from privacy.models.ledger import LedgerEntry, LedgerKey, LedgerTile, TreeHead, WaitingLeaf
from privacy.models.letter import LetterAttachment, RequestMessage, UnreadableMail
from privacy.models.look import Look
from privacy.models.notice import ShownText
from privacy.models.publication import PolicyAnswer, Proposal, Publication
from privacy.models.recipient import Recipient
from privacy.models.reply import CaseStep, DeskNote, Reply
from privacy.models.request import RightsRequest
from privacy.models.retention import ArchiveLook, Erasure, ErasureCertificate, LegalHold
from privacy.models.subject import Subject
from privacy.models.verification import Verification

__all__ = [
    "ArchiveLook",
    "CaseStep",
    "Collection",
    "ConsentEvent",
    "Copy",
    "Correction",
    "DeskNote",
    "Disclosure",
    "Effect",
    "Erasure",
    "ErasureCertificate",
    "ErasureNotice",
    "JournalMark",
    "LedgerEntry",
    "LedgerKey",
    "LedgerTile",
    "LegalHold",
    "LegalOrder",
    "LetterAttachment",
    "Look",
    "PolicyAnswer",
    "Preference",
    "Proposal",
    "ProposedAddress",
    "Publication",
    "Recipient",
    "RecipientNotice",
    "Reply",
    "RequestMessage",
    "Restriction",
    "RightsRequest",
    "ShownText",
    "Subject",
    "TreeHead",
    "UnreadableMail",
    "Verification",
    "WaitingLeaf",
]
