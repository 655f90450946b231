"""Signs a JSON document so that anybody can check it: W3C Data Integrity, cryptosuite eddsa-jcs-2022."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from privacy.internal.ledger import keys
from privacy.internal.ledger.keys import PublicKey


def canonical(document: Any) -> bytes:
    """RFC 8785 for what our documents hold: texts, whole numbers, truth values, lists and objects with ASCII names."""
    _refuse_what_has_two_forms(document)
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_what_has_two_forms(value: Any) -> None:
    if isinstance(value, float) or (isinstance(value, int) and not -(2**53) < value < 2**53):
        raise ValueError("A number that every language writes alike is needed: whole, and below 2^53.")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if not (isinstance(name, str) and name.isascii()):
                raise ValueError(f"{name!r} cannot be a name in a signed document: use ASCII.")
            _refuse_what_has_two_forms(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_what_has_two_forms(inner)


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its proof."""
    key = keys.current()  # only named: a receipt is read, and reading writes nothing, not even the list of keys
    options: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": f"{address_of_head()}#{key.public.id}",
        "proofPurpose": "assertionMethod",
    }
    signature = key.sign(_message(document, options))
    return {**document, "proof": {**options, "proofValue": keys.base58(signature)}}


def is_true(document: Mapping[str, Any], trusted: Mapping[str, PublicKey]) -> bool:
    """Whether the document is what a trusted key has signed, to the letter."""
    try:
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        options = {name: value for name, value in document["proof"].items() if name != "proofValue"}
        signature = keys.from_base58(document["proof"]["proofValue"])
        if (options["type"], options["cryptosuite"]) != ("DataIntegrityProof", "eddsa-jcs-2022"):
            return False
        key = trusted[options["verificationMethod"].rpartition("#")[2]]
        return key.verifies(signature, _message(unsigned, options))
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def readable(document: Mapping[str, Any]) -> str:
    """The document as a file for people: the signature is over its content, not over its line breaks."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def address_of_head() -> str:
    """Where the keys are published; the same whatever language somebody reads in."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{settings.BASE_URL}{reverse('privacy:ledger_head')}"


def _message(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    # The suite asks for the document's context among the options when there is one.
    context = {"@context": document["@context"]} if "@context" in document else {}
    return hashlib.sha256(canonical({**context, **options})).digest() + hashlib.sha256(canonical(document)).digest()
