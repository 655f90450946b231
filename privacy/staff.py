"""The adapter for staff: personal records in the admin are changed through the gate, and shown masked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from privacy.declaration import Origin, declaration_of, personal_fields
from privacy.gate import collecting
from privacy.masking import masked
from privacy.records import PersonalRecord

if TYPE_CHECKING:
    from privacy.models import Subject


def _mask_column(field: models.Field) -> Any:
    @admin.display(description=field.verbose_name, ordering=field.name)
    def column(_admin: Any, record: PersonalRecord) -> str:
        return masked(getattr(record, field.name), declaration_of(field).category)

    return column


class _MaskedDisplay:
    """`list_display` and `readonly_fields` may name a personal field as `masked_<name>`."""

    model: type[PersonalRecord]

    def _install_columns(self, model: type[PersonalRecord]) -> None:
        for field in personal_fields(model, origin=Origin.PERSON):
            name = f"masked_{field.name}"
            if not hasattr(type(self), name):
                setattr(type(self), name, _mask_column(field))


class PersonalAdmin(_MaskedDisplay, admin.ModelAdmin):
    """A `ModelAdmin` over a personal record: a change is a collection at `staff.admin`, made by the staff member."""

    def __init__(self, model: type[PersonalRecord], admin_site: admin.AdminSite) -> None:
        self._install_columns(model)
        super().__init__(model, admin_site)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A new record about a person begins with that person, not with a form of the staff.
        return False

    def save_model(self, request: HttpRequest, obj: PersonalRecord, form: Any, change: bool) -> None:
        with collecting(
            surface="staff.admin",
            subject=obj.subject,
            fields=_changed_fields(type(obj), form.changed_data),
            source="admin",
            acted_by=staff_subject(request),
        ):
            super().save_model(request, obj, form, change)


class PersonalInline(_MaskedDisplay, admin.StackedInline):
    """Personal records beside what they belong to: shown masked, changed on their own page."""

    goes_through_the_gate = True
    extra = 0
    can_delete = False
    show_change_link = True

    def __init__(self, parent_model: type[models.Model], admin_site: admin.AdminSite) -> None:
        self._install_columns(self.model)
        super().__init__(parent_model, admin_site)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(f"masked_{f.name}" for f in personal_fields(self.model, origin=Origin.PERSON))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _changed_fields(model: type[PersonalRecord], names: Iterable[str]) -> list[models.Field]:
    changed = set(names)
    return [f for f in personal_fields(model, origin=Origin.PERSON) if f.name in changed]


def staff_subject(request: HttpRequest) -> Subject | None:
    """The member of staff who acts, as the ledger names them."""
    return getattr(request.user, "subject", None)
