"""Letters as staff see them: as text, masked until a reason is given."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from privacy.models import RequestMessage
from privacy.staff import PersonalInline


class LetterInline(PersonalInline):
    """What the person wrote, masked; whoever answers it states the case and reads it."""

    model = RequestMessage
    verbose_name_plural = _("letters")
    show_change_link = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("received_at", *super().get_fields(request, obj))
