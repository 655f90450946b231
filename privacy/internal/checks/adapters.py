"""Whatever faces a person or the staff stands on one of the adapters of the door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.checks import CheckMessage, Error, register

from privacy.declaration import personal_records


@register("privacy")
def adapters_are_used(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E009: an admin over a personal record that is not a PersonalAdmin; its changes would pass no door."""
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
        for inline in model_admin.inlines:
            if inline.model in gated and not getattr(inline, "goes_through_the_gate", False):
                yield Error(
                    f"{inline.__name__} shows {inline.model._meta.label}, which is personal, and is not a PersonalInline.",
                    hint="Derive it from privacy.staff.PersonalInline.",
                    id="privacy.E009",
                )
