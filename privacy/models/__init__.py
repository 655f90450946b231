"""The foundation's own records: who, what was collected, what was permitted, what left, what was asked for."""

from privacy.models.collection import Collection
from privacy.models.consent import ConsentEvent, Preference
from privacy.models.copy import Copy
from privacy.models.disclosure import Disclosure, LegalOrder
from privacy.models.effect import Effect
from privacy.models.erasure_notice import ErasureNotice
from privacy.models.journal import JournalMark
from privacy.models.ledger import LedgerEntry, LedgerKey, LedgerTile, TreeHead, WaitingLeaf
from privacy.models.letter import RequestMessage
from privacy.models.look import Look
from privacy.models.notice import ShownText
from privacy.models.publication import PolicyAnswer, Proposal, Publication
from privacy.models.recipient import Recipient
from privacy.models.request import RightsRequest
from privacy.models.retention import ArchiveLook, Erasure, ErasureCertificate, LegalHold
from privacy.models.subject import Subject

__all__ = [
    "ArchiveLook",
    "Collection",
    "ConsentEvent",
    "Copy",
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
    "Look",
    "PolicyAnswer",
    "Preference",
    "Proposal",
    "Publication",
    "Recipient",
    "RequestMessage",
    "RightsRequest",
    "ShownText",
    "Subject",
    "TreeHead",
    "WaitingLeaf",
]
