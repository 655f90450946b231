"""A record about a person, which refuses to be written outside a recorded collection."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property

from privacy.cards import REFUSAL_OF_PARTS, fields_of_one_card_number
from privacy.declaration import (
    NUMBERS_OF_THEIR_OWN,
    Category,
    Clock,
    Origin,
    column_key,
    declaration_of,
    personal_fields,
)
from privacy.errors import NotCollected
from privacy.internal import door


class PersonalQuerySet(models.QuerySet):
    """The bulk ways in, under the same rule as `save()`."""

    def _gated(self, names: set[str] | None = None) -> list[models.Field]:
        fields = personal_fields(self.model, origin=Origin.PERSON)
        return [f for f in fields if names is None or f.name in names or f.attname in names]

    def update(self, **values: Any) -> int:
        written = [f for f in self._gated(set(values)) if values.get(f.name, values.get(f.attname)) not in (None, "")]
        if written:
            collection = door.require(self.model, written, subject_id=None)
            values.setdefault("collection", collection)
        return super().update(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        for record in objs:
            record.take_cover()
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs: Any, fields: Any, *args: Any, **kwargs: Any) -> int:
        objs, fields = list(objs), list(fields)
        if self._gated(set(fields)):
            for record in objs:
                record.take_cover(set(fields))
            fields = [*fields, "collection"] if "collection" not in fields else fields
        return super().bulk_update(objs, fields, *args, **kwargs)


class PersonalRecord(models.Model):
    """Abstract. Whom it is about, and the collection under which its values came in.

    The subject may be left out on creation: it is then the subject of the collection that is open. `keep_from` says from
    when the period of its retention counts; while that moment is not known, the clock stands still. `purpose_from` says
    from when the store's own purpose does, where that is another event.
    """

    # Columns that are nothing about the person, each with the reason; every other one is declared with personal().
    not_personal: ClassVar[Mapping[str, str]] = {}
    # Why no correction reaches its values; empty where one does.
    not_corrected: ClassVar[str] = ""
    # The address by its name where the person changes the record without asking anybody; empty where there is none.
    own_page: ClassVar[str] = ""
    # Whether the staff's pages refuse to make a file of these records, also for those who may take out others.
    never_taken_out: ClassVar[bool] = False
    # The column that holds a file in base 64; no page shows it, and who may take it downloads it. Empty where there is none.
    holds_file: ClassVar[str] = ""
    keep_from: ClassVar[Clock | None] = None
    purpose_from: ClassVar[Clock | None] = None

    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="+", editable=False)
    collection = models.ForeignKey("privacy.Collection", models.PROTECT, related_name="+", editable=False)

    objects = PersonalQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        update_fields = kwargs.get("update_fields")
        before = self.collection_id
        self.take_cover(None if update_fields is None else set(update_fields))
        if update_fields is not None and self.collection_id != before:
            kwargs["update_fields"] = {*update_fields, "collection"}
        super().save(*args, **kwargs)
        self.as_it_was = dict(self._as_read)
        self._as_read = {f.attname: self.__dict__.get(f.attname) for f in self._meta.concrete_fields}

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        record = super().from_db(db, field_names, values, **kwargs)
        # What stood there when it was read: a save that changes no personal value needs no door.
        record._as_read = dict(zip(field_names, values, strict=False))
        return record

    @cached_property
    def _as_read(self) -> dict[str, Any]:
        return {}

    @cached_property
    def as_it_was(self) -> Mapping[str, Any]:
        """The columns as they stood before the last save of this object; empty before the first."""
        return {}

    def _changed(self, names: set[str] | None) -> list[models.Field]:
        changed = []
        for field in personal_fields(type(self), origin=Origin.PERSON):
            if names is not None and field.name not in names and field.attname not in names:
                continue
            value = self.__dict__.get(field.attname)
            if value in (None, ""):
                continue
            if self._state.adding or self._as_read.get(field.attname) != value:
                changed.append(field)
        return changed

    def take_cover(self, names: set[str] | None = None) -> None:
        """Put this record under the open collection, or refuse when what it writes is not covered."""
        if self._state.adding and self.subject_id is None:
            self.subject_id = door.current_subject_id(type(self))
        changed = self._changed(names)
        if changed:
            self.collection = door.require(type(self), changed, subject_id=self.subject_id)
        elif self.collection_id is None:
            # A row without a single value yet: it still says under which collection it was made.
            self.collection = door.require(type(self), [], subject_id=self.subject_id)

    def is_history(self) -> bool:
        """Whether the record stands as it was handed over, so that it is not rewritten and a correction goes beside it."""
        return False

    def clean(self) -> None:
        super().clean()
        for field in personal_fields(type(self), origin=Origin.PERSON):
            value = self.__dict__.get(field.attname)
            if isinstance(value, str) and "\x00" in value:
                raise ValidationError({field.name: "A character in it cannot be stored; please type it again."})
        texts = [
            (field.name, self.__dict__.get(field.attname))
            for field in personal_fields(type(self), origin=Origin.PERSON)
            if declaration_of(field).category not in (*NUMBERS_OF_THEIR_OWN, Category.SELF_IMAGE)
        ]
        if fields_of_one_card_number(texts):
            raise ValidationError(REFUSAL_OF_PARTS, code="card_number")


__all__ = ["NotCollected", "PersonalQuerySet", "PersonalRecord", "column_key"]
