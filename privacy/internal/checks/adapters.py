"""What staff see of people stands on the adapter for staff: masked, and written through the door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from privacy.declaration import Category, Origin, datum, personal_records
from privacy.internal.checks.reader import Reader
from privacy.internal.checks.source import Source, dotted_name, project

# What is written to be read by everybody needs no mask.
_PUBLIC = frozenset({Category.PUBLIC_CONTENT})
_SHOWN = ("list_display", "list_filter", "list_editable", "search_fields")


@register("privacy")
def adapters_are_used(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E009: an admin over a personal record that is not a PersonalAdmin, or one that shows a personal value unmasked."""
    from privacy.staff import PersonalAdmin

    if not apps.is_installed("django.contrib.admin"):
        return
    gated = set(personal_records())
    for model, model_admin in admin.site._registry.items():
        if model in gated and not isinstance(model_admin, PersonalAdmin):
            yield Error(
                f"{type(model_admin).__name__} shows {model._meta.label}, which is personal, and is not a PersonalAdmin.",
                hint="Derive it from privacy.staff.PersonalAdmin.",
                id="privacy.E009",
            )
        else:
            yield from _shows_unmasked(model, model_admin)
        for inline in model_admin.inlines:
            if inline.model in gated and not getattr(inline, "goes_through_the_gate", False):
                yield Error(
                    f"{inline.__name__} shows {inline.model._meta.label}, which is personal, and is not a PersonalInline.",
                    hint="Derive it from privacy.staff.PersonalInline.",
                    id="privacy.E009",
                )


def _shows_unmasked(model: type[models.Model], model_admin: Any) -> Iterator[CheckMessage]:
    for option in _SHOWN:
        for entry in getattr(model_admin, option):
            path = entry[0] if isinstance(entry, tuple | list) else entry
            # A search begins with =, ^ or @, and tells by what it finds.
            field = _field_at(model, path.lstrip("=^@")) if isinstance(path, str) else None
            declared = datum(field)
            if declared and declared.origin is Origin.PERSON and declared.category not in _PUBLIC:
                yield Error(
                    f"{type(model_admin).__name__}.{option} shows {path} of {model._meta.label} unmasked.",
                    hint="A PersonalAdmin has a column masked_<name> for each personal value.",
                    id="privacy.E009",
                )


def _field_at(model: type[models.Model], path: str) -> Any:
    """The field that a look-up path such as "contact__email" ends at, None when it ends at something else."""
    field: Any = None
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if field.is_relation and field.related_model is not None:
            model = field.related_model
    return field


def unmasked_columns(source: Source) -> Iterator[tuple[str, str]]:
    """Every column or export of the staff's pages that gives a personal value out as it stands: where, and which."""
    reader = Reader()
    for module in source.modules:
        if not module.name.endswith("admin"):
            continue
        for kind in module.only(ast.ClassDef):
            for node in ast.walk(kind):
                if isinstance(node, ast.Return) and (found := reader.personal_in(node.value, module)):
                    yield module.place(node), found
        for call in module.calls:
            if dotted_name(call.func).rpartition(".")[2] in ("writerow", "writerows"):
                found = next(filter(None, (reader.personal_in(part, module) for part in call.args)), None)
                if found:
                    yield module.place(call), found


@register("privacy")
def staff_see_masks(source: Source | None = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E027: a column, method or export of the staff's pages that shows a personal value as it stands."""
    for place, what in unmasked_columns(source if isinstance(source, Source) else project()):
        yield Error(
            f"{place}: {what} is shown to staff unmasked.",
            hint="Put it through privacy.masking.masked(); showing it whole is what revealing with a reason is for.",
            id="privacy.E027",
        )
