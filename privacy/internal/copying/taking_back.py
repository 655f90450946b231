"""A copy is read in again: each value through the gate, to where it stood; what has no place here is named, not forced."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction

from privacy.cards import without_card_numbers
from privacy.declaration import Category, Origin, declaration_of, personal_fields
from privacy.gate import collecting
from privacy.internal import whereabouts
from privacy.internal.copying import contents
from privacy.internal.copying.reading import CopyFile
from privacy.models import Subject
from privacy.records import PersonalRecord

SURFACE = "import.copy"


@dataclass(slots=True)
class TakenBack:
    """What became of the records of a copy: how many of each were stored, stood here already, or were not taken and why."""

    subject: Subject
    stored: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


class _NotTaken(Exception):
    """One record has no place here; the words say why."""


def take_back(file: CopyFile, *, subject: Subject | None = None) -> TakenBack:
    """Store what a copy holds, for `subject`, or else for the person it was made of, or for a new one.

    The person it was made of is known only where this installation signed the copy. From elsewhere come values and no more:
    nothing beside them, nothing that belongs to the store's own books. No permission comes with a copy. The same file twice
    changes nothing. Each record is stored or not by itself; all stand under collections that name the file.
    """
    person = subject or (file.is_ours and Subject.objects.filter(pk=file.person, merged_into=None).first()) or None
    with transaction.atomic():
        taking = _Taking(file, person or Subject.objects.create(kind=Subject.Kind.CUSTOMER))
        taking.run()
    return taking.outcome


class _Taking:
    def __init__(self, file: CopyFile, subject: Subject) -> None:
        self.file, self.subject = file, subject
        self.outcome = TakenBack(subject)
        self.people = set(whereabouts.family(subject))
        # What stood in the copy under a number, and has another one here.
        self.placed: dict[tuple[str, str], models.Model] = {}

    def run(self) -> None:
        waiting = sorted(self.file.records(), key=lambda r: _turn(r["record"]))
        for record in waiting:
            label = record["record"]
            try:
                with transaction.atomic():
                    counted = self.outcome.stored if self._take(record) else self.outcome.known
                counted[label] = counted.get(label, 0) + 1
            except _NotTaken as why:
                self.outcome.refused.append(f"{label} {record['key']}: {why}")
            except ValidationError as error:
                # The names of the fields and not what stood in them.
                names = ", ".join(sorted(getattr(error, "error_dict", {"the record": 0})))
                self.outcome.refused.append(f"{label} {record['key']}: it does not fit what stands here ({names})")
            except IntegrityError:
                self.outcome.refused.append(f"{label} {record['key']}: something like it stands here already")

    def _take(self, record: Mapping[str, Any]) -> bool:
        try:
            model = apps.get_model(record["record"])
        except (LookupError, ValueError):
            raise _NotTaken("this store keeps no such record") from None
        if not personal_fields(model):
            raise _NotTaken("this store keeps nothing about a person there")
        if model is get_user_model():
            return self._take_account(model, record)
        if hasattr(model, "forgets"):
            return self._link_again(model, record)
        if any(f.name == "subject" for f in model._meta.fields) and not issubclass(model, PersonalRecord):
            raise _NotTaken("the store makes it itself")
        return self._store(model, record)

    def _take_account(self, model: type[models.Model], record: Mapping[str, Any]) -> bool:
        """The account: the one that the person has here, or a new one without a password, which they set by themselves."""
        found = model._base_manager.filter(subject__in=self.people).order_by("pk").first()
        if found is None:
            values = self._values(model, record) if self.file.is_ours else {}
            values = {f.attname: values[f.attname] for f in personal_fields(model) if f.attname in values}
            found = model(subject=self.subject, **values)
            found.set_unusable_password()  # type: ignore[attr-defined]  # every account has one
            found.save(force_insert=True)
            self.placed[record["record"], record["key"]] = found
            return True
        self.placed[record["record"], record["key"]] = found
        return False

    def _link_again(self, model: type[models.Model], record: Mapping[str, Any]) -> bool:
        """Rows of the books that outlived the person: the same row is theirs again, when every value of it agrees."""
        if not self.file.is_ours:
            raise _NotTaken("the books of another store are not ours")
        values = {name: value for name, value in self._values(model, record).items() if value is not None}
        row = model._base_manager.filter(**values).first()
        if row is None:
            raise _NotTaken("there is no such row in the books here")
        owner = getattr(row, "subject_id", None)
        self.placed[record["record"], record["key"]] = row
        if owner in self.people:
            return False
        if owner is not None:
            raise _NotTaken("it belongs to somebody else")
        account = get_user_model()._base_manager.filter(subject__in=self.people).first()
        again: dict[str, Any] = {}
        for name in cast(Any, model).forgets:
            related = model._meta.get_field(name).related_model
            again[name] = self.subject if related is Subject else account if related is get_user_model() else None
        model._base_manager.filter(pk=row.pk).update(**again)
        return True

    def _store(self, model: type[models.Model], record: Mapping[str, Any]) -> bool:
        values, links = self._values(model, record), self._links(model, record)
        if not values:
            raise _NotTaken("it holds no value")
        stands = model._base_manager.filter(**values, **links)
        if issubclass(model, PersonalRecord):
            stands = stands.filter(subject__in=self.people)
        if (found := stands.first()) is not None:
            self.placed[record["record"], record["key"]] = found
            return False
        beside = self._beside(model, record) if self.file.is_ours else {}
        fields = [f for f in personal_fields(model, origin=Origin.PERSON) if f.attname in values]
        with collecting(
            surface=SURFACE, subject=self.subject, fields=fields, source=f"copy of {self.file.made_at[:10]}"
        ):
            row = model(**values, **links, **beside)
            if issubclass(model, PersonalRecord):
                row.subject = self.subject  # type: ignore[attr-defined]
            elif model._meta.label == "account.EmailAddress":
                self._as_unconfirmed(row)
            row.full_clean(exclude=["subject", "collection"], validate_constraints=True)
            row.save(force_insert=True)
        # Dates that a row gives itself when it is made are those of the first time.
        stamped = {name: value for name, value in beside.items() if _gives_itself(model, name)}
        if stamped:
            model._base_manager.filter(pk=row.pk).update(**stamped)
        self.placed[record["record"], record["key"]] = row
        return True

    @staticmethod
    def _as_unconfirmed(row: Any) -> None:
        """That an address is theirs the person shows again; nobody may be locked out or let in by a file."""
        row.verified = False
        row.primary = not type(row).objects.filter(user=row.user, primary=True).exists()

    def _values(self, model: type[models.Model], record: Mapping[str, Any]) -> dict[str, Any]:
        given: Mapping[str, Any] = record["values"]
        values: dict[str, Any] = {}
        for each in personal_fields(model):
            if each.name not in given or declaration_of(each).category is Category.PASSWORD:
                continue
            value = given[each.name]
            if isinstance(value, dict) and "file" in value:
                value = self._paper(each, value["file"])
            elif isinstance(value, str) and declaration_of(each).origin is Origin.PERSON:
                value = without_card_numbers(value)
            values[each.attname] = each.to_python(value)
        return values

    def _paper(self, each: models.Field, name: str) -> Any:
        content = self.file.paper(name)
        if isinstance(each, models.FileField):
            return ContentFile(content, name=name.rpartition("/")[2])
        return base64.b64encode(content).decode()

    @staticmethod
    def _beside(model: type[models.Model], record: Mapping[str, Any]) -> dict[str, Any]:
        given: Mapping[str, Any] = record.get("beside", {})
        return {f.attname: f.to_python(given[f.name]) for f in contents.beside_of(model) if f.name in given}

    def _links(self, model: type[models.Model], record: Mapping[str, Any]) -> dict[str, Any]:
        given: Mapping[str, Any] = record.get("links", {})
        found = {}
        for link in contents.links_of(model):
            if link.name in given:
                found[link.name] = self._row_behind(link, given[link.name])
            elif not link.null:
                raise _NotTaken(f"the copy does not say to which {link.name} it belongs")
        return found

    def _row_behind(self, link: models.ForeignKey, given: Mapping[str, Any]) -> models.Model:
        """The row that a record belongs to: taken from this copy, or the very same one that stands here."""
        model: type[models.Model] = link.related_model
        if (placed := self.placed.get((given["record"], given["key"]))) is not None:
            return placed
        if model is get_user_model():
            raise _NotTaken("the person has no account here")
        names = {name: given["known_as"][name] for name in contents.names_of(model) if name in given["known_as"]}
        if not names and isinstance(model._meta.pk, models.UUIDField):
            names = {"pk": given["key"]}
        row = model._base_manager.filter(**names).first() if names else None
        if row is None:
            raise _NotTaken(f"there is no such {model._meta.verbose_name} here")
        owner = getattr(row, "subject_id", None)
        if owner is not None and owner not in self.people:
            raise _NotTaken(f"the {model._meta.verbose_name} it belongs to is somebody else's")
        if not self.file.is_ours and not _is_public(model):
            raise _NotTaken(f"only this store's own copy may name one of its {model._meta.verbose_name_plural}")
        return row


def _is_public(model: type[models.Model]) -> bool:
    """Whether anybody may know of a row, such as goods: it has an address of its own and belongs to no person."""
    return hasattr(model, "slug") and not any(f.name == "subject" for f in model._meta.fields)


def _gives_itself(model: type[models.Model], name: str) -> bool:
    each = model._meta.get_field(name)
    return bool(getattr(each, "auto_now_add", False) or getattr(each, "auto_now", False))


def _turn(label: str) -> tuple[int, str]:
    """Accounts first, then what the books hold, then what belongs to either."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return (9, label)
    if model is get_user_model():
        return (0, label)
    return (1 if hasattr(model, "forgets") else 2 + _depth(model), label)


def _depth(model: type[models.Model]) -> int:
    return max([0, *(1 for link in contents.links_of(model) if _holds(link.related_model))])


def _holds(model: Any) -> bool:
    return bool(personal_fields(model)) and issubclass(model, PersonalRecord)


def lines(outcome: TakenBack) -> Iterator[str]:
    """What a take-back came to, for whoever ran it."""
    for label, count in sorted(outcome.stored.items()):
        yield f"{label}: {count} stored"
    for label, count in sorted(outcome.known.items()):
        yield f"{label}: {count} stood here already"
    yield from outcome.refused
