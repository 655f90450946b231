"""`{% corrections_beside record %}`: the right values that stand beside a record which keeps what was handed over."""

from __future__ import annotations

from django import template
from django.db import models

from privacy import queries

register = template.Library()


@register.inclusion_tag("privacy/_corrections_beside.html")
def corrections_beside(record: models.Model | None) -> dict[str, object]:
    """The list, empty where nothing of the record was corrected since."""
    return {"rows": queries.corrections_beside(record) if record is not None else []}
