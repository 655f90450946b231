"""What a copy holds: a walk over the declarations and over every table that names the person, so that nothing is listed by hand."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from privacy.declaration import Category, declaration_of, personal_fields
from privacy.internal import archive, policy, positions, retention, whereabouts
from privacy.models import Subject
from privacy.records import PersonalRecord

AT_A_TIME = 500
# The first signs of a picture or a paper that is kept as text, and the ending of its file.
_KEPT_AS_TEXT = {"/9j/": "jpg", "iVBORw0KGgo": "png", "UklGR": "webp", "JVBERi0": "pdf"}

# Tables of evidence that have a name of their own in the copy; every other one that names the person comes under "other".
SECTIONS: Mapping[str, str] = {
    "privacy.Collection": "collections",
    "privacy.ConsentEvent": "consents",
    "privacy.Preference": "choices",
    "privacy.Disclosure": "disclosures",
    "privacy.Look": "looks",
    "privacy.ArchiveLook": "archive_looks",
    "privacy.RightsRequest": "cases",
    "privacy.Erasure": "erasures",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A picture or a paper out of a value: its name in the copy, and where it stands. It is read when its turn comes."""

    name: str
    column: models.Field
    key: str

    def content(self) -> bytes:
        """The bytes; none when the record went while the copy was being made."""
        value = self.column.model._base_manager.filter(pk=self.key).values_list(self.column.name, flat=True).first()
        if not value:
            return b""
        if isinstance(self.column, models.FileField):
            with self.column.storage.open(value, "rb") as file:
                return file.read()
        return base64.b64decode(value)


@dataclass(slots=True)
class Held:
    """One record about the person: its values, what stands beside them, what it belongs to, and its days."""

    model: type[models.Model]
    key: str
    values: dict[str, Any]
    beside: dict[str, Any]
    links: dict[str, dict[str, Any]]
    collection: str | None
    leaves_at: dt.datetime | None
    kept_until: dt.datetime | None
    papers: list[Paper] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"record": self.model._meta.label, "key": self.key, "values": self.values}
        if self.beside:
            data["beside"] = self.beside
        if self.links:
            data["links"] = self.links
        if self.collection:
            data["collection"] = self.collection
        data["in_use_until"], data["kept_until"] = self.leaves_at, self.kept_until
        return data


def legend() -> dict[str, dict[str, Any]]:
    """What each personal field is, what it serves, how long it stays and because of which law; in the reader's words."""
    in_force = policy.current()
    words = in_force.words()
    described = {}
    for model in apps.get_models():
        for each in personal_fields(model):
            declared = declaration_of(each)
            reason = retention.reasons()[declared.keep]
            promised = in_force.retention[declared.keep]
            described[f"{model._meta.label}.{each.name}"] = {
                "record": str(model._meta.verbose_name),
                "label": str(each.verbose_name),
                "category": {"key": declared.category.value, "words": words.of("category", declared.category)},
                "purposes": [
                    {"key": p.value, "words": words.of("purpose", p), "legal_basis": in_force.legal_basis(p)}
                    for p in declared.purposes
                ],
                "retention": {
                    "key": declared.keep.value,
                    "words": words.of("retention", declared.keep),
                    "period": promised.period,
                    "law": str(reason.law) if reason.law else None,
                },
                "recipients": sorted(
                    recipient.id
                    for recipient in in_force.recipients.values()
                    if any(declared.category in recipient.receives.get(p, ()) for p in declared.purposes)
                ),
                "from": declared.origin.value,
            }
    return described


def recipients() -> dict[str, dict[str, str]]:
    """Who may receive something, in the reader's words."""
    words = policy.current().words()
    return {
        one.id: {"name": words.of("recipient", one.id), "country": one.country}
        for one in policy.current().recipients.values()
    }


def not_led_to() -> list[str]:
    """The models on the data map whose rows name nobody, such as sessions: no key leads from a person to them."""
    led = {model for model, _path in whereabouts.holders()}
    return [m._meta.label for m in apps.get_models() if personal_fields(m) and m not in led]


def records(people: Iterable[UUID]) -> Iterator[Held]:
    """Every record in which values of these people stand, table by table, a few hundred at a time."""
    people = list(people)
    for model, path in whereabouts.holders():
        rows = model._base_manager.filter(**{f"{path}__in": people}).order_by("pk")
        for batch in _batches(rows):
            yield from _described(model, batch)


def _batches(rows: models.QuerySet) -> Iterator[list[models.Model]]:
    """By key and not by cursor: whoever downloads slowly holds no transaction open."""
    last: Any = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:AT_A_TIME]):
        yield batch
        last = batch[-1].pk


