"""The forms in which staff write goods: a field for each language, and no notation to learn."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.models import Category, ProductImage, Variant
from catalogue.words_field import OptionsField, WordsField, beside_others


class CategoryForm(forms.ModelForm):
    """A shelf with its name in each language."""

    names = WordsField(label=_("Name"), max_length=80)
    descriptions = WordsField(label=_("Description"), rows=3, max_length=1000, required=False)

    class Meta:
        model = Category
        fields = ["names", "slug", "descriptions", "parent", "position"]


class VariantForm(forms.ModelForm):
    """A variant with what tells it from the others, in each language."""

    options = OptionsField(
        label=_("Properties"),
        required=False,
        help_text=_(
            "A line for each property, such as Size: 150 ml. A language that is empty shows the English, and where all are "
            "empty there is nothing to choose."
        ),
    )

    class Meta:
        model = Variant
        fields = ["product", "sku", "options", "barcode", "weight_g", "stock", "position", "active"]

    def clean_options(self) -> dict[str, Any]:
        stored = self.instance.options
        return beside_others(stored, self.cleaned_data["options"]) if "options" in self.changed_data else stored


class ImageForm(forms.ModelForm):
    """A picture with what it shows, for those who cannot see it."""

    # What an import brought may be in another language than English alone.
    alt = WordsField(label=_("What it shows"), max_length=200, required=False, first_needed=False)

    class Meta:
        model = ProductImage
        fields = ["static_path", "alt", "position"]

    def clean_alt(self) -> dict[str, Any]:
        stored = self.instance.alt
        return beside_others(stored, self.cleaned_data["alt"]) if "alt" in self.changed_data else stored
