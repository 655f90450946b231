"""Whether every personal value knows its day, and whether promise, purpose and law go together: E030."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register

from privacy.internal import retention


@register("privacy")
def every_value_knows_its_day(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E030: a personal record without a clock, a clock that leads nowhere, a promise against the law or the purpose."""
    for model, problem, hint in retention.problems():
        yield Error(problem, hint=hint, obj=model, id="privacy.E030")
