"""How forms look: each field with its label, the line that says why it is asked, its help and its errors."""

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting


class StoreBoundField(BoundField):
    """A field on a page; a screen reader reads its notice with it."""

    @property
    def why(self) -> str:
        """Why the value is asked and how long it is kept; empty where nothing personal is asked."""
        return getattr(self.field, "why", "")

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        if self.why and self.auto_id and not self.is_hidden:
            return f"{self.auto_id}_why {described or ''}".strip()
        return described


class StoreFormRenderer(TemplatesSetting):
    form_template_name = "elements/form.html"
    field_template_name = "elements/field.html"
    bound_field_class = StoreBoundField
