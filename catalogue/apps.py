"""What is sold: products, their texts, variants, prices and stock, and what customers say of them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "catalogue"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from catalogue.domain import reviews

        reviews.listen()
