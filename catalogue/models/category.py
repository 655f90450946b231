"""A shelf of the store, on at most two levels."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.languages import in_language


class Category(models.Model):
    """A shelf; what stands on a shelf below it counts as standing on it too."""

    no_personal_data = "Names and descriptions of shelves, written by the store."

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("shelf above"),
    )
    names = models.JSONField(
        _("names"),
        default=dict,
        help_text=_('By language: {"en": "Food", "ko": "식품"}'),
    )
    descriptions = models.JSONField(_("descriptions"), default=dict, blank=True)
    position = models.PositiveIntegerField(_("position"), default=1000)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name()

    def name(self, language: str | None = None) -> str:
        """The name in a language, else in English, else in any."""
        return str(in_language(self.names, language) or self.slug)

    def description(self, language: str | None = None) -> str:
        """The description in a language, else in English, else in any."""
        return str(in_language(self.descriptions, language) or "")