def _described(model: type[models.Model], batch: list[models.Model]) -> Iterator[Held]:
    rule = next((rule for rule in retention.rules() if rule.model is model), None)
    days = retention.days_of(rule, [row.pk for row in batch]) if rule else {}
    known_as = {link.name: _names_of(link, batch) for link in links_of(model)}
    declared = [(each, declaration_of(each).category is Category.PASSWORD) for each in personal_fields(model)]
    plain = beside_of(model)
    for row in batch:
        day = days.get(row.pk, retention.Day(None, None))
        held = Held(
            model=model,
            key=str(row.pk),
            values={},
            beside={each.name: getattr(row, each.attname) for each in plain if getattr(row, each.attname) is not None},
            links={
                name: names[getattr(row, f"{name}_id")]
                for name, names in known_as.items()
                if getattr(row, f"{name}_id") in names
            },
            collection=str(collection) if (collection := getattr(row, "collection_id", None)) else None,
            leaves_at=day.leaves_at,
            kept_until=day.dies_at,
        )
        for each, secret in declared:
            value = getattr(row, each.attname)
            if value in _EMPTY:
                continue
            # What lets somebody in is named and not handed out: a copy may be lost.
            held.values[each.name] = None if secret else _said(held, each, value)
        yield held


_EMPTY: tuple[Any, ...] = (None, "", [], {})


def _said(held: Held, each: models.Field, value: Any) -> Any:
    """A value as it stands in the data; a picture or a paper is a file of its own there."""
    if isinstance(each, models.FileField):
        name = f"files/{_file_of(held, each)}-{str(value.name).rpartition('/')[2]}"
    elif isinstance(value, str) and (ending := _ending_of(value)):
        name = f"{'papers' if ending == 'pdf' else 'photographs'}/{_file_of(held, each)}.{ending}"
    else:
        return value
    held.papers.append(Paper(name, each, held.key))
    return {"file": name}


def _file_of(held: Held, each: models.Field) -> str:
    return f"{held.model._meta.model_name}-{held.key}-{each.name}"


def _ending_of(value: str) -> str:
    if len(value) < 64:
        return ""
    return next((ending for begins, ending in _KEPT_AS_TEXT.items() if value.startswith(begins)), "")


def beside_of(model: type[models.Model]) -> list[models.Field]:
    """The plain columns of a record of ours: what it needs to be the same record again. Keys that are drawn stay here."""
    if not issubclass(model, PersonalRecord):
        return []
    return [
        each
        for each in model._meta.concrete_fields
        if not each.primary_key
        and not isinstance(each, models.ForeignKey)
        and each not in personal_fields(model)
        and not (each.has_default() and (each.unique or isinstance(each, models.UUIDField)))
    ]


def links_of(model: type[models.Model]) -> list[models.ForeignKey]:
    """What a record belongs to, without the person and the collection."""
    return [
        each
        for each in model._meta.concrete_fields
        if isinstance(each, models.ForeignKey) and each.name != "collection" and each.related_model is not Subject
    ]


def names_of(model: type[models.Model]) -> list[str]:
    """By what a row is known wherever it stands: its unique columns beside the number that its table gave it."""
    return [each.name for each in model._meta.concrete_fields if each.unique and not each.primary_key]


def _names_of(link: models.ForeignKey, batch: list[models.Model]) -> dict[Any, dict[str, Any]]:
    keys = {key for row in batch if (key := getattr(row, link.attname)) is not None}
    model: type[models.Model] = link.related_model
    names = names_of(model)
    return {
        row["pk"]: {"record": model._meta.label, "key": str(row["pk"]), "known_as": {n: row[n] for n in names}}
        for row in model._base_manager.filter(pk__in=keys).values("pk", *names)
    }


def evidence() -> Iterator[tuple[str, type[models.Model]]]:
    """Every table that names a person and holds no value of theirs, with the section of the copy that it comes in."""
    for model in apps.get_models():
        if personal_fields(model) or not _names_a_person(model):
            continue
        yield SECTIONS.get(model._meta.label, "other"), model


def _names_a_person(model: type[models.Model]) -> bool:
    return any(f.name == "subject" and f.related_model is Subject for f in model._meta.concrete_fields)


def evidence_of(model: type[models.Model], people: Iterable[UUID]) -> Iterator[dict[str, Any]]:
    """What one of those tables says of the person. Of staff it says that it was staff, and not who."""
    plain = [f for f in model._meta.concrete_fields if not isinstance(f, models.ForeignKey)]
    links = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey) and f.name != "subject"]
    others = [f for f in links if f.related_model is Subject]
    kept = [*plain, *(f for f in links if f not in others)]
    rows = model._base_manager.filter(subject__in=list(people)).order_by("pk")
    for row in rows.values_list(*(f.attname for f in [*kept, *others])).iterator(chunk_size=2000):
        data = {each.name: value for each, value in zip(kept, row, strict=False) if value not in (None, "")}
        data |= {f"by_{each.name}": True for each, value in zip(others, row[len(kept) :], strict=True) if value}
        yield data


def kept_apart(people: Iterable[UUID]) -> list[dict[str, Any]]:
    """What only a law keeps: named with its law and its last day. The store itself cannot read the values."""
    words = policy.current().words()
    lines = []
    for apart in archive.index(people):
        model = retention.rule_of(apart.table).model
        columns = [f for f in personal_fields(model) if f.column in apart.columns]
        lines.append(
            {
                "record": model._meta.label,
                "what": [{"field": f.name, "words": words.of("category", declaration_of(f).category)} for f in columns],
                "law": retention.law_named(apart.law),
                "until": apart.until,
            }
        )
    return lines


def is_ours(model: type[models.Model]) -> bool:
    """Whether a record of the model passes the gate by itself."""
    return issubclass(model, PersonalRecord) and positions.is_ours(model)
