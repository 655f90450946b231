"""A picture of a product: an uploaded file, or an illustration that travels with the code."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.languages import in_language
from catalogue.pictures import file_address, static_address


class ProductImage(models.Model):
    """A picture. Uploads are re-encoded without metadata before they come here (`domain.pictures`)."""

    no_personal_data = "Pictures of goods; uploads lose their metadata before they are stored."

    product = models.ForeignKey(
        "catalogue.Product",
        models.CASCADE,
        related_name="images",
        verbose_name=_("product"),
    )
    file = models.FileField(_("file"), upload_to="products/", max_length=200, blank=True)
    static_path = models.CharField(_("illustration"), max_length=200, blank=True)
    alt = models.JSONField(
        _("what it shows"),
        default=dict,
        blank=True,
        help_text=_('By language: {"en": "A green tea tin"}'),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(file="") & ~Q(static_path="")) | (~Q(file="") & Q(static_path="")),
                name="image_is_a_file_or_an_illustration",
            ),
        ]

    def __str__(self) -> str:
        return self.static_path or self.file.name

    @property
    def url(self) -> str:
        """Where a browser gets it."""
        return static_address(self.static_path) if self.static_path else file_address(self.file.name)

    def describe(self, language: str | None = None) -> str:
        """What it shows, in words."""
        return in_language(self.alt, language) or ""
