"""The data map in fideslang: the store and its recipients as systems, its tables as datasets, and the keys that are ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from django.utils.text import slugify

from privacy.declaration import Category, Purpose
from privacy.internal import policy
from privacy.internal.datamap.entries import Entry, entries, law_of, newest, subjects_of

ORGANISATION = "the_operator"
STORE = "the_store"
# Keys that fideslang 3.1 has not got, with what they mean.
OUR_CATEGORIES = {
    Category.CARD_LAST4: "The last four digits of a card.",
    Category.CARD_BRAND: "The brand of a card.",
    Category.CARD_EXPIRY: "The month in which a card expires.",
    Category.CARD_HOLDER: "The name on a card.",
    Category.INTERESTS: "What a person says they like.",
    Category.SURVEY_RESPONSE: "What a person answers in a survey.",
}
OUR_USES = {
    Purpose.DELIVERY: "Bring the goods that were ordered to the person who ordered them.",
    Purpose.SURVEY_INVITATION: "Invite people by e-mail to surveys, if they permitted it.",
}
_BASES = {
    "consent": "Consent",
    "contract": "Contract",
    "legal_obligation": "Legal obligations",
    "vital_interests": "Vital interests",
    "public_interest": "Public interest",
    "legitimate_interests": "Legitimate interests",
}
_HEAD = "# Made by `manage.py data_map` from the declarations in the models; `make check` fails when it is stale.\n"


def manifest() -> str:
    """The whole of it as YAML. {operator}, {address} and {mailbox} stand for the settings of an installation."""
    stated, found = newest(), entries()
    resources: dict[str, list[dict[str, Any]]] = {
        "organization": [_organisation()],
        "data_category": [_key(key, text) for key, text in sorted(OUR_CATEGORIES.items())],
        "data_use": [_key(key, text) for key, text in sorted(OUR_USES.items())],
        "dataset": list(_datasets(found)),
        "system": [_store(stated, found), *(_recipient(r) for _, r in sorted(stated.recipients.items()))],
    }
    return _HEAD + yaml.safe_dump(resources, sort_keys=False, allow_unicode=True, width=120)


def _organisation() -> dict[str, Any]:
    contact = {"name": "{operator}", "address": "{address}", "email": "{mailbox}"}
    return {
        "fides_key": ORGANISATION,
        "name": "{operator}",
        "controller": dict(contact),
        "data_protection_officer": dict(contact),
    }


def _key(key: str, description: str) -> dict[str, Any]:
    return {
        "fides_key": str(key),
        "parent_key": key.rpartition(".")[0],
        "organization_fides_key": ORGANISATION,
        "name": key.rpartition(".")[2].replace("_", " ").capitalize(),
        "description": description,
    }


def _datasets(found: list[Entry]) -> Iterator[dict[str, Any]]:
    by_app: dict[str, dict[str, list[Entry]]] = {}
    for entry in found:
        by_app.setdefault(entry.model._meta.app_label, {}).setdefault(entry.model._meta.db_table, []).append(entry)
    for app, tables in sorted(by_app.items()):
        yield {
            "fides_key": _dataset_key(app),
            "organization_fides_key": ORGANISATION,
            "name": f"{app} tables",
            "data_subjects": _sorted(s for rows in tables.values() for entry in rows for s in entry.subjects),
            "collections": [_collection(table, rows) for table, rows in sorted(tables.items())],
        }


def _dataset_key(app: str) -> str:
    return f"{STORE}_{app}"


def _collection(table: str, rows: list[Entry]) -> dict[str, Any]:
    keeps = _sorted(entry.declared.keep for entry in rows)
    return {
        "name": table,
        "description": " ".join(_retention(keep) for keep in keeps),
        "data_categories": _sorted(entry.declared.category for entry in rows),
        "data_uses": _sorted(purpose for entry in rows for purpose in entry.declared.purposes),
        "data_subjects": _sorted(subject for entry in rows for subject in entry.subjects),
        "fields": sorted((_field(entry) for entry in rows), key=lambda field: str(field["name"])),
    }


def _field(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.field.column,
        "description": f"{entry.label}, from {entry.made_by}.",
        "data_categories": [str(entry.declared.category)],
        "data_uses": _sorted(entry.declared.purposes),
    }


def _retention(keep: str) -> str:
    law = law_of(keep)
    return newest().words("en").of("retention", keep) + (f" ({law})" if law else "")


def _store(stated: policy.Policy, found: list[Entry]) -> dict[str, Any]:
    received = {r.id: _sorted(c for cs in r.receives.values() for c in cs) for r in stated.recipients.values()}
    return {
        "fides_key": STORE,
        "organization_fides_key": ORGANISATION,
        "name": "The store",
        "description": "The web store with its API, its staff's pages and its privacy desk.",
        "system_type": "Application",
        "responsibility": ["Controller"],
        "legal_name": "{operator}",
        "legal_address": "{address}",
        "dpo": "{mailbox}",
        "uses_profiling": False,
        "uses_cookies": True,
        "dataset_references": _sorted(_dataset_key(entry.model._meta.app_label) for entry in found),
        "ingress": [{"fides_key": "user", "type": "user"}],
        "egress": [
            {"fides_key": recipient_key(key), "type": "system", "data_categories": categories}
            for key, categories in sorted(received.items())
        ],
        "privacy_declarations": sorted(_declarations(stated, found), key=lambda d: str(d["name"])),
    }


def _declarations(stated: policy.Policy, found: list[Entry]) -> Iterator[dict[str, Any]]:
    words = stated.words("en")
    for purpose in sorted({p for entry in found for p in entry.declared.purposes}):
        mine = [entry for entry in found if purpose in entry.declared.purposes]
        held = {entry.declared.category for entry in mine}
        third = {r.id: _sorted(held & r.receives.get(purpose, frozenset())) for r in stated.recipients.values()}
        third = {key: categories for key, categories in third.items() if categories}
        keeps = _sorted(entry.declared.keep for entry in mine)
        yield {
            "name": words.of("purpose", purpose).capitalize(),
            "data_use": str(purpose),
            "data_categories": _sorted(entry.declared.category for entry in mine),
            "data_subjects": _sorted(subject for keep in keeps for subject in subjects_of(keep)),
            "legal_basis_for_processing": _BASES[stated.legal_basis(purpose)],
            "flexible_legal_basis_for_processing": False,
            "retention_period": " ".join(_retention(keep) for keep in keeps),
            "dataset_references": _sorted(_dataset_key(entry.model._meta.app_label) for entry in mine),
            "ingress": ["user"],
            "egress": [recipient_key(key) for key in sorted(third)],
            "data_shared_with_third_parties": bool(third),
            "third_parties": "; ".join(words.of("recipient", key) for key in sorted(third)),
            "shared_categories": _sorted(c for categories in third.values() for c in categories),
        }


def recipient_key(key: str) -> str:
    """The system as which a recipient appears."""
    return f"recipient_{slugify(key).replace('-', '_')}"


def _recipient(recipient: policy.Recipient) -> dict[str, Any]:
    return {
        "fides_key": recipient_key(recipient.id),
        "organization_fides_key": ORGANISATION,
        "name": newest().words("en").of("recipient", recipient.id),
        "description": f"In {recipient.country}; {recipient.kind}.",
        "system_type": "Third Party",
        "responsibility": ["Processor" if recipient.kind == "processor" else "Controller"],
        "ingress": [{"fides_key": STORE, "type": "system"}],
        "privacy_declarations": [],
    }


def _sorted(values: Iterable[str]) -> list[str]:
    return sorted({str(value) for value in values})


def dangling(text: str) -> list[str]:
    """The keys that a manifest uses and neither fideslang nor the manifest itself declares. A wrong shape is an error."""
    from fideslang import parse
    from fideslang.default_taxonomy import DEFAULT_TAXONOMY

    own = parse.load_manifests_into_taxonomy(yaml.safe_load(text))
    known = {
        "data_categories": {c.fides_key for c in [*DEFAULT_TAXONOMY.data_category, *own.data_category]},
        "data_uses": {u.fides_key for u in [*DEFAULT_TAXONOMY.data_use, *own.data_use]},
        "data_subjects": {s.fides_key for s in [*DEFAULT_TAXONOMY.data_subject, *own.data_subject]},
        "dataset_references": {d.fides_key for d in own.dataset},
    }
    systems = {s.fides_key for s in own.system}
    used: list[tuple[str, str]] = []
    for dataset in own.dataset:
        for part in [dataset, *dataset.collections, *(f for c in dataset.collections for f in c.fields)]:
            used += [
                (kind, key)
                for kind in ("data_categories", "data_uses", "data_subjects")
                for key in getattr(part, kind) or ()
            ]
    for system in own.system:
        used += [("dataset_references", key) for key in system.dataset_references]
        used += [("system", flow.fides_key) for flow in [*(system.egress or ()), *(system.ingress or ())]]
        used += [("data_categories", c) for flow in system.egress or () for c in flow.data_categories or ()]
        for declared in system.privacy_declarations:
            used += [("data_categories", key) for key in [*declared.data_categories, *declared.shared_categories]]
            used += [("data_uses", declared.data_use), *(("data_subjects", key) for key in declared.data_subjects)]
            used += [("dataset_references", key) for key in declared.dataset_references or ()]
    known["system"] = systems | {"user"}
    return sorted({f"{kind}: {key}" for kind, key in used if key not in known[kind]})
